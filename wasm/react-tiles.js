// How large the tiles of a page show each picture, as a meeting is told.

/**
 * @typedef {import('./index.js').Meeting} Meeting
 * @typedef {{width: number, height: number}} Size device pixels
 */

/**
 * The tiles of each picture, by its kind and participant.
 * @type {WeakMap<Meeting, Map<string, Map<Element, Size>>>}
 */
const pages = new WeakMap();

/** Units: CSS pixels.  What a video is laid out as before it has a picture. */
const EMPTY = { width: 300, height: 150 };
/** Units: ms.  A tile that moves within a page is gone for a moment. */
const MOVING_MS = 500;

const isAbout = (/** @type {number} */ one, /** @type {number} */ other) =>
  Math.abs(one - other) < 1;

/**
 * Shape: the largest of several tiles counts.
 * Why:   a video that has always been as large as its picture has no size of its own: asking for no
 *        more than that would never let it grow again.
 *
 * @param {HTMLVideoElement} video
 * @param {Meeting} meeting
 * @param {string} participantId
 * @param {import('./api.js').StreamKind} kind
 * @returns {() => void} ends it: nobody sees the picture in this tile any more
 */
export function watchSize(video, meeting, participantId, kind) {
  const pictures = pages.get(meeting) ?? new Map();
  pages.set(meeting, pictures);
  const key = `${kind} ${participantId}`;
  /** @type {Map<Element, Size>} */
  const tiles = pictures.get(key) ?? new Map();
  pictures.set(key, tiles);

  const tell = () => {
    const most = (/** @type {keyof Size} */ side) =>
      Math.max(0, ...[...tiles.values()].map((size) => size[side]));
    meeting.showTile(participantId, kind, { width: most('width'), height: most('height') });
  };
  let isSized = false;
  const observer = new ResizeObserver(([{ contentRect: { width, height } }]) => {
    const isOfPicture = isAbout(width, video.videoWidth || EMPTY.width)
      && isAbout(height, video.videoHeight || EMPTY.height);
    isSized ||= width > 0 && !isOfPicture;
    const ratio = isSized ? devicePixelRatio : Infinity;
    tiles.set(video, { width: width && width * ratio, height: height && height * ratio });
    tell();
  });
  observer.observe(video);
  return () => {
    observer.disconnect();
    tiles.delete(video);
    setTimeout(tell, MOVING_MS);
  };
}
