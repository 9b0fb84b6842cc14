// The stage: one tile per participant and one per shared screen, kept and reused.

import { byId, fromTemplate, setAttribute, setHidden, setText } from './dom.js';
import { QUALITY_WORDS } from './figures.js';
import { arrange } from './layout.js';
import { createSizes } from './sizes.js';
import { createStill } from './still.js';
import { CONNECTION_WORDS, initials, screenTitle, SIGNALING_LOST, tint } from './wording.js';

const keyOf = (participantId, kind) => `${kind} ${participantId}`;

export function createStage() {
  const stage = byId('stage');
  const alone = byId('alone');
  const hear = byId('hear');
  const sizes = createSizes();
  const tiles = new Map(); // key → {element, video, …}, in the order of the snapshot
  let meeting = null;
  let observer = null;
  let shape = ''; // what the layout depends on
  let pinned = ''; // key of the tile that a person has put in front
  let followsSpeaker = false;
  let speaker = ''; // of the others, who spoke last

  const follow = byId('follow-speaker');
  follow.addEventListener('click', () => {
    followsSpeaker = !followsSpeaker;
    setAttribute(follow, 'aria-pressed', followsSpeaker);
    place();
  });
  hear.addEventListener('click', () => {
    setHidden(hear, true);
    for (const tile of tiles.values()) play(tile);
  });

  function enter(newMeeting) {
    meeting = newMeeting;
    sizes.enter(meeting);
    observer = new ResizeObserver(() => place());
    observer.observe(stage);
  }

  function render({ participants, activeSpeaker }) {
    const wanted = participants.flatMap((participant) => [
      ...(participant.hasScreen ? [{ participant, kind: 'screen' }] : []),
      { participant, kind: 'camera' },
    ]);
    const before = new Map(tiles);
    tiles.clear();
    for (const { participant, kind } of wanted) {
      const key = keyOf(participant.id, kind);
      const tile = before.get(key) ?? addTile(participant, kind);
      before.delete(key);
      tiles.set(key, tile);
      renderTile(tile, participant);
      const speaks = kind === 'camera' && participant.id === activeSpeaker;
      setAttribute(tile.element, 'data-speaking', speaks ? '' : null);
    }
    for (const tile of before.values()) removeTile(tile);
    if (!tiles.has(pinned)) pinned = '';
    followVoice(participants, activeSpeaker);
    setHidden(alone, wanted.length !== 1 || !participants[0].isSelf);
    const newShape = `${[...tiles.keys()].join('|')} ${alone.hidden} ${speaker}`;
    if (newShape !== shape) {
      shape = newShape;
      place();
    }
  }

  /** Whoever spoke last stays in front; before anybody has, the first of the others. */
  function followVoice(participants, activeSpeaker) {
    const others = participants.filter(({ isSelf }) => !isSelf).map(({ id }) => id);
    if (others.includes(activeSpeaker)) speaker = activeSpeaker;
    else if (!others.includes(speaker)) speaker = others[0] ?? '';
  }

  function addTile({ id, isSelf }, kind) {
    const element = fromTemplate('tile-template');
    const find = (selector) => element.querySelector(selector);
    const tile = {
      id, kind, element,
      video: find('video'),
      avatar: find('.avatar'),
      overlay: find('.tile-overlay'),
      words: find('.tile-overlay p'),
      retry: find('.tile-overlay button'),
      pin: find('.tile-pin'),
      label: find('.tile-label bdi'),
    };
    element.dataset.participant = id;
    if (isSelf) element.dataset.self = '';
    if (kind === 'screen') element.dataset.screen = '';
    tile.video.muted = isSelf;
    tile.keepStill = createStill(tile.video);
    tile.retry.addEventListener('click', () => meeting.reconnect(id));
    tile.pin.addEventListener('click', () => pin(keyOf(id, kind)));
    stage.append(element);
    if (!isSelf) sizes.watch(element, id, kind);
    return tile;
  }

  function pin(key) {
    pinned = pinned === key ? '' : key;
    for (const [each, tile] of tiles) setAttribute(tile.pin, 'aria-pressed', each === pinned);
    place();
  }

  function removeTile(tile) {
    sizes.forget(tile.element);
    tile.video.srcObject = null;
    tile.element.remove();
  }

  function renderTile(tile, participant) {
    const { element } = tile;
    const { name, muted, videoOff, sharing, connection, isSelf } = participant;
    const isScreen = tile.kind === 'screen';
    setAttribute(element, 'data-name', name);
    setAttribute(element, 'data-muted', muted);
    setAttribute(element, 'data-video-off', isScreen ? false : videoOff);
    setAttribute(element, 'data-sharing', sharing);
    setAttribute(element, 'data-connection', connection);
    setAttribute(element, 'data-quality', participant.quality);
    setAttribute(element, 'aria-label', describe(participant, isScreen));
    setText(tile.label, labelOf(participant, isScreen));
    setAttribute(tile.pin, 'aria-label', `Pin ${isScreen ? screenTitle(participant) : name}`);
    if (!isScreen) {
      setText(tile.avatar, initials(name));
      setAttribute(tile.avatar, 'data-tint', tint(name));
    }
    attach(tile, participant);
    const hasStream = Boolean(tile.video.srcObject);
    setAttribute(element, 'data-blank', !hasStream || (!isSelf && isStarting(connection)));
    renderOverlay(tile, participant, isScreen && !hasStream);
  }

  function renderOverlay(tile, { isSelf, name, connection, error }, isWaiting) {
    const failed = connection === 'failed';
    let words = isSelf ? '' : CONNECTION_WORDS[connection];
    if (!words && isWaiting) words = 'Screen is loading…';
    if (!isSelf && failed) words = error?.detail || `No connection to ${name}.`;
    setHidden(tile.overlay, !words);
    setText(tile.words, words);
    setHidden(tile.retry, isSelf || !failed);
    setAttribute(tile.retry, 'aria-description', `Connect to ${name} again`);
  }

  function attach(tile, { isSelf, connection }) {
    const { video } = tile;
    const stream = meeting.streamOf(tile.id, tile.kind);
    tile.keepStill(!isSelf && (connection === 'reconnecting' || connection === 'failed'));
    if (video.srcObject === stream) return;
    video.srcObject = stream;
    play(tile);
  }

  function play({ video }) {
    if (!video.srcObject) return;
    video.play().catch(({ name }) => {
      // Any other name means that a newer stream or a removal overtook this call.
      if (name === 'NotAllowedError') setHidden(hear, false);
    });
  }

  /** A track that came or went may leave the stream the same object and the video paused. */
  function refresh({ participantId, kind }) {
    const tile = tiles.get(keyOf(participantId, kind));
    if (tile?.video.paused) play(tile);
  }

  function place() {
    const width = stage.clientWidth;
    const height = stage.clientHeight;
    if (width === 0 || height === 0) return;
    const inFront = chooseFront();
    const front = inFront.map(({ element }) => element);
    const rest = [...tiles.values()].filter((tile) => !inFront.includes(tile))
      .map(({ element }) => element);
    if (!alone.hidden) rest.push(alone);
    const places = arrange({ screens: front.length, cameras: rest.length, width, height });
    front.forEach((element, index) => put(element, places.screens[index]));
    rest.forEach((element, index) => put(element, places.cameras[index]));
  }

  /** What a person has pinned, or shared screens, or the speaker where that is wanted. */
  function chooseFront() {
    const all = [...tiles.values()];
    if (pinned) return [tiles.get(pinned)];
    const screens = all.filter(({ kind }) => kind === 'screen');
    if (screens.length > 0 || !followsSpeaker) return screens;
    return all.filter(({ id }) => id === speaker);
  }

  function put(element, { x, y, width, height }) {
    const { style } = element;
    style.setProperty('transform', `translate(${x}px, ${y}px)`);
    style.setProperty('width', `${width}px`);
    style.setProperty('height', `${height}px`);
  }

  function exit() {
    observer?.disconnect();
    observer = null;
    for (const tile of tiles.values()) removeTile(tile);
    tiles.clear();
    sizes.exit();
    shape = pinned = speaker = '';
    setHidden(hear, true);
  }

  return { enter, render, refresh, exit };
}

const isStarting = (connection) => connection === 'new' || connection === 'connecting';

function labelOf(participant, isScreen) {
  if (isScreen) return screenTitle(participant);
  if (participant.isSelf) return 'You';
  return participant.signalingLost ? `${participant.name} · ${SIGNALING_LOST}` : participant.name;
}

function describe(participant, isScreen) {
  if (isScreen) return screenTitle(participant);
  const {
    name, isSelf, muted, videoOff, sharing, connection, quality, signalingLost,
  } = participant;
  return [
    isSelf ? `${name} (you)` : name,
    muted ? 'muted' : '',
    videoOff ? 'video off' : '',
    sharing ? 'sharing the screen' : '',
    isSelf ? '' : CONNECTION_WORDS[connection] || QUALITY_WORDS[quality],
    signalingLost ? SIGNALING_LOST : '',
  ].filter(Boolean).join(', ');
}
