// The meeting in view: stage, panels, controls and notices, and what is said when things change.

import { inviteLink } from './address.js';
import { createChat, renderUnread } from './chat.js';
import { createControls } from './controls.js';
import { problemOf } from './devices.js';
import { byId, setText } from './dom.js';
import { announce, createBanners, dropToasts, showError, showNote } from './notices.js';
import { createPanels, createParticipantsList } from './panels.js';
import { createStatistics } from './statistics.js';
import { createStage } from './tiles.js';
import { adviceFor } from './wording.js';

const SLOTS = ['microphone', 'camera', 'screen'];

export function createCall({ canShareScreen, onLeave }) {
  const root = byId('call');
  const stage = createStage();
  const list = createParticipantsList();
  const banners = createBanners();
  const panels = createPanels({
    onOpen: (name) => {
      if (name === 'chat') chat.opened();
      if (name === 'statistics') statistics.render(meeting.snapshot);
    },
  });
  const statistics = createStatistics({ isOpen: () => panels.isOpen('statistics') });
  const chat = createChat({
    isOpen: () => panels.isOpen('chat'),
    onUnread: (count) => {
      renderUnread(byId('toggle-chat'), count);
      renderTitle(count);
    },
  });
  const controls = createControls({ canShareScreen, onLeave, onEscape: panels.close });
  const parts = [stage, controls, chat, list, statistics, banners];
  let meeting = null;
  let before = null;  // the snapshot rendered last

  function enter(newMeeting) {
    meeting = newMeeting;
    before = null;
    const { room } = meeting.snapshot;
    setText(byId('call-title').querySelector('bdi'), room);
    setText(byId('alone-link'), inviteLink(location.href, room));
    for (const part of [stage, controls, chat, statistics]) part.enter(meeting);
    announce(`You joined ${room}.`);
  }

  function render(snapshot) {
    for (const part of parts) part.render(snapshot);
    if (before) tellChanges(snapshot);
    // Who skips the lobby has been told of no device yet.
    else for (const device of SLOTS) tellSlot(device, snapshot.self);
    before = snapshot;
  }

  function tellChanges(snapshot) {
    const old = new Map(before.participants.map((participant) => [participant.id, participant]));
    for (const participant of snapshot.participants) {
      const { id, name, isSelf, hasScreen, connection } = participant;
      const was = old.get(id);
      old.delete(id);
      if (isSelf) continue;
      if (!was) announce(`${name} joined.`);
      if (hasScreen && !was?.hasScreen) announce(`${name} shares the screen.`);
      if (!hasScreen && was?.hasScreen) announce(`${name} stopped sharing.`);
      if (was && was.connection !== connection) tellConnection(participant, was);
    }
    for (const { id, name, isSelf } of old.values()) {
      dropToasts(id);
      if (!isSelf) announce(`${name} left.`);
    }
    if (before.connection === 'reconnecting' && snapshot.connection === 'joined') {
      announce('Back in the meeting.');
    }
    for (const device of SLOTS) tellSlot(device, snapshot.self);
  }

  function tellConnection({ id, name, connection }, was) {
    if (connection === 'connected') {
      dropToasts(id);
      if (was.connection === 'reconnecting') announce(`${name} is connected again.`);
    }
    if (connection === 'reconnecting') announce(`Reconnecting to ${name}.`);
    if (connection === 'failed') announce(`No connection to ${name}.`);
  }

  function tellSlot(device, self) {
    const about = `device:${device}`;
    const slot = self[device];
    const failedBefore = Boolean(before?.self[device].error);
    if (!slot.error) {
      if (failedBefore) dropToasts(about);
      return;
    }
    if (failedBefore) return;
    const problem = problemOf(self, device);
    if (problem) showError({ key: about, about, title: problem.title, text: problem.advice });
    else showNote('Your screen isn’t shared.');
  }

  /** A MeetingError: what happened, to whom, what to do. */
  function tellError({ code, message, participantId = '' }) {
    const who = meeting.snapshot.participants.find(({ id }) => id === participantId);
    showError({
      key: `${code} ${participantId}`,
      about: participantId,
      title: who && !who.isSelf ? `Trouble with ${who.name}` : 'Something went wrong',
      text: message,
      advice: adviceFor(code),
    });
  }

  function renderTitle(unread) {
    if (!meeting) return;
    document.title = `${unread ? `(${unread}) ` : ''}${meeting.snapshot.room} · dvMeet`;
  }

  function exit() {
    for (const part of [...parts.filter((other) => other !== banners), panels]) part.exit();
    banners.clear();
    dropToasts();
    meeting = null;
    document.title = 'dvMeet';
  }

  const focus = () => byId('call-title').focus({ preventScroll: true });

  return { root, enter, render, tellError, refresh: stage.refresh, exit, focus };
}
