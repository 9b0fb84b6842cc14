// The side panels: one open at a time, and the list of participants.

import { byId, fromTemplate, setAttribute, setHidden, setText } from './dom.js';
import { CONNECTION_WORDS, initials, tint } from './wording.js';

/** `onOpen(name)` is called when 'chat', 'participants' or 'statistics' comes into view. */
export function createPanels({ onOpen }) {
  const call = byId('call');
  const panels = {
    chat: { panel: byId('chat-panel'), button: byId('toggle-chat') },
    participants: { panel: byId('participants-panel'), button: byId('toggle-participants') },
    statistics: { panel: byId('statistics-panel'), button: byId('toggle-statistics') },
  };
  let open = '';

  for (const [name, { panel, button }] of Object.entries(panels)) {
    button.addEventListener('click', () => toggle(name));
    panel.querySelector('[data-close-panel]').addEventListener('click', close);
  }

  function show(name) {
    open = name;
    setAttribute(call, 'data-panel', name || null);
    for (const [key, { panel, button }] of Object.entries(panels)) {
      setHidden(panel, key !== name);
      setAttribute(button, 'aria-expanded', key === name);
    }
  }

  function toggle(name) {
    if (open === name) {
      close();
      return;
    }
    show(name);
    panels[name].panel.querySelector('h2').focus({ preventScroll: true });
    onOpen(name);
  }

  /** Gives the focus back to the button that opened the panel. */
  function close() {
    const button = panels[open]?.button;
    show('');
    button?.focus({ preventScroll: true });
  }

  return { toggle, close, isOpen: (name) => open === name, exit: () => show('') };
}

export function createParticipantsList() {
  const list = byId('participants-list');
  const badge = byId('toggle-participants').querySelector('.badge');
  const rows = new Map();

  function render({ participants, links }) {
    const ids = new Set(participants.map(({ id }) => id));
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      row.remove();
      rows.delete(id);
    }
    participants.forEach((participant, index) => {
      const row = rows.get(participant.id) ?? addRow(participant.id);
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
      renderRow(row, participant, lacking(participant, participants, links));
    });
    setHidden(badge, participants.length < 2);
    setText(badge, String(participants.length));
    setText(byId('participants-title'), `In this room (${participants.length})`);
    setAttribute(byId('toggle-participants'), 'aria-description', `${participants.length} here`);
  }

  function addRow(id) {
    const row = fromTemplate('participant-template');
    rows.set(id, row);
    return row;
  }

  function renderRow(row, participant, names) {
    const { name, isSelf, muted, videoOff, sharing, connection, error } = participant;
    const avatar = row.querySelector('.avatar');
    setText(avatar, initials(name));
    setAttribute(avatar, 'data-tint', tint(name));
    setText(row.querySelector('bdi'), name);
    setText(row.querySelector('.row-you'), isSelf ? ' (you)' : '');
    setAttribute(row, 'data-muted', muted);
    setAttribute(row, 'data-video-off', videoOff);
    setAttribute(row, 'data-sharing', sharing);
    setText(row.querySelector('.row-words'), [
      muted ? 'Microphone off' : 'Microphone on',
      videoOff ? 'video off' : 'video on',
      sharing ? 'sharing the screen' : '',
    ].filter(Boolean).join(', '));
    const state = isSelf ? '' : CONNECTION_WORDS[connection];
    const lines = [
      connection === 'failed' && !isSelf && error?.detail ? error.detail : state,
      names.length ? `Doesn’t receive ${names.join(', ')}` : '',
    ].filter(Boolean);
    setText(row.querySelector('.row-state'), lines.join(' · '));
    setAttribute(row, 'data-state', isSelf ? 'connected' : connection);
  }

  function exit() {
    rows.clear();
    list.replaceChildren();
  }

  return { render, exit };
}

/** Whom a participant doesn't receive, by name; what isn't connected to us is told already. */
function lacking({ id }, participants, links) {
  return links
    .filter(({ receiver, receives }) => receiver === id && !receives)
    .map(({ sender }) => participants.find((other) => other.id === sender))
    .filter(Boolean)
    .map(({ isSelf, name }) => (isSelf ? 'you' : name));
}
