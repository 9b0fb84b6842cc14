// The chat panel: the log of snapshot.chat, the form that sends, the count of unread messages.

import { announce } from './notices.js';
import { byId, make, setAttribute, setHidden, setText } from './dom.js';
import { clockTime } from './wording.js';

// Marks that turn the direction of what follows could show another address than the link's.
const LINK = /https?:\/\/[^\s<>"\u202a-\u202e\u2066-\u2069]+/giu;
const TRAILING = /[.,;:!?'’)\]}]+$/u; // belongs to the sentence, not to the link in it
const NEAR_END_PX = 48;
const MAX_COUNT = 99;
const STATE_WORDS = { sending: 'Sending…', failed: 'Not sent.' };

/** `isOpen()` tells whether the panel is in view; `onUnread(count)` is called when it changes. */
export function createChat({ isOpen, onUnread }) {
  const log = byId('chat-log');
  const form = byId('chat-form');
  const field = byId('chat-text', HTMLTextAreaElement);
  const items = new Map();   // a message's key → {item, state}
  let meeting = null;
  let chat = null;
  let unread = 0;

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });

  function enter(newMeeting) {
    meeting = newMeeting;
    chat = null;
    setUnread(0);
  }

  function send() {
    const text = field.value.trim();
    if (!text) return;
    meeting.sendChat(text);
    field.value = '';
    scrollToEnd();
  }

  function render(snapshot) {
    if (snapshot.chat === chat) return;
    chat = snapshot.chat;
    const wasAtEnd = isAtEnd();
    const keys = new Set(chat.map(keyOf));
    for (const [key, { item }] of items) {
      if (keys.has(key)) continue;
      item.remove();
      items.delete(key);
    }
    let fresh = 0;
    let hasOwn = false;
    chat.forEach((message, index) => {
      const key = keyOf(message);
      if (!items.has(key)) {
        items.set(key, makeItem(message));
        if (message.own) hasOwn = true;
        else if (!message.earlier && !isOpen()) {
          fresh += 1;
          announce(`${message.sender}: ${message.text}`);
        }
      }
      const entry = items.get(key);
      place(entry.item, index);
      setAttribute(entry.item, 'data-same-sender', String(isOfSame(message, chat[index - 1])));
      renderState(entry, message);
    });
    setHidden(byId('chat-empty'), chat.length > 0);
    setHidden(log, chat.length === 0);
    if (fresh) setUnread(unread + fresh);
    if (wasAtEnd || hasOwn) scrollToEnd();
  }

  /** One that is sent again goes behind what came meanwhile; all others stay where they are. */
  function place(item, index) {
    if (log.children[index] !== item) log.insertBefore(item, log.children[index] ?? null);
  }

  function makeItem(message) {
    const item = make('li', 'message');
    item.dataset.own = String(message.own);
    const head = make('p', 'message-head');
    const sender = make('bdi', 'message-sender', message.own ? 'You' : message.sender);
    head.append(sender, ' ', make('time', '', clockTime(message.time)));
    const text = make('p', 'message-text');
    text.dir = 'auto';
    text.append(...linked(message.text));
    item.append(head, text);
    return { item, state: '' };
  }

  function renderState(entry, { id, state }) {
    if (entry.state === state) return;
    entry.state = state;
    setAttribute(entry.item, 'data-state', state);
    entry.item.querySelector('.message-state')?.remove();
    if (!STATE_WORDS[state]) return;
    const line = make('p', 'message-state', `${STATE_WORDS[state]} `);
    if (state === 'failed') {
      const retry = make('button', 'link-button', 'Retry');
      retry.type = 'button';
      retry.addEventListener('click', () => {
        field.focus(); // the button goes away
        meeting.retryChat(id);
      });
      line.append(retry);
    }
    entry.item.append(line);
  }

  const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;

  function scrollToEnd() {
    log.scrollTop = log.scrollHeight;
  }

  function setUnread(count) {
    unread = count;
    onUnread(count);
  }

  function opened() {
    setUnread(0);
    scrollToEnd();
    field.focus({ preventScroll: true });
  }

  function exit() {
    items.clear();
    log.replaceChildren();
    field.value = '';
  }

  return { enter, render, opened, exit };
}

/** Ids are their authors' choice: only with the rest of it does one stand for a message. */
const keyOf = ({ fromId, sender, id, text }) => JSON.stringify([fromId, sender, id, text]);

const isOfSame = (message, previous) =>
  previous?.fromId === message.fromId && previous.own === message.own
  && previous.sender === message.sender;

/** The mark on the Chat button; the button's own name stays as it is. */
export function renderUnread(button, count) {
  const badge = button.querySelector('.badge');
  setHidden(badge, count === 0);
  setText(badge, count > MAX_COUNT ? `${MAX_COUNT}+` : String(count));
  const words = count === 1 ? '1 unread message' : `${count} unread messages`;
  setAttribute(button, 'aria-description', count ? words : null);
}

/** The text as nodes, its web addresses as links. */
function linked(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = match[0].replace(TRAILING, '');
    if (!isAddress(address)) continue;
    nodes.push(text.slice(end, match.index));
    const link = make('a', '', address);
    link.href = address;
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
    nodes.push(link);
    end = match.index + address.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

/** One with a user in it reads like another host's: https://bank.example@evil.example. */
function isAddress(text) {
  try {
    const { username, password } = new URL(text);
    return !username && !password;
  } catch {
    return false;
  }
}
