// Where each mark stands, at zoom 1: one row each, silence in between compressed.

export const ROW = 26;

const SILENCE_MS = 20;          // shorter pauses are no pause to see
const NAMED_SILENCE_MS = 2_000; // from here on its length is written into it
const NAMED_SILENCE_ROWS = 1.6;

/** Grows with the logarithm: a minute takes not much more room than a second. */
const silence = (ms) => {
  if (ms < SILENCE_MS) return 0;
  if (ms >= NAMED_SILENCE_MS) return ROW * NAMED_SILENCE_ROWS;
  return ROW * 0.22 * Math.log2(ms / SILENCE_MS + 1);
};

/**
 * @param {ReturnType<typeof import('./steps.js').readTrace>} trace
 * @param {{groups: Set<string>, lanes: Set<number>}} shown
 */
export function layOut({ steps, lanes, marks }, shown) {
  const visible = marks.filter(({ group, from, to }) =>
    (group === 'difference' || shown.groups.has(group)) && shown.lanes.has(from)
    && shown.lanes.has(to));
  const tops = new Float64Array(visible.length);
  const pauses = [];
  /** The first row of each step that has one. */
  const rowOfStep = new Map();
  let y = ROW / 2;
  let last = visible.length > 0 ? steps[visible[0].step].time : 0;
  visible.forEach(({ step }, row) => {
    const { time } = steps[step];
    const gap = silence(time - last);
    if (time - last >= NAMED_SILENCE_MS) pauses.push({ top: y, height: gap, ms: time - last });
    y += gap;
    last = time;
    tops[row] = y;
    if (!rowOfStep.has(step)) rowOfStep.set(step, row);
    y += ROW;
  });

  /** The first row at or below y. */
  function rowAt(height) {
    let low = 0;
    let high = tops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tops[middle] + ROW <= height) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where a step begins; of one without a row, where it would. */
  function topOfStep(step) {
    let low = 0;
    let high = visible.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (visible[middle].step < step) low = middle + 1;
      else high = middle;
    }
    return low < visible.length ? tops[low] : y;
  }

  const order = [...shown.lanes].sort((one, other) => one - other);
  return {
    marks: visible,
    tops,
    height: y + ROW / 2,
    pauses,
    rowOfStep,
    shownSteps: [...rowOfStep.keys()],
    order,
    place: new Map(order.map((lane, index) => [lane, index])),
    bands: order.map((lane) => lanes[lane].bands.map(({ step, state }, index, all) => ({
      state,
      top: topOfStep(step),
      end: index + 1 < all.length ? topOfStep(all[index + 1].step) : y,
    })).filter(({ state }) => state !== '')),
    rowAt,
    topOfStep,
  };
}
