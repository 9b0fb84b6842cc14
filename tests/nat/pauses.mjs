// What an interruption did to one direction, read from when its pictures came in.

/** Milliseconds without a picture that a person sees: at 15 a second, seven are missing. */
const PAUSE_MS = 500;

/**
 * The times between pictures that touch a span. The last is open.
 * @param {number[]} frames when each picture came, in order
 * @param {{from: number, to: number}} span
 * @returns {{from: number, to: number}[]} `to` is Infinity for the last
 */
function gaps(frames, { from, to }) {
  const within = frames.filter((time) => time <= to);
  const starts = [within.filter((time) => time < from).at(-1) ?? from,
    ...within.filter((time) => time >= from)];
  return starts.map((start, index) => ({ from: start, to: starts[index + 1] ?? Infinity }));
}

/** Milliseconds of the longest time between two pictures. */
export const longest = (frames, span) => gaps(frames, span)
  .reduce((most, gap) => Math.max(most, Math.min(gap.to, span.to) - gap.from), 0);

/**
 * Milliseconds from when the network could be used again to the picture after which none were
 * missing any more: 0 when none were missing by then, Infinity when they didn't come back.
 */
export function recovery(frames, { from, usable, to }) {
  const last = gaps(frames, { from, to })
    .filter((gap) => Math.min(gap.to, to) - gap.from > PAUSE_MS).at(-1);
  return last ? Math.max(0, last.to - usable) : 0;
}

/** The value that a share of all are not above, between two of them where it falls there. */
export function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below === above ? below : below + (above - below) * (place % 1);
}

/**
 * How many of the pictures that a direction had to bring, by its rate from `since` on, came in the
 * span after that: 1 is all.
 * @param {number[]} frames
 * @param {{since: number, from: number, to: number}} span
 */
export function kept(frames, { since, from, to }) {
  const count = (one, other) => frames.filter((time) => time >= one && time < other).length;
  return count(from, to) / (count(since, from) * (to - from) / (from - since));
}
