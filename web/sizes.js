// How large everybody's pictures are seen, in device pixels: the meeting asks for no more of them.

/** Device pixels: while a window is drawn larger, not each of its steps is worth a word. */
const STEP_PX = 16;

/** @typedef {import('../wasm/api.js').StreamKind} StreamKind */

/**
 * What a tile of so many CSS pixels takes; one without an area takes nothing.
 * @param {{width: number, height: number}} box
 * @param {number} ratio device pixels in a CSS pixel
 */
export function sizeOf({ width, height }, ratio) {
  if (width === 0 || height === 0) return { width: 0, height: 0 };
  const rounded = (length) => Math.ceil((length * ratio) / STEP_PX) * STEP_PX;
  return { width: rounded(width), height: rounded(height) };
}

/**
 * Tells a meeting the size of each tile that is watched, whenever it is another one: 0 × 0 while
 * the page is hidden, or the tile is scrolled out of view or covered.
 */
export function createSizes() {
  /** @type {Map<Element, {id: string, kind: StreamKind, box: DOMRectReadOnly | null,
   *   isInView: boolean, told: string}>} */
  const tiles = new Map();
  let meeting = null;
  const boxes = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) note(target, { box: contentRect });
  });
  const views = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) note(target, { isInView: isIntersecting });
  });
  // On a phone an open panel covers the stage, which changes neither its size nor its place.
  const covers = new MutationObserver(() => tellAll());

  function enter(newMeeting) {
    meeting = newMeeting;
    document.addEventListener('visibilitychange', tellAll);
    window.addEventListener('resize', tellAll); // another screen may have other pixels
    covers.observe(document.getElementById('call'), { attributeFilter: ['data-panel'] });
  }

  /** @param {Element} element @param {string} id whose tile it is @param {StreamKind} kind */
  function watch(element, id, kind) {
    tiles.set(element, { id, kind, box: null, isInView: true, told: '' });
    boxes.observe(element);
    views.observe(element);
  }

  /** @param {Element} element */
  function forget(element) {
    boxes.unobserve(element);
    views.unobserve(element);
    tiles.delete(element);
  }

  function note(element, news) {
    const tile = tiles.get(element);
    if (!tile) return; // told of what has gone since
    Object.assign(tile, news);
    tell(element, tile);
  }

  function tell(element, tile) {
    if (!tile.box) return; // not laid out yet
    const isSeen = tile.isInView && !document.hidden
      && getComputedStyle(element).visibility !== 'hidden';
    const size = sizeOf(isSeen ? tile.box : { width: 0, height: 0 }, window.devicePixelRatio);
    const words = `${size.width}×${size.height}`;
    if (words === tile.told) return;
    tile.told = words;
    meeting.showTile(tile.id, tile.kind, size);
  }

  function tellAll() {
    for (const [element, tile] of tiles) tell(element, tile);
  }

  function exit() {
    document.removeEventListener('visibilitychange', tellAll);
    window.removeEventListener('resize', tellAll);
    covers.disconnect();
    for (const element of [...tiles.keys()]) forget(element);
    meeting = null;
  }

  return { enter, watch, forget, exit };
}
