// Where the tiles of a meeting go: pure arithmetic, no DOM.

const WIDEST = 16 / 9;          // width : height of a camera's picture; a tile is never wider
const TALLEST_LANDSCAPE = 4 / 3; // how far a tile may be cropped at its sides on a wide stage
const TALLEST_PORTRAIT = 4 / 5;  // the same on a phone held upright
const GAP_PX = 8;
const SCREEN_SHARE = 16 / 9;
const STRIP_SHARE = 0.22;        // of the stage, for the cameras beside a shared screen
const FACE_PX = { width: 64, height: 48 }; // smaller, and a face is a dot
const STRIP_MOST_PX = 300;       // wider, and it takes from the screen what nobody needs
const STRIP_SHARE_UPRIGHT = 0.4;

/**
 * The grid that shows `count` equal tiles as large as possible in `width` × `height` pixels.
 *
 * A tile is as wide as 16:9 at most and as tall as `tallest` at most, so that a picture made
 * for 16:9 is cropped a little rather than shown small. The last row may be incomplete.
 * Nothing to show, or no room to show it in, gives zeros.
 *
 * @param {number} count tiles, 0 or more
 * @param {number} width pixels of the stage
 * @param {number} height pixels of the stage
 * @param {{gap?: number, widest?: number, tallest?: number}} [options] pixels between tiles,
 *   greatest and least ratio of a tile's width to its height
 * @returns {{columns: number, rows: number, tileWidth: number, tileHeight: number}}
 *   whole pixels; columns * tileWidth + (columns - 1) * gap never exceeds width, rows likewise
 */
export function fitGrid(count, width, height, options = {}) {
  const {
    gap = GAP_PX,
    widest = WIDEST,
    tallest = width < height ? TALLEST_PORTRAIT : TALLEST_LANDSCAPE,
  } = options;
  let best = { columns: 0, rows: 0, tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (width - gap * (columns - 1)) / columns;
    const cellHeight = (height - gap * (rows - 1)) / rows;
    const tileWidth = Math.floor(Math.min(cellWidth, cellHeight * widest));
    const tileHeight = Math.floor(Math.min(cellHeight, cellWidth / tallest));
    if (tileWidth <= 0 || tileHeight <= 0) continue;
    if (tileWidth * tileHeight > best.tileWidth * best.tileHeight) {
      best = { columns, rows, tileWidth, tileHeight };
    }
  }
  return best;
}

/** @typedef {{x: number, y: number, width: number, height: number}} Rect */

/**
 * The place of every tile: shared screens on the main stage, cameras in a strip beside or below
 * it; without a screen the cameras have the whole stage.
 *
 * @param {{screens: number, cameras: number, width: number, height: number, gap?: number}} stage
 * @returns {{screens: Rect[], cameras: Rect[]}} in the order given, whole pixels
 */
export function arrange({ screens, cameras, width, height, gap = GAP_PX }) {
  const whole = { x: 0, y: 0, width, height };
  if (screens === 0) return { screens: [], cameras: placeGrid(cameras, whole, { gap }) };
  const exact = { gap, widest: SCREEN_SHARE, tallest: SCREEN_SHARE };
  if (cameras === 0) return { screens: placeGrid(screens, whole, exact), cameras: [] };
  const [stage, strip] = width > height
    ? splitAcross(whole, cameras, gap)
    : splitDown(whole, gap);
  return {
    screens: placeGrid(screens, stage, exact),
    cameras: placeGrid(cameras, strip, { gap }),
  };
}

function splitAcross({ width, height }, cameras, gap) {
  const rows = Math.max(1, Math.floor((height + gap) / (FACE_PX.height + gap)));
  const least = Math.ceil(cameras / rows) * (FACE_PX.width + gap) - gap;
  const wanted = Math.max(least, Math.min(STRIP_MOST_PX, width * STRIP_SHARE));
  const strip = Math.round(Math.min(wanted, width / 2));
  const main = Math.max(0, width - strip - gap);
  return [
    { x: 0, y: 0, width: main, height },
    { x: main + gap, y: 0, width: strip, height },
  ];
}

/** On an upright stage the screen is as tall as its width allows, and cameras take the rest. */
function splitDown({ width, height }, gap) {
  const screen = Math.min(width / SCREEN_SHARE, height * (1 - STRIP_SHARE_UPRIGHT));
  const main = Math.round(Math.max(screen, height * 0.4));
  return [
    { x: 0, y: 0, width, height: main },
    { x: 0, y: main + gap, width, height: height - main - gap },
  ];
}

function placeGrid(count, area, options) {
  const { gap = GAP_PX } = options;
  const { columns, rows, tileWidth, tileHeight } = fitGrid(count, area.width, area.height, options);
  if (columns === 0) return Array.from({ length: count }, () => ({ ...area, width: 0, height: 0 }));
  const top = area.y + (area.height - rows * tileHeight - (rows - 1) * gap) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = area.x + (area.width - inRow * tileWidth - (inRow - 1) * gap) / 2;
    return {
      x: Math.round(left + (index - row * columns) * (tileWidth + gap)),
      y: Math.round(top + row * (tileHeight + gap)),
      width: tileWidth,
      height: tileHeight,
    };
  });
}
