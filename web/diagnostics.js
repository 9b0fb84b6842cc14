// The diagnostics page: runs the package's checks and shows each as soon as it is done.

import { readAddress } from './address.js';
import { byId, make, setAttribute, setHidden, setText } from './dom.js';

const PACKAGE = './dvmeet-core/dist/diagnose.js';

const TITLES = {
  support: 'Browser',
  camera: 'Camera',
  microphone: 'Microphone',
  signaling: 'Signaling server',
  stun: 'Public address (STUN)',
  'turn-udp': 'Relay over UDP (TURN)',
  'turn-tcp': 'Relay over TCP (TURN)',
  'turn-tls': 'Relay over TLS (TURN)',
  relayed: 'Relayed connection',
};
const VERDICTS = { pass: 'Good', warn: 'Hint', fail: 'Failed', skip: 'Skipped' };
const SUMMARIES = {
  pass: 'Everything works.',
  warn: 'Calls work, with the hints below.',
  fail: 'Something doesn’t work: see below what to do.',
};

const address = readAddress(location);
const start = byId('start');
const copy = byId('copy');
let isRunning = false;
let text = '';

function show({ name, verdict, detail, advice }) {
  const row = make('li', 'check-row');
  row.dataset.check = name;
  row.dataset.verdict = verdict;
  row.append(
    make('span', 'check-verdict', VERDICTS[verdict]), make('h2', '', TITLES[name] ?? name),
    make('p', '', detail), ...(advice ? [make('p', 'advice', advice)] : []));
  byId('checks').append(row);
}

function setRunning(running) {
  isRunning = running;
  setAttribute(start, 'aria-disabled', running ? 'true' : null);
  setHidden(copy, running || !text);
  setHidden(byId('report'), running || !text);
}

async function run() {
  if (isRunning) return;
  text = '';
  setRunning(true);
  byId('checks').replaceChildren();
  setText(byId('summary'), 'Checking…');
  try {
    const { diagnose } = await import(PACKAGE);
    const diagnosis = await diagnose({ signaling: address.signaling, onCheck: show });
    ({ text } = diagnosis);
    setText(byId('report-text'), text);
    setText(byId('summary'), SUMMARIES[diagnosis.verdict]);
  } catch (error) {
    setText(byId('summary'), `The checks broke: ${error.message}`);
  }
  setText(start, 'Check again');
  setRunning(false);
}

async function copyReport() {
  try {
    await navigator.clipboard.writeText(text);
    setText(copy, 'Copied');
  } catch {
    byId('report', HTMLDetailsElement).open = true;
    getSelection().selectAllChildren(byId('report-text'));
    setText(copy, 'Copy what is selected');
  }
}

setHidden(byId('server'), !address.foreignHost);
setText(byId('server').querySelector('bdi'), address.foreignHost);
byId('back', HTMLAnchorElement).search = location.search;
start.addEventListener('click', run);
copy.addEventListener('click', copyReport);
