// The statistics panel: figures, small plots and the path of each of the others.

import { byId, fromTemplate, make, setAttribute, setHidden, setText } from './dom.js';
import {
  budgetWords, candidateWords, flowTitle, flowWords, milliseconds, pathWords, percent,
  QUALITY_WORDS, rate,
} from './figures.js';

/** How a plot is named and read, and the least value that fills it. */
const PLOTS = {
  receivedBps: { write: rate, least: 100_000 },
  sentBps: { write: rate, least: 100_000 },
  lossPermille: { write: percent, least: 50 },
  roundTripUs: { write: milliseconds, least: 100_000 },
};
const WIDTH = 120;
const HEIGHT = 32;
/** With fewer points a plot is not filled yet. */
const LEAST_POINTS = 20;
const SLOTS = ['microphone', 'camera', 'screen'];

/** The latest value stands at the right edge. @param {(number | null)[]} values */
function lineOf(values, least) {
  const top = Math.max(least, ...values.map((value) => value ?? 0));
  const step = WIDTH / (Math.max(LEAST_POINTS, values.length) - 1);
  return values
    .map((value, index) => {
      const x = WIDTH - (values.length - 1 - index) * step;
      const y = HEIGHT - 1 - ((value ?? 0) / top) * (HEIGHT - 2);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}

/** Figures are sampled while the call is in view; `isOpen()` tells whether the panel is. */
export function createStatistics({ isOpen }) {
  const list = byId('statistics-list');
  const empty = byId('statistics-empty');
  const upload = byId('statistics-budget');
  const cards = new Map();
  let meeting = null;
  let stop = () => {};

  function enter(newMeeting) {
    meeting = newMeeting;
    const watch = () => meeting.watchStats(!document.hidden);
    const unsubscribe = meeting.on('stats', ({ participantId }) => {
      const card = cards.get(participantId);
      if (!card || !isOpen()) return;
      renderFigures(card, participantId);
      renderBudget(meeting.snapshot);
    });
    document.addEventListener('visibilitychange', watch);
    stop = () => {
      unsubscribe();
      document.removeEventListener('visibilitychange', watch);
    };
    watch();
  }

  function render(snapshot) {
    if (!isOpen()) return;
    const { participants } = snapshot;
    const others = participants.filter(({ isSelf }) => !isSelf);
    const ids = new Set(others.map(({ id }) => id));
    for (const [id, card] of cards) {
      if (ids.has(id)) continue;
      card.remove();
      cards.delete(id);
    }
    others.forEach((participant, index) => {
      const card = cards.get(participant.id) ?? addCard(participant.id);
      if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
      renderCard(card, participant);
    });
    empty.hidden = others.length > 0;
    renderBudget(snapshot);
  }

  function renderBudget({ budget }) {
    const rates = [...cards.keys()].map((id) => meeting.stats(id)?.history.at(-1)?.sentBps ?? 0);
    const words = budgetWords(budget, rates.reduce((sum, each) => sum + each, 0));
    setHidden(upload, !words);
    setText(upload, words);
  }

  function addCard(id) {
    const card = fromTemplate('statistics-template');
    cards.set(id, card);
    renderFigures(card, id);
    return card;
  }

  function renderCard(card, { name, quality }) {
    setText(card.querySelector('bdi'), name);
    setAttribute(card, 'data-quality', quality);
    setAttribute(card, 'aria-label', `Statistics of ${name}`);
    setText(card.querySelector('.stats-quality'), QUALITY_WORDS[quality]);
  }

  function renderFigures(card, id) {
    const stats = meeting.stats(id);
    if (!stats) return;
    setText(card.querySelector('.stats-path'), pathWords(stats.path));
    setText(card.querySelector('.stats-candidates'), candidateWords(stats.path));
    for (const [name, { write, least }] of Object.entries(PLOTS)) {
      const plot = card.querySelector(`[data-plot="${name}"]`);
      const values = stats.history.map((point) => point[name]);
      const last = values.at(-1) ?? null;
      setText(plot.querySelector('output'), last === null ? '–' : write(last));
      setAttribute(plot.querySelector('polyline'), 'points', lineOf(values, least));
    }
    renderFlows(card.querySelector('dl'), stats);
  }

  function renderFlows(figures, { sent, received, availableOutgoingBps }) {
    const rows = [
      ...inOrder(received).map((flow) => [flowTitle(flow, true), flowWords(flow)]),
      ...inOrder(sent).map((flow) => [flowTitle(flow, false), flowWords(flow)]),
      ...(availableOutgoingBps ? [['Room to send', rate(availableOutgoingBps)]] : []),
    ].filter(([, words]) => words);
    while (figures.children.length > rows.length) figures.lastElementChild.remove();
    rows.forEach(([title, words], index) => {
      const row = figures.children[index] ?? figures.appendChild(makeRow());
      setText(row.querySelector('dt'), title);
      setText(row.querySelector('dd'), words);
    });
  }

  function exit() {
    stop();
    stop = () => {};
    meeting?.watchStats(false);
    meeting = null;
    cards.clear();
    list.replaceChildren();
  }

  return { enter, render, exit };
}

/** Slots that carry nothing say nothing. */
const inOrder = (flows) => flows
  .filter(({ bitrateBps }) => bitrateBps !== 0)
  .sort((one, other) => SLOTS.indexOf(one.slot) - SLOTS.indexOf(other.slot));

function makeRow() {
  const row = make('div');
  row.append(make('dt'), make('dd'));
  return row;
}
