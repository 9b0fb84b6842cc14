// Microphone, camera and screen as the page offers them: toggles, lists of devices, level meter.

import { make, setAttribute, setIcon } from './dom.js';
import { deviceProblem } from './wording.js';

const CONTROLS = {
  microphone: {
    set: 'setMicrophone', key: 'm',
    on: { name: 'Mute', icon: 'mic' },
    off: { name: 'Unmute', icon: 'mic-off' },
  },
  camera: {
    set: 'setCamera', key: 'v',
    on: { name: 'Stop video', icon: 'camera' },
    off: { name: 'Start video', icon: 'camera-off' },
  },
  screen: {
    set: 'setScreen', key: 's',
    on: { name: 'Stop sharing', icon: 'screen-off' },
    off: { name: 'Share screen', icon: 'screen' },
  },
};
const KINDS = { microphone: 'audioinput', camera: 'videoinput' };
const METER_INTERVAL_MS = 60;
const METER_GAIN = 4; // speech is some 0.05 to 0.25 of full scale

/** The devices chosen on this page, by deviceId; empty leaves it to the browser. */
export const chosen = { microphone: '', camera: '' };

export const isOn = (slot) => Boolean(slot.wanted) && slot.state !== 'failed';

/** Turns a device or the screen over; one that failed is asked for again. */
export function toggleSlot(meeting, device) {
  const turnOn = !isOn(meeting.snapshot.self[device]);
  meeting[CONTROLS[device].set](turnOn ? chosen[device] || true : false);
}

/** A cancelled screen picker is no problem to tell, a camera that may not be used is one. */
export function problemOf(self, device) {
  const { error } = self[device];
  if (!error) return null;
  if (device === 'screen' && error.name === 'NotAllowedError') return null;
  return deviceProblem(device, error);
}

/** Name, icon and state of the buttons with data-control below `root`. */
export function renderToggles(root, self, { withKeys = false } = {}) {
  for (const button of root.querySelectorAll('[data-control]')) {
    const device = button.dataset.control;
    const { key, on, off } = CONTROLS[device];
    const look = isOn(self[device]) ? on : off;
    const problem = problemOf(self, device);
    const why = problem ? `${problem.title}. ${problem.advice}` : null;
    setAttribute(button, 'aria-label', look.name);
    setAttribute(button, 'data-on', isOn(self[device]));
    setAttribute(button, 'data-problem', problem ? '' : null);
    if (!button.hasAttribute('aria-disabled')) {
      setAttribute(button, 'aria-description', why);
      setAttribute(button, 'data-tip', withKeys ? `${look.name} (${key})` : look.name);
    }
    setIcon(button.querySelector('svg'), look.icon);
  }
}

/**
 * Keeps the device lists below `root` true: what is plugged in, and which one is in use.
 * Labels are known only once a device was allowed, so a slot that comes on is a reason to look.
 */
export function createDeviceLists(root) {
  const selects = [...root.querySelectorAll('select')];
  const { mediaDevices } = navigator;
  let meeting = null;
  let stopper = null;
  let states = '';

  for (const select of selects) {
    select.addEventListener('change', () => {
      const { device } = select.dataset;
      chosen[device] = select.value;
      if (meeting.snapshot.self[device].wanted) {
        meeting[CONTROLS[device].set](select.value || true);
      }
    });
  }

  function start(newMeeting) {
    stop();
    meeting = newMeeting;
    stopper = new AbortController();
    mediaDevices?.addEventListener('devicechange', list, { signal: stopper.signal });
    list();
  }

  function stop() {
    stopper?.abort();
    stopper = null;
  }

  function render({ self }) {
    const now = `${self.microphone.state} ${self.camera.state}`;
    if (now === states) return;
    states = now;
    list();
  }

  async function list() {
    const mine = stopper;
    const found = await mediaDevices?.enumerateDevices().catch(() => []) ?? [];
    if (!mine || mine.signal.aborted) return;
    for (const select of selects) fill(select, found);
  }

  function fill(select, found) {
    const { device } = select.dataset;
    const devices = found.filter(({ kind }) => kind === KINDS[device]);
    const options = devices.map(({ deviceId, label }, index) => {
      const option = make('option', '', label || `${device} ${index + 1}`);
      option.value = deviceId;
      return option;
    });
    if (options.length === 0) options.push(make('option', '', `No ${device} found`));
    const before = [...select.options].map(({ value, text }) => value + text).join();
    if (before !== options.map(({ value, text }) => value + text).join()) {
      select.replaceChildren(...options);
    }
    select.disabled = devices.length === 0;
    if (!devices.some(({ deviceId }) => deviceId === chosen[device])) chosen[device] = '';
    const current = chosen[device] || deviceInUse(device);
    if (devices.some(({ deviceId }) => deviceId === current)) select.value = current;
  }

  function deviceInUse(device) {
    const stream = meeting.streamOf(meeting.snapshot.self.id, 'camera');
    const tracks = device === 'camera' ? stream?.getVideoTracks() : stream?.getAudioTracks();
    return tracks?.[0]?.getSettings().deviceId ?? '';
  }

  return { start, stop, render };
}

/** Shows how loud an audio track is on `element`, for as long as one is set. */
export function createLevelMeter(element) {
  let context = null;
  let source = null;
  let track = null;
  let frame = 0;

  function setTrack(newTrack) {
    if (newTrack === track) return;
    stop();
    track = newTrack;
    if (!track || !globalThis.AudioContext) return;
    context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    source = context.createMediaStreamSource(new MediaStream([track]));
    source.connect(analyser);
    measure(analyser);
  }

  function measure(analyser) {
    const samples = new Float32Array(analyser.fftSize);
    let last = 0;
    const step = (now) => {
      frame = requestAnimationFrame(step);
      if (now - last < METER_INTERVAL_MS) return;
      last = now;
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      show(Math.min(1, Math.sqrt(power) * METER_GAIN));
    };
    frame = requestAnimationFrame(step);
  }

  function show(level) {
    element.style.setProperty('--level', level.toFixed(2));
    setAttribute(element, 'aria-valuenow', Math.round(level * 10) * 10);
  }

  /** Browsers may hold audio back until somebody has touched the page. */
  const resume = () => context?.state === 'suspended' && context.resume();

  function stop() {
    cancelAnimationFrame(frame);
    source?.disconnect();
    context?.close();
    context = null;
    source = null;
    track = null;
    show(0);
  }

  return { setTrack, resume, stop };
}
