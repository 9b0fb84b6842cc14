// The drawing: a canvas as large as the window shows, over an extent as long as the meeting.

import { ROW } from './layout.js';
import { formatSpan, formatTime, ME } from './steps.js';

const GUTTER = 88;
/** As wide as the longest notes; where there is room, the lifelines take it. */
const LANE = 204;
const NARROW_LANE = 136;
const NARROW_WINDOW = 600;
const MIN_LANE = 104;
const MAX_LANE = 290;
const MAX_ZOOM = 2.5;
const ZOOM_STEP = 1.25;
/** Pixels of a row below which words can't be read any more. */
const MIN_READABLE = 13;
/** And below which arrows melt into one another. */
const MIN_APART = 2.5;
const MIN_HAZE = 0.1;
const BAND = 9;

const COLOURS = [
  'ground', 'surface', 'raised', 'line', 'ink', 'ink-soft', 'outgoing', 'incoming', 'good', 'warn',
  'bad', 'selected', 'match', 'difference', 'on-state', 'state-new', 'state-connecting',
  'state-connected', 'state-reconnecting', 'state-failed',
];

function readColours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`)]));
}

/** The text, or what of it fits. */
function fit(pen, text, width) {
  if (width <= 0) return '';
  if (pen.measureText(text).width <= width) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pen.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return low > 0 ? `${text.slice(0, low)}…` : '';
}

/**
 * @param {object} parts
 * @param {ReturnType<typeof import('./steps.js').readTrace>} parts.trace
 * @param {HTMLElement} parts.scroller
 * @param {HTMLElement} parts.extent gives the scroller its length
 * @param {HTMLCanvasElement} parts.canvas
 * @param {HTMLCanvasElement} parts.overview
 * @param {(view: {left: number, laneWidth: number, gutter: number}) => void} parts.onScroll
 * @param {(step: number) => void} parts.onPick
 */
export function createDiagram({ trace, scroller, extent, canvas, overview, onScroll, onPick }) {
  const pen = canvas.getContext('2d');
  let colours = readColours();
  let layout = null;
  let zoom = 1;
  let selected = -1;
  let matches = new Set();
  let frame = 0;

  const laneWidth = () => {
    const { clientWidth } = scroller;
    const wanted = (clientWidth < NARROW_WINDOW ? NARROW_LANE : LANE) * Math.sqrt(zoom);
    const room = (clientWidth - GUTTER) / Math.max(1, layout.order.length);
    return Math.min(MAX_LANE, Math.max(MIN_LANE, wanted, room));
  };
  const minZoom = () => Math.min(1, Math.max(1e-4, scroller.clientHeight / layout.height));
  const xOf = (lane) => GUTTER + (layout.place.get(lane) + 0.5) * laneWidth() - scroller.scrollLeft;
  /** From afar the arrows are a haze, and the states before it. */
  const isDense = () => ROW * zoom < MIN_APART;
  const fontSize = () => Math.min(15, Math.max(10, 12 * zoom));

  function requestDraw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  }

  function resize() {
    const ratio = devicePixelRatio || 1;
    canvas.width = Math.round(scroller.clientWidth * ratio);
    overview.width = Math.round(overview.clientWidth * ratio);
    canvas.height = overview.height = Math.round(scroller.clientHeight * ratio);
    canvas.style.width = `${scroller.clientWidth}px`;
    canvas.style.height = `${scroller.clientHeight}px`;
    setExtent();
  }

  function setExtent() {
    zoom = Math.max(zoom, minZoom());
    extent.style.height = `${Math.max(scroller.clientHeight, Math.ceil(layout.height * zoom))}px`;
    const width = GUTTER + layout.order.length * laneWidth();
    extent.style.width = `${Math.max(scroller.clientWidth, Math.ceil(width))}px`;
    requestDraw();
  }

  // ---- drawing ------------------------------------------------------------------------------

  function draw() {
    const ratio = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height, scrollTop } = scroller;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.fillStyle = colours.ground;
    pen.fillRect(0, 0, width, height);
    pen.font = `${fontSize()}px system-ui, sans-serif`;
    pen.textBaseline = 'middle';
    const first = layout.rowAt(scrollTop / zoom);
    let end = first;
    while (end < layout.tops.length && layout.tops[end] * zoom < scrollTop + height) end += 1;
    drawShades(first, end, width);
    if (isDense()) drawMarks(first, end);
    drawLifelines(scrollTop, height);
    drawPauses(scrollTop, height, width);
    if (!isDense()) drawMarks(first, end);
    drawTimes(first, end, height);
    drawOverview(ratio);
    onScroll({ left: scroller.scrollLeft, laneWidth: laneWidth(), gutter: GUTTER });
  }

  const yOf = (row) => layout.tops[row] * zoom - scroller.scrollTop;

  function drawShades(first, end, width) {
    for (let row = first; row < end; row += 1) {
      const { step } = layout.marks[row];
      const isDifferent = trace.steps[step].computed !== undefined;
      if (step !== selected && !matches.has(step) && !isDifferent) continue;
      const tall = Math.max(1, ROW * zoom);
      pen.fillStyle = isDifferent ? colours.difference : colours.match;
      if (step !== selected || isDifferent) pen.fillRect(0, yOf(row), width, tall);
      if (step !== selected) continue;
      pen.fillStyle = colours.selected;
      pen.fillRect(0, yOf(row), isDifferent ? 6 : width, tall);
    }
  }

  function drawLifelines(scrollTop, height) {
    layout.order.forEach((lane, index) => {
      const x = xOf(lane);
      pen.fillStyle = colours.line;
      pen.fillRect(x - 1, 0, 2, height);
      for (const { top, end, state } of layout.bands[index]) {
        const from = Math.max(0, top * zoom - scrollTop);
        const to = Math.min(height, end * zoom - scrollTop);
        if (to <= from) continue;
        pen.fillStyle = colours[`state-${state}`];
        pen.fillRect(x - BAND / 2, from, BAND, Math.max(1, to - from));
      }
    });
  }

  /** Silence is torn out of the lifelines, its length written across. */
  function drawPauses(scrollTop, height, width) {
    for (const { top, height: tall, ms } of layout.pauses) {
      const y = top * zoom - scrollTop;
      if (y > height || y + tall * zoom < 0 || tall * zoom < MIN_READABLE) continue;
      const middle = y + (tall * zoom) / 2;
      pen.fillStyle = colours.ground;
      pen.fillRect(GUTTER, middle - 9, width, 18);
      pen.strokeStyle = colours.line;
      pen.setLineDash([2, 5]);
      for (const edge of [middle - 9, middle + 9]) line(GUTTER, edge, width, edge);
      pen.setLineDash([]);
      pen.fillStyle = colours['ink-soft'];
      pen.textAlign = 'left';
      pen.fillText(`${formatSpan(ms)} later`, GUTTER + 12, middle);
    }
  }

  function line(fromX, fromY, toX, toY) {
    pen.beginPath();
    pen.moveTo(fromX, fromY);
    pen.lineTo(toX, toY);
    pen.stroke();
  }

  function drawMarks(first, end) {
    pen.globalAlpha = isDense() ? Math.max(MIN_HAZE, (ROW * zoom) / MIN_APART / 2) : 1;
    const isReadable = ROW * zoom >= MIN_READABLE;
    const drawn = new Map(); // where rows are less than a pixel, one stands for all on it
    for (let row = first; row < end; row += 1) {
      const mark = layout.marks[row];
      const y = yOf(row) + (ROW * zoom) / 2;
      const key = mark.from * 1000 + mark.to;
      if (!isReadable && mark.tone === 'plain' && drawn.get(key) === Math.round(y)) continue;
      drawn.set(key, Math.round(y));
      if (mark.kind === 'arrow') drawArrow(mark, y, isReadable);
      else drawNote(mark, y, isReadable);
    }
    pen.globalAlpha = 1;
  }

  function colourOf({ tone, kind, from, group }) {
    if (tone !== 'plain') return colours[tone];
    if (kind === 'arrow') return from === ME ? colours.outgoing : colours.incoming;
    return group === 'quiet' ? colours.line : colours['ink-soft'];
  }

  function drawArrow(mark, middle, isReadable) {
    const [from, to] = [xOf(mark.from), xOf(mark.to)];
    const direction = Math.sign(to - from);
    const y = Math.round(isReadable ? middle + ROW * zoom * 0.28 : middle) + 0.5;
    const tip = to - direction * (BAND / 2 + 1);
    pen.strokeStyle = pen.fillStyle = colourOf(mark);
    pen.lineWidth = isReadable ? 1.5 : 1;
    if (mark.isDirect) pen.setLineDash([5, 4]);
    line(from + direction * (BAND / 2 + 1), y, tip, y);
    pen.setLineDash([]);
    pen.lineWidth = 1;
    if (!isReadable) return;
    pen.beginPath();
    pen.moveTo(tip, y);
    pen.lineTo(tip - direction * 8, y - 4);
    pen.lineTo(tip - direction * 8, y + 4);
    pen.fill();
    labelArrow(mark, from, to, y);
  }

  /** Beside the lifeline of the other one: that is whom it is about, and whom one follows. */
  function labelArrow({ label, from: sender, tone }, from, to, y) {
    const [mine, other] = sender === ME ? [from, to] : [to, from];
    const text = fit(pen, label, Math.abs(other - mine) - 2 * BAND - 8);
    if (text === '') return;
    const wide = pen.measureText(text).width;
    const left = other < mine ? other + BAND + 4 : other - BAND - 4 - wide;
    const size = fontSize();
    pen.globalAlpha = 0.82;
    pen.fillStyle = colours.ground;
    pen.fillRect(left - 3, y - size - 5, wide + 6, size + 3);
    pen.globalAlpha = 1;
    pen.textAlign = 'left';
    pen.fillStyle = tone === 'plain' ? colours.ink : colours[tone];
    pen.fillText(text, left, y - size / 2 - 3);
  }

  function drawNote(mark, y, isReadable) {
    const x = xOf(mark.from);
    const isState = mark.kind === 'state' && mark.state !== '';
    const colour = isState ? colours[`state-${mark.state}`] : colourOf(mark);
    if (!isReadable) {
      pen.fillStyle = colour;
      const wide = mark.tone === 'bad' || mark.tone === 'warn' ? 40 : 16;
      pen.fillRect(x - wide / 2, y - 0.5, wide, Math.max(1, ROW * zoom * 0.5));
      return;
    }
    const text = fit(pen, mark.label, laneWidth() - 24);
    const wide = pen.measureText(text).width + 16;
    const tall = Math.min(ROW * zoom - 3, fontSize() + 9);
    pen.beginPath();
    pen.roundRect(x - wide / 2, y - tall / 2, wide, tall, isState ? tall / 2 : 5);
    pen.fillStyle = isState ? colour : colours.surface;
    pen.fill();
    pen.strokeStyle = colour;
    pen.lineWidth = mark.tone === 'bad' ? 2 : 1;
    pen.stroke();
    pen.lineWidth = 1;
    pen.textAlign = 'center';
    pen.fillStyle = noteInk(mark, isState);
    pen.fillText(text, x, y + 0.5);
  }

  function noteInk({ tone, group }, isState) {
    if (isState) return colours['on-state'];
    if (tone === 'bad' || tone === 'warn') return colours[tone];
    return group === 'quiet' ? colours['ink-soft'] : colours.ink;
  }

  function drawTimes(first, end, height) {
    pen.fillStyle = colours.surface;
    pen.fillRect(0, 0, GUTTER - 8, height);
    pen.fillStyle = colours.line;
    pen.fillRect(GUTTER - 8, 0, 1, height);
    pen.textAlign = 'right';
    const start = trace.steps[0]?.time ?? 0;
    let free = -Infinity;
    let told = -1;
    for (let row = first; row < end; row += 1) {
      const { step } = layout.marks[row];
      const { time } = trace.steps[step];
      const y = yOf(row) + (ROW * zoom) / 2;
      if (layout.rowOfStep.get(step) !== row || time === told || y < free) continue;
      pen.fillStyle = step === selected ? colours.ink : colours['ink-soft'];
      pen.fillText(formatTime(time - start), GUTTER - 16, y);
      told = time;
      free = y + fontSize() * 1.5;
    }
  }

  // ---- the whole meeting at a glance ----------------------------------------------------------

  function drawOverview(ratio) {
    const brush = overview.getContext('2d');
    const width = overview.clientWidth;
    const height = scroller.clientHeight;
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.fillStyle = colours.surface;
    brush.fillRect(0, 0, width, height);
    const scale = height / layout.height;
    brush.fillStyle = colours.raised;
    brush.fillRect(0, (scroller.scrollTop / zoom) * scale, width,
      Math.max(4, (height / zoom) * scale));
    const tick = (step, colour, left, wide) => {
      brush.fillStyle = colour;
      brush.fillRect(left, Math.round(layout.topOfStep(step) * scale), wide, 2);
    };
    for (const step of matches) tick(step, colours.incoming, 2, width - 4);
    for (const { step, tone, kind } of overviewMarks) {
      if (kind === 'note') tick(step, colours[tone], width / 2, width / 2);
    }
    for (const step of trace.differences) tick(step, colours.bad, 0, width);
    if (selected >= 0) tick(selected, colours.ink, 0, width);
  }
  let overviewMarks = [];

  // ---- moving about ---------------------------------------------------------------------------

  function setZoom(wanted, at = scroller.clientHeight / 2) {
    const next = Math.min(MAX_ZOOM, Math.max(minZoom(), wanted));
    const anchor = (scroller.scrollTop + at) / zoom;
    zoom = next;
    setExtent();
    scroller.scrollTop = anchor * zoom - at;
  }

  function reveal(step) {
    const top = layout.topOfStep(step) * zoom;
    const margin = Math.min(ROW * 3, scroller.clientHeight / 4);
    if (top < scroller.scrollTop + margin
      || top > scroller.scrollTop + scroller.clientHeight - margin) {
      scroller.scrollTop = top - scroller.clientHeight / 3;
    }
    const row = layout.rowOfStep.get(step);
    if (row !== undefined) revealSideways(layout.marks[row]);
    requestDraw();
  }

  function revealSideways({ from, to }) {
    const x = xOf(from === ME ? to : from);
    const half = laneWidth() / 2;
    if (x - half < GUTTER) scroller.scrollLeft += x - half - GUTTER;
    if (x + half > scroller.clientWidth) scroller.scrollLeft += x + half - scroller.clientWidth;
  }

  scroller.addEventListener('scroll', requestDraw, { passive: true });
  scroller.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const at = event.clientY - scroller.getBoundingClientRect().top;
    setZoom(zoom * Math.exp(-event.deltaY / 300), at);
  }, { passive: false });
  canvas.addEventListener('click', ({ offsetY }) => {
    const row = layout.rowAt((scroller.scrollTop + offsetY) / zoom);
    if (row < layout.marks.length) onPick(layout.marks[row].step);
  });
  const travel = ({ buttons, offsetY }) => {
    if (!(buttons & 1)) return;
    const share = offsetY / scroller.clientHeight;
    scroller.scrollTop = share * layout.height * zoom - scroller.clientHeight / 2;
  };
  overview.addEventListener('pointerdown', (event) => {
    overview.setPointerCapture(event.pointerId);
    travel(event);
  });
  overview.addEventListener('pointermove', travel);
  new ResizeObserver(() => layout && resize()).observe(scroller);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    colours = readColours();
    requestDraw();
  });

  return {
    show(newLayout) {
      layout = newLayout;
      overviewMarks = layout.marks.filter(({ tone }) => tone === 'bad' || tone === 'warn');
      resize();
    },
    select(step) {
      selected = step;
      requestDraw();
    },
    mark(steps) {
      matches = new Set(steps);
      requestDraw();
    },
    reveal,
    zoomIn: () => setZoom(zoom * ZOOM_STEP),
    zoomOut: () => setZoom(zoom / ZOOM_STEP),
    zoomToFit: () => setZoom(minZoom()),
    zoomToRead: () => setZoom(1),
    zoom: () => zoom,
  };
}
