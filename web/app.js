// The page: makes the meeting, shows the place it is at (lobby, call, left) and nothing else.

import {
  forgetAutojoin, readAddress, rememberName, rememberRoom, rememberedName, suggestRoom,
} from './address.js';
import { createCall } from './call.js';
import { byId, make, setAttribute, setHidden, setText } from './dom.js';
import { createLobby } from './lobby.js';
import { offerTrace } from './trace.js';
import { adviceFor } from './wording.js';

const PACKAGE = './dvmeet-core/dist/standalone.js';

const address = readAddress(location);
const wishes = {
  room: address.room || suggestRoom(),
  name: address.name || rememberedName(),
  audio: address.audio,
  video: address.video,
  server: address.foreignHost,
};
let createMeeting = null;
let meeting = null;
let opening = null; // the promise of the next lobby, while it is on its way
let unsubscribe = [];
let views = {};
let place = '';
let ending = ''; // why the call ended, where nobody here has left it

const left = {
  root: byId('left'),
  enter: () => {
    setText(byId('left-title'), ending ? 'The call has ended here' : 'You left');
    setText(byId('left-room'), wishes.room);
    setText(byId('left-error'), ending);
    ending = '';
    forgetAutojoin();
  },
  render: ({ connection }) => {
    setAttribute(byId('rejoin'), 'aria-disabled', connection === 'joining' ? 'true' : null);
  },
  exit: () => {},
  focus: () => byId('left-title').focus({ preventScroll: true }),
};

/** The place follows from the snapshot; before joining and after leaving, the page stays put. */
function render() {
  const { snapshot } = meeting;
  if (snapshot.connection === 'joined') show('call');
  if (snapshot.connection === 'left' && place === 'call') show('left');
  views[place]?.render(snapshot);
}

function show(next) {
  if (place === next) return;
  if (place) views[place].exit();
  place = next;
  for (const [name, { root }] of Object.entries(views)) setHidden(root, name !== next);
  setHidden(byId('notice'), true);
  views[next].enter(meeting, wishes);
  views[next].focus();
}

/** One at a time, however often it is asked for. */
function openLobby() {
  opening ??= replaceMeeting().finally(() => { opening = null; });
  return opening;
}

/** The former meeting ends first: it may be on its way back in, with its devices on. */
async function replaceMeeting() {
  for (const stop of unsubscribe) stop();
  await meeting?.leave();
  const { room, name, audio, video } = wishes;
  const { signaling, maxParticipants, uplinkKbps, adapt } = address;
  meeting = await createMeeting({
    room, name, signaling, maxParticipants, quality: { uplinkKbps, adapt },
    media: { audio, video },
  });
  window.meeting = meeting;
  unsubscribe = [
    meeting.on('change', render),
    meeting.on('track', async (track) => {
      await null; // the snapshot may be about to change
      render(); // a preview has no change of the snapshot to go by
      if (place === 'call') views.call.refresh(track);
    }),
    meeting.on('error', tellError),
  ];
  show('lobby');
  views.lobby.attach(meeting);
  render();
}

function tellError(error) {
  if (error.code === 'core_crashed') tellCrash();
  else if (error.code === 'displaced' && place === 'call') ending = error.message;
  // What is wrong with a device stands at the device, in the snapshot.
  else if (place === 'call' && !error.code.startsWith('media_')) views.call.tellError(error);
}

/** Resolves to an empty text, or to what went wrong. */
async function join({ room, name }) {
  Object.assign(wishes, { room, name: name || 'Guest' });
  if (name) rememberName(name);
  rememberRoom(room);
  try {
    await opening; // a lobby that is in front before its meeting
    await meeting.join({ room, name: wishes.name });
    return '';
  } catch (error) {
    return [error.message, adviceFor(error.code)].filter(Boolean).join(' ');
  }
}

async function leave() {
  const { self } = meeting.snapshot;
  Object.assign(wishes, { audio: self.microphone.wanted, video: self.camera.wanted });
  try {
    await meeting.leave();
  } finally {
    if (place === 'call') show('left');
  }
}

async function rejoin() {
  if (opening || meeting.snapshot.connection === 'joining') return;
  setText(byId('left-error'), '');
  setText(byId('left-error'), await join(wishes));
}

function tellProblem(title, text, list = []) {
  setText(byId('notice-title'), title);
  setText(byId('notice-text'), text);
  byId('notice-list').replaceChildren(...list.map((item) => make('li', '', item)));
  setHidden(byId('notice-list'), list.length === 0);
  setHidden(byId('notice-reload'), false);
  byId('notice-title').focus();
}

function tellUnsupported(missing) {
  const text = window.isSecureContext
    ? 'Update it, or use a current Chrome, Edge, Firefox or Safari. Missing here:'
    : 'Browsers give camera and microphone to secure pages only: '
      + 'open it over https or on localhost. Missing here:';
  const title = window.isSecureContext
    ? 'This browser can’t hold a meeting'
    : 'This page isn’t secure';
  tellProblem(title, text, missing);
}

async function start() {
  byId('notice-reload').addEventListener('click', () => location.reload());
  const core = await import(PACKAGE);
  ({ createMeeting } = core);
  const support = core.checkSupport();
  if (!support.ok) {
    tellUnsupported(support.missing);
    return;
  }
  const { canShareScreen } = support;
  views = {
    lobby: createLobby({ onJoin: join }),
    call: createCall({ canShareScreen, onLeave: leave }),
    left,
  };
  offerTrace(() => ({ meeting, room: wishes.room }));
  byId('rejoin').addEventListener('click', rejoin);
  byId('back').addEventListener('click', () => openLobby().catch(tellStartFailed));
  show('lobby');
  await openLobby();
  if (address.autojoin) views.lobby.join();
}

function showNotice() {
  if (place) views[place].exit();
  for (const { root } of Object.values(views)) setHidden(root, true);
  place = '';
  setHidden(byId('notice'), false);
}

function tellCrash() {
  showNotice();
  setHidden(byId('notice-trace'), false);
  tellProblem('The meeting broke',
    'It was ended, and camera and microphone are off. Load the page again to go on.');
}

function tellStartFailed(error) {
  showNotice();
  tellProblem('The page couldn’t start', error.message || 'Load it again in a moment.');
}

start().catch(tellStartFailed);
