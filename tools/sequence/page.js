// The page: what is shown of the trace, the search, the keys.

import { createDetails } from './details.js';
import { createDiagram } from './diagram.js';
import { layOut } from './layout.js';
import { formatSpan, GROUPS, ME, readTrace, SERVER, short } from './steps.js';

const SEARCH_DELAY_MS = 150;

const find = (selector) => /** @type {any} */ (document.querySelector(selector));
const trace = readTrace(JSON.parse(find('#trace').textContent));
const { steps, lanes, differences } = trace;
const shown = {
  groups: new Set(Object.keys(GROUPS).filter((group) => group !== 'quiet')),
  lanes: new Set(lanes.keys()),
};
const search = find('#search');
const scroller = find('#scroller');
const header = find('#lifelines');
let layout;
let selected = -1;
let matches = [];

const details = createDetails(find('#details'), trace);
const diagram = createDiagram({
  trace, scroller, extent: find('#extent'), canvas: find('#canvas'), overview: find('#overview'),
  onScroll: placeLifelines, onPick: (step) => select(step),
});

// ---- lifelines ----------------------------------------------------------------------------------

function renderLifelines() {
  header.replaceChildren(...layout.order.map((lane) => {
    const { id, name } = lanes[lane];
    const item = document.createElement('li');
    item.dataset.lifeline = [SERVER, ME].includes(lane) ? name.toLowerCase() : id || name;
    const label = document.createElement('bdi');
    label.textContent = short(nameOf(lane), 60);
    const address = document.createElement('small');
    address.textContent = short(id, 24);
    item.append(label, address);
    return item;
  }));
}

const nameOf = (lane) => lanes[lane].name || lanes[lane].id;

function placeLifelines({ left, laneWidth, gutter }) {
  header.style.setProperty('--lane', `${laneWidth}px`);
  header.style.paddingLeft = `${gutter}px`;
  header.style.transform = `translateX(${-left}px)`;
  find('#zoom').textContent = `${Math.max(1, Math.round(diagram.zoom() * 100))} %`;
}

function render() {
  layout = layOut(trace, shown);
  renderLifelines();
  diagram.show(layout);
  runSearch();
}

// ---- filters ------------------------------------------------------------------------------------

/** A list of checkboxes in a menu; all of them are on, or told by `isOn`. */
function addChoices(menu, choices, set) {
  for (const [key, name] of choices) {
    const label = document.createElement('label');
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.checked = set.has(key);
    box.addEventListener('change', () => {
      if (box.checked) set.add(key);
      else set.delete(key);
      render();
    });
    const words = document.createElement('bdi');
    words.textContent = short(name, 60);
    label.append(box, words);
    menu.append(label);
  }
}

function addAllAndNone(menu) {
  for (const button of menu.querySelectorAll('[data-all]')) {
    button.addEventListener('click', () => {
      for (const box of menu.querySelectorAll('input')) {
        if (box.checked !== (button.dataset.all === 'true')) box.click();
      }
    });
  }
}

function fillFilters() {
  addChoices(find('#groups'), Object.entries(GROUPS), shown.groups);
  const people = [...lanes.keys()].filter((lane) => lane !== SERVER && lane !== ME);
  addChoices(find('#people'), people.map((lane) => [lane, nameOf(lane)]), shown.lanes);
  addAllAndNone(find('#people'));
  find('#people-count').textContent = String(people.length);
  for (const menu of document.querySelectorAll('details.menu')) {
    addEventListener('pointerdown', ({ target }) => {
      if (!menu.contains(/** @type {Node} */ (target))) menu.removeAttribute('open');
    });
  }
}

// ---- selection and search -----------------------------------------------------------------------

function select(step) {
  selected = step;
  document.body.dataset.details = 'open';
  details.show(step);
  diagram.select(step);
  diagram.reveal(step);
  renderCount();
}

function closeDetails() {
  delete document.body.dataset.details;
  selected = -1;
  diagram.select(-1);
  renderCount();
}

/** To the next or the previous one of `list` as seen from the selection, around the end. */
function go(list, direction) {
  if (list.length === 0) return;
  const next = direction > 0
    ? list.find((step) => step > selected) ?? list[0]
    : list.filter((step) => step < selected).at(-1) ?? list.at(-1);
  select(next);
}

/** Along the rows, without starting over. */
function walk(rows) {
  const { shownSteps } = layout;
  const last = shownSteps.length - 1;
  const at = shownSteps.findIndex((step) => step >= selected);
  // With nothing selected, one down is the first of all.
  const from = selected < 0 ? -1 : at;
  const next = (selected >= 0 && at < 0 ? last + 1 : from) + rows;
  if (last >= 0) select(shownSteps[Math.min(last, Math.max(0, next))]);
}

function runSearch() {
  const words = search.value.trim().toLowerCase();
  const found = words === '' ? [] : steps.flatMap((_, index) =>
    (trace.textOf(index).includes(words) ? [index] : []));
  matches = found.filter((step) => layout.rowOfStep.has(step));
  const hidden = found.length - matches.length;
  find('#hidden-matches').textContent = hidden > 0 ? `+${hidden} in what is hidden` : '';
  for (const button of [find('#previous'), find('#next')]) button.disabled = matches.length === 0;
  diagram.mark(matches);
  renderCount();
}

function renderCount() {
  const at = matches.indexOf(selected);
  const words = at < 0 ? String(matches.length) : `${at + 1} of ${matches.length}`;
  find('#search-count').textContent = search.value.trim() === '' ? '' : words;
}

let searching;
search.addEventListener('input', () => {
  clearTimeout(searching);
  searching = setTimeout(runSearch, SEARCH_DELAY_MS);
});
search.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  clearTimeout(searching);
  runSearch();
  go(matches, event.shiftKey ? -1 : 1);
});
find('#previous').addEventListener('click', () => go(matches, -1));
find('#next').addEventListener('click', () => go(matches, 1));

// ---- buttons and keys ---------------------------------------------------------------------------

const PAGE_ROWS = 20;
const KEYS = {
  ArrowDown: () => walk(1),
  ArrowUp: () => walk(-1),
  PageDown: () => walk(PAGE_ROWS),
  PageUp: () => walk(-PAGE_ROWS),
  Home: () => walk(-Infinity),
  End: () => walk(Infinity),
  '+': diagram.zoomIn,
  '=': diagram.zoomIn,
  '-': diagram.zoomOut,
  0: diagram.zoomToRead,
  f: diagram.zoomToFit,
  n: () => go(matches, 1),
  N: () => go(matches, -1),
  d: () => go(differences, 1),
  '/': () => search.focus(),
  Escape: closeDetails,
};
const MOVES = /^(?:Arrow|Page|Home|End)/u;

addEventListener('keydown', (event) => {
  const { target, key } = event;
  const isElsewhere = target instanceof Element && target.closest(
    MOVES.test(key) ? 'input, summary, button, #details' : 'input, summary, button');
  if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(KEYS, key)) return;
  if (key === 'Escape' && target === search) scroller.focus();
  else if (isElsewhere && key !== 'Escape') return;
  else KEYS[key]();
  event.preventDefault();
});

const press = (selector, action) => find(selector).addEventListener('click', action);
press('#zoom-in', diagram.zoomIn);
press('#zoom-out', diagram.zoomOut);
press('#zoom', diagram.zoomToRead);
press('#zoom-fit', diagram.zoomToFit);
press('#close-details', () => {
  closeDetails();
  scroller.focus();
});
press('#verdict', () => go(differences, 1));

// ---- what it is about ---------------------------------------------------------------------------

function renderSummary() {
  const { dropped = 0, redacted } = trace.head;
  const rooms = steps.flatMap(({ event, change }) => [change?.room, event.room]).filter(Boolean);
  const room = rooms.at(-1);
  const spanMs = steps.length > 0 ? steps.at(-1).time - steps[0].time : 0;
  find('#room').textContent = short(room || 'a meeting', 80);
  document.title = `${short(room || 'A meeting', 80)} · trace`;
  find('#facts').textContent = [
    `${steps.length.toLocaleString('en')} steps`, formatSpan(spanMs),
    redacted ? 'redacted' : 'with addresses and texts',
  ].join(' · ');
  const verdict = find('#verdict');
  const count = differences.length;
  verdict.dataset.verdict = count > 0 ? 'bad' : 'good';
  verdict.textContent = `${count} ${count === 1 ? 'difference' : 'differences'}`;
  verdict.disabled = count === 0;
  if (trace.recomputed) return;
  verdict.dataset.verdict = 'warn';
  verdict.textContent = 'not recomputed';
  const notice = find('#notice');
  notice.hidden = false;
  notice.textContent = 'Not recomputed: the recorder’s ring has dropped the first '
    + `${dropped} steps. Arrows and notes are as recorded; the participants’ states are unknown.`;
}

renderSummary();
fillFilters();
render();
scroller.focus({ preventScroll: true });
document.body.dataset.ready = 'true';
