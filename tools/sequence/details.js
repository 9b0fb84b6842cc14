// What one step was: its event, its actions as recorded and as computed, the state after it.

import { formatTime, short } from './steps.js';

function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/**
 * A value as indented text; a text of several lines, such as a description, stands as such.
 * @returns {string}
 */
export function pretty(value, indent = '') {
  const deeper = `${indent}  `;
  if (typeof value === 'string' && value.includes('\n')) {
    return value.trimEnd().split(/\r?\n/u).map((line) => `\n${indent}${line}`).join('');
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    const isPlain = value.every((each) => typeof each !== 'object');
    if (isPlain) return JSON.stringify(value);
    return value.map((each) => `\n${indent}- ${pretty(each, deeper).trimStart()}`).join('');
  }
  const members = Object.entries(value);
  if (members.length === 0) return '{}';
  return members.map(([key, each]) => {
    const text = pretty(each, deeper);
    return `\n${indent}${key}:${text.startsWith('\n') ? '' : ' '}${text}`;
  }).join('');
}

/** Its type as a heading, what it carries below. */
function card({ type = '?', name, ...rest }, className = '') {
  const box = make('div', `card ${className}`);
  box.append(make('h4', '', short(name === undefined ? type : `${type} ${name}`)));
  const text = pretty(rest).replace(/^\n/u, '');
  if (text !== '{}') box.append(make('pre', '', text));
  return box;
}

function section(title, ...content) {
  const part = make('section');
  part.append(make('h3', '', title), ...content);
  return part;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function actionSections({ actions, computed }) {
  const none = () => make('p', 'soft', 'none');
  const cards = (list, others = list) => (list.length === 0 ? [none()] : list.map((action, at) =>
    card(action, same(action, others[at]) ? '' : 'differs')));
  if (!computed) return [section(`Actions (${actions.length})`, ...cards(actions))];
  return [
    section(`Recorded actions (${actions.length})`, ...cards(actions, computed)),
    section(`Computed actions (${computed.length})`, ...cards(computed, actions)),
  ];
}

function participantRow(view, links) {
  const row = make('tr');
  const state = make('span', 'state', view.isSelf ? 'you' : view.connection);
  if (!view.isSelf) state.dataset.state = view.connection;
  const cell = make('td');
  cell.append(state);
  const words = [
    view.muted ? 'muted' : '', view.videoOff ? 'video off' : '', view.sharing ? 'sharing' : '',
    view.signalingLost ? 'lost the server' : '', view.error?.code ?? '', links,
  ].filter(Boolean).join(', ');
  row.append(make('td', 'name', short(view.name || view.id, 60)), cell, make('td', 'soft', words));
  return row;
}

/** Whom a participant says not to receive, by name. */
function lacking(id, { links, participants }) {
  const names = [...links].filter(([ends, receives]) => !receives && ends.startsWith(`${id} `))
    .map(([ends]) => participants.get(ends.slice(id.length + 1))?.name ?? '');
  return names.length > 0 ? `doesn’t receive ${names.join(', ')}` : '';
}

function stateSection(state) {
  const facts = make('p', 'soft', short([
    state.room && `Room ${state.room}`, `meeting ${state.connection}`,
    ...['microphone', 'camera', 'screen'].map((slot) =>
      state.self && `${slot} ${state.self[slot].state}`),
    `${state.chat} messages`,
  ].filter(Boolean).join(' · '), 300));
  const table = make('table');
  for (const [id, view] of state.participants) {
    table.append(participantRow(view, lacking(id, state)));
  }
  const whole = make('details');
  whole.append(make('summary', '', 'Whole snapshot'));
  whole.addEventListener('toggle', () => {
    if (whole.querySelector('pre')) return;
    const { participants, links, ...rest } = state;
    whole.append(make('pre', '', pretty({
      ...rest, participants: [...participants.values()],
      links: [...links].map(([ends, receives]) => `${ends} ${receives ? 'receives' : 'lacks'}`),
    }).replace(/^\n/u, '')));
  });
  return section('State after it', facts, table, whole);
}

/**
 * @param {HTMLElement} root
 * @param {ReturnType<typeof import('./steps.js').readTrace>} trace
 */
export function createDetails(root, trace) {
  const title = root.querySelector('h2');
  const body = root.querySelector('[data-body]');
  const start = trace.steps[0]?.time ?? 0;

  return {
    show(step) {
      const { event, computed, time } = trace.steps[step];
      const number = (trace.head.dropped || 0) + step + 1;
      title.textContent = `Step ${number} at ${formatTime(time - start)}`;
      const trouble = computed
        ? [make('p', 'trouble', 'Recorded and computed actions differ.')] : [];
      body.replaceChildren(
        ...trouble,
        section('Event', card(event)),
        ...actionSections(trace.steps[step]),
        trace.recomputed ? stateSection(trace.stateAt(step))
          : section('State after it', make('p', 'soft', 'not recomputed')),
      );
      body.scrollTop = 0;
    },
  };
}
