// The last picture of a tile while its pair is on its way back: browsers show black as soon as a
// connection is closed, and its successor has no picture yet.

import { make, setHidden } from './dom.js';

/** @param {HTMLVideoElement} video */
export function createStill(video) {
  const canvas = make('canvas', 'still');
  canvas.hidden = true;
  canvas.setAttribute('aria-hidden', 'true');
  video.after(canvas);
  let isLost = false;

  function take() {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d').drawImage(video, 0, 0);
    setHidden(canvas, false);
  }

  function settle() {
    const isAwaited = video.srcObject && video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA;
    if (!isLost && !isAwaited) setHidden(canvas, true);
  }
  video.addEventListener('loadeddata', settle);

  /** To be called before the video is given another stream. */
  return (isLostNow) => {
    if (isLostNow && !isLost && canvas.hidden && video.videoWidth > 0) take();
    isLost = isLostNow;
    settle();
  };
}
