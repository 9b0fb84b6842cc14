// What is told beside the meeting: spoken announcements, toasts and the banner rows.

import { byId, fromTemplate, make, makeIcon, setText } from './dom.js';
import { adviceFor } from './wording.js';

const MAX_ANNOUNCEMENTS = 5; // older ones have been read out long ago
const MAX_TOASTS = 4;        // the oldest makes room

/** Says a sentence to screen readers when they are done with what they are saying. */
export function announce(sentence) {
  const announcer = byId('announcer');
  announcer.append(make('p', '', sentence));
  while (announcer.childElementCount > MAX_ANNOUNCEMENTS) announcer.firstElementChild.remove();
}

/**
 * Shows an error until it is dismissed; another one with the same key replaces it.
 * `about` names what it concerns ('device:camera', a participant's id), for dropToasts.
 */
export function showError({ key, about = '', title, text, advice = '' }) {
  const toast = makeToast('toast toast-error', key, about);
  toast.setAttribute('role', 'alert');
  const words = make('div', 'toast-words');
  words.append(make('strong', '', title));
  for (const line of [text, advice]) if (line) words.append(make('p', '', line));
  const dismiss = make('button', 'control control-small');
  dismiss.type = 'button';
  dismiss.setAttribute('aria-label', `Dismiss: ${title}`);
  dismiss.append(makeIcon('close'));
  dismiss.addEventListener('click', () => toast.remove());
  toast.append(makeIcon('warning'), words, dismiss);
  place(toast);
}

/** Shows and says a sentence that needs no answer; its CSS animation ends it, not a timer. */
export function showNote(sentence) {
  const toast = makeToast('toast toast-note', 'note', '');
  toast.append(make('p', 'toast-words', sentence));
  toast.addEventListener('animationend', () => toast.remove());
  place(toast);
  announce(sentence);
}

const toastsShown = () => /** @type {HTMLElement[]} */ ([...byId('toasts').children]);

/** Takes away what is no longer so; without an argument, all toasts. */
export function dropToasts(about = null) {
  for (const toast of toastsShown()) {
    if (about === null || toast.dataset.about === about) toast.remove();
  }
}

function makeToast(className, key, about) {
  const toast = make('div', className);
  Object.assign(toast.dataset, { key, about });
  return toast;
}

function place(toast) {
  const toasts = byId('toasts');
  for (const other of toastsShown()) {
    if (other.dataset.key === toast.dataset.key) other.remove();
  }
  toasts.append(toast);
  while (toasts.childElementCount > MAX_TOASTS) toasts.firstElementChild.remove();
}

/** The banner rows of a call: the meeting's own connection, then snapshot.warnings. */
export function createBanners() {
  const region = byId('banners');
  const rows = new Map();
  const dismissed = new Set(); // keys of warnings; one that ends and comes back is shown again

  function render({ connection, warnings, participants }) {
    const wanted = new Map();
    if (connection === 'reconnecting') {
      wanted.set('connection', 'Reconnecting to the meeting…');
    }
    for (const { code, detail, participantId } of warnings) {
      const who = participants.find(({ id, isSelf }) => id === participantId && !isSelf);
      // What to do about somebody's connection stands on the tile.
      const own = [detail, adviceFor(code)].filter(Boolean).join(' ');
      wanted.set(`${code} ${participantId}`, who ? `${who.name}: ${detail}` : own);
    }
    for (const key of dismissed) if (!wanted.has(key)) dismissed.delete(key);
    for (const [key, row] of rows) {
      if (wanted.has(key) && !dismissed.has(key)) continue;
      row.remove();
      rows.delete(key);
    }
    for (const [key, text] of wanted) {
      if (dismissed.has(key)) continue;
      if (!rows.has(key)) addRow(key);
      setText(rows.get(key).querySelector('p'), text);
    }
  }

  function addRow(key) {
    const row = fromTemplate('banner-template');
    if (key === 'connection') {
      row.className = 'banner banner-connection';
      row.querySelector('.icon').replaceWith(make('span', 'spinner'));
      row.querySelector('button').remove();
    } else {
      row.querySelector('button').addEventListener('click', () => {
        dismissed.add(key);
        rows.delete(key);
        row.remove();
      });
    }
    rows.set(key, row);
    region.append(row);
  }

  function clear() {
    rows.clear();
    dismissed.clear();
    region.replaceChildren();
  }

  return { render, clear };
}
