// A film for Chromium's fake camera that is as hard to encode as what real cameras see in a room
// with little light: something large moves, and every pixel is noisy.

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

const NOISE = 24;
const STRIPE_PX = 160;

/**
 * Writes a second of YUV4MPEG2, which a fake camera repeats.
 * @param {string} file
 * @param {{width: number, height: number, frameRate: number}} picture
 */
export async function writeFilm(file, { width, height, frameRate }) {
  const film = createWriteStream(file, { mode: 0o600 });
  film.write(`YUV4MPEG2 W${width} H${height} F${frameRate}:1 Ip A1:1 C420jpeg\n`);
  let state = 1;
  const noise = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Knuth and Lewis
    return (state >>> 16) % NOISE;
  };
  for (let frame = 0; frame < frameRate; frame += 1) {
    const pixels = Buffer.alloc(width * height * 1.5, 128);
    const moved = Math.round((frame / frameRate) * STRIPE_PX);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        pixels[y * width + x] = 64 + ((x + y + moved) % STRIPE_PX) / 2 + noise();
      }
    }
    film.write('FRAME\n');
    film.write(pixels);
  }
  film.end();
  await once(film, 'finish');
}
