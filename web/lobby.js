// The lobby: see and hear oneself, name oneself, choose devices, join.

import { announce } from './notices.js';
import {
  createDeviceLists, createLevelMeter, isOn, problemOf, renderToggles, toggleSlot,
} from './devices.js';
import { byId, make, setAttribute, setHidden, setText } from './dom.js';
import { initials, tint } from './wording.js';

/** `onJoin({room, name})` is called when the form is sent and resolves to '' or what went wrong. */
export function createLobby({ onJoin }) {
  const root = byId('lobby');
  const form = byId('join-form');
  const nameField = byId('join-name', HTMLInputElement);
  const roomField = byId('join-room', HTMLInputElement);
  const video = byId('preview-video', HTMLVideoElement);
  const lists = createDeviceLists(root);
  const meter = createLevelMeter(byId('level'));
  let meeting = null;
  let problems = '';

  /** @type {NodeListOf<HTMLElement>} */
  const buttons = root.querySelectorAll('[data-control]');
  for (const button of buttons) {
    button.addEventListener('click', () => meeting && toggleSlot(meeting, button.dataset.control));
  }
  root.addEventListener('pointerdown', meter.resume);
  root.addEventListener('keydown', meter.resume);
  nameField.addEventListener('input', renderAvatar);
  roomField.addEventListener('input', () => roomField.setCustomValidity(''));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    join();
  });

  /** The meeting may still be on its way; attach() follows. */
  function enter(_, { room, name, server }) {
    setHidden(byId('join-server'), !server);
    setText(byId('join-server').querySelector('bdi'), server);
    roomField.value = room;
    nameField.value = name;
    setText(byId('join-error'), '');
    byId('to-diagnostics', HTMLAnchorElement).search = location.search;
    setText(byId('preview-words'), 'Starting…');
    setTogglesReady(false);
    renderAvatar();
  }

  function attach(newMeeting) {
    meeting = newMeeting;
    setTogglesReady(true);
    lists.start(meeting);
  }

  function setTogglesReady(isReady) {
    for (const button of buttons) setAttribute(button, 'aria-disabled', isReady ? null : 'true');
  }

  async function join() {
    const room = roomField.value.trim();
    if (!room) {
      roomField.setCustomValidity('Give the room a name.');
      roomField.reportValidity();
      return;
    }
    if (form.getAttribute('aria-busy') === 'true') return;
    setBusy(true);
    setText(byId('join-error'), '');
    const problem = await onJoin({ room, name: nameField.value.trim() });
    setBusy(false);
    setText(byId('join-error'), problem);
  }

  /** The button stays focusable, so that a keyboard finds it where it was. */
  function setBusy(busy) {
    setAttribute(form, 'aria-busy', busy);
    setAttribute(byId('join'), 'aria-disabled', busy ? 'true' : null);
  }

  function render(snapshot) {
    const { self } = snapshot;
    renderToggles(root, self);
    lists.render(snapshot);
    const stream = meeting.streamOf(self.id, 'camera');
    if (video.srcObject !== stream) video.srcObject = stream;
    if (stream && video.paused) video.play().catch(() => {}); // autoplay starts it otherwise
    setAttribute(byId('preview'), 'data-state', isOn(self.camera) ? self.camera.state : 'off');
    setText(byId('preview-words'), previewWords(self.camera));
    meter.setTrack(isOn(self.microphone) ? stream?.getAudioTracks()[0] ?? null : null);
    renderProblems(self);
  }

  function previewWords(camera) {
    if (camera.state === 'failed') return problemOf(meeting.snapshot.self, 'camera')?.title ?? '';
    if (!isOn(camera)) return 'Camera is off';
    return camera.state === 'on' ? '' : 'Camera is starting…';
  }

  function renderProblems(self) {
    const found = ['camera', 'microphone']
      .map((device) => problemOf(self, device))
      .filter(Boolean);
    const key = found.map(({ title }) => title).join();
    if (key === problems) return;
    problems = key;
    byId('lobby-problems').replaceChildren(...found.map(({ title, advice }) => {
      const box = make('div', 'problem');
      box.append(make('strong', '', title), make('p', '', advice));
      return box;
    }), ...(found.length ? [make('p', 'hint', 'You can join without it.')] : []));
  }

  function renderAvatar() {
    const avatar = byId('preview-avatar');
    const name = nameField.value.trim() || 'Guest';
    setText(avatar, initials(name));
    setAttribute(avatar, 'data-tint', tint(name));
  }

  function exit() {
    lists.stop();
    meter.stop();
    video.srcObject = null;
    meeting = null;
  }

  function focus() {
    const target = nameField.value ? byId('join') : nameField;
    target.focus({ preventScroll: true });
    announce('Lobby. Check camera and microphone, then join.');
  }

  setHidden(byId('level').parentElement, !globalThis.AudioContext);
  return { root, enter, attach, render, exit, focus, join };
}
