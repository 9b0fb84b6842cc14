// The buttons around the stage and the keys that press them.

import { inviteLink, rememberShortcuts, shortcutsWanted } from './address.js';
import { createDeviceLists, renderToggles, toggleSlot } from './devices.js';
import { byId, setAttribute, setHidden, setIcon } from './dom.js';
import { showNote } from './notices.js';

const NO_SCREEN = 'This browser can’t share a screen';
const KEYS = {
  m: '[data-control="microphone"]',
  v: '[data-control="camera"]',
  s: '[data-control="screen"]',
  c: '#toggle-chat',
  p: '#toggle-participants',
  f: '#full-screen',
};

/** `onLeave()` ends the meeting, `onEscape()` closes what is open. */
export function createControls({ canShareScreen, onLeave, onEscape }) {
  const root = byId('call');
  const settings = byId('settings', HTMLDialogElement);
  const shortcuts = byId('shortcuts', HTMLInputElement);
  const fullScreen = byId('full-screen');
  const share = root.querySelector('[data-control="screen"]');
  const lists = createDeviceLists(settings);
  let meeting = null;
  let stopper = null;

  for (const button of root.querySelectorAll('[data-control]')) {
    button.addEventListener('click', () => press(button));
  }
  byId('leave').addEventListener('click', onLeave);
  byId('reconnect').addEventListener('click', () => {
    const { participants } = meeting.snapshot;
    const isWell = participants.every(({ connection }) => connection === 'connected');
    meeting.reconnect();
    showNote(isWell
      ? 'Everybody is connected.'
      : 'Connecting again to those who aren’t connected.');
  });
  byId('invite').addEventListener('click', copyLink);
  byId('alone-copy').addEventListener('click', copyLink);
  byId('open-settings').addEventListener('click', () => {
    lists.start(meeting);
    settings.showModal();
  });
  settings.addEventListener('close', lists.stop);
  shortcuts.checked = shortcutsWanted();
  shortcuts.addEventListener('change', () => rememberShortcuts(shortcuts.checked));
  fullScreen.addEventListener('click', () => {
    const done = document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen();
    done.catch(() => showNote('This browser doesn’t allow full screen here.'));
  });
  setHidden(fullScreen, !document.fullscreenEnabled);
  if (!canShareScreen) {
    setAttribute(share, 'aria-disabled', 'true');
    setAttribute(share, 'aria-description', NO_SCREEN);
    setAttribute(share, 'data-tip', NO_SCREEN);
  }

  function enter(newMeeting) {
    meeting = newMeeting;
    stopper = new AbortController();
    const { signal } = stopper;
    document.addEventListener('keydown', pressKey, { signal });
    document.addEventListener('fullscreenchange', renderFullScreen, { signal });
    renderFullScreen();
  }

  function render(snapshot) {
    renderToggles(root, snapshot.self, { withKeys: true });
    if (settings.open) lists.render(snapshot);
  }

  function press(button) {
    if (button === share && !canShareScreen) showNote(`${NO_SCREEN}.`);
    else toggleSlot(meeting, button.dataset.control);
  }

  function pressKey(event) {
    if (event.defaultPrevented || settings.open) return;
    if (event.key === 'Escape') {
      onEscape();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (!shortcuts.checked || isTyping(event.target)) return;
    const selector = KEYS[event.key.toLowerCase()];
    const button = selector && root.querySelector(selector);
    if (!button || button.hidden) return;
    event.preventDefault();
    button.click();
  }

  function renderFullScreen() {
    const isFull = Boolean(document.fullscreenElement);
    const name = isFull ? 'Exit full screen' : 'Full screen';
    setAttribute(fullScreen, 'aria-label', name);
    setAttribute(fullScreen, 'data-tip', `${name} (f)`);
    setIcon(fullScreen.querySelector('svg'), isFull ? 'shrink' : 'expand');
  }

  /** The clipboard may be forbidden; the link can be read, then. */
  async function copyLink() {
    const link = inviteLink(location.href, meeting.snapshot.room);
    try {
      await navigator.clipboard.writeText(link);
      showNote('Link copied. Send it to whom you want to meet.');
    } catch {
      showNote(`Copy this link: ${link}`);
    }
  }

  function exit() {
    stopper?.abort();
    stopper = null;
    if (settings.open) settings.close();
    lists.stop();
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  }

  return { enter, render, exit };
}

const isTyping = (target) => target instanceof Element
  && Boolean(target.closest('input, textarea, select, [contenteditable]'));
