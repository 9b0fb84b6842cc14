// The places of one to twelve people and their screens, on every kind of stage.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { arrange, fitGrid } from '../../web/layout.js';

/** What is left of the window beside header, controls and margins. */
const STAGES = {
  'a desktop': { width: 1256, height: 640 },
  'a large desktop': { width: 2536, height: 1280 },
  'a desktop with an open panel': { width: 904, height: 640 },
  'a tablet held upright': { width: 744, height: 880 },
  'a phone held upright': { width: 348, height: 560 },
  'a small phone held upright': { width: 308, height: 420 },
  'a phone on its side': { width: 716, height: 230 },
  'a square window': { width: 500, height: 500 },
};
const LEAST = { width: 64, height: 48 }; // smaller, and nobody can be made out
const MOST = 12;
const GAP_PX = 8;

const counts = Array.from({ length: MOST }, (_, index) => index + 1);
const overlap = (one, other) => one.x < other.x + other.width && other.x < one.x + one.width
  && one.y < other.y + other.height && other.y < one.y + one.height;

function check({ screens, cameras }, stage) {
  const all = [...screens, ...cameras];
  for (const [index, place] of all.entries()) {
    const told = `${JSON.stringify(place)} of ${JSON.stringify(all)}`;
    assert.ok(Object.values(place).every(Number.isInteger), told);
    assert.ok(place.x >= 0 && place.y >= 0, told);
    assert.ok(place.x + place.width <= stage.width, told);
    assert.ok(place.y + place.height <= stage.height, told);
    assert.ok(place.width >= LEAST.width && place.height >= LEAST.height, told);
    for (const other of all.slice(index + 1)) {
      assert.ok(!overlap(place, other), `${told} and ${JSON.stringify(other)}`);
    }
  }
  // Faces are all alike, and so are screens.
  for (const places of [screens, cameras]) {
    assert.equal(new Set(places.map(({ width, height }) => `${width} ${height}`)).size,
      places.length ? 1 : 0);
  }
}

describe('the places of the tiles', () => {
  for (const [name, stage] of Object.entries(STAGES)) {
    for (const screens of [0, 1, 2]) {
      it(`${name}: ${screens} screens and 1 to ${MOST} people fit`, () => {
        for (const cameras of counts) {
          const places = arrange({ screens, cameras, ...stage });
          assert.deepEqual([places.screens.length, places.cameras.length], [screens, cameras]);
          check(places, stage);
        }
      });
    }
  }

  it('a camera’s picture is never cropped to less than the stage asks for', () => {
    for (const stage of Object.values(STAGES)) {
      for (const cameras of counts) {
        const [{ width, height }] = arrange({ screens: 0, cameras, ...stage }).cameras;
        const tallest = stage.width < stage.height ? 4 / 5 : 4 / 3;
        assert.ok(width / height <= 16 / 9 + 0.02 && width / height >= tallest - 0.02,
          `${width}×${height} of ${cameras}`);
      }
    }
  });

  it('more people never get larger tiles', () => {
    for (const stage of Object.values(STAGES)) {
      const areas = counts.map((count) => {
        const { tileWidth, tileHeight } = fitGrid(count, stage.width, stage.height);
        return tileWidth * tileHeight;
      });
      assert.deepEqual(areas, [...areas].sort((one, other) => other - one));
    }
  });

  it('the gap is kept', () => {
    const { cameras } = arrange({ screens: 0, cameras: 4, width: 1256, height: 640, gap: GAP_PX });
    assert.equal(cameras[1].x - cameras[0].x - cameras[0].width, GAP_PX);
    assert.equal(cameras[2].y - cameras[0].y - cameras[0].height, GAP_PX);
  });

  it('nobody, or no room at all, is no reason to fail', () => {
    assert.deepEqual(arrange({ screens: 0, cameras: 0, width: 100, height: 100 }),
      { screens: [], cameras: [] });
    const { cameras } = arrange({ screens: 1, cameras: 12, width: 0, height: 0 });
    assert.equal(cameras.length, 12);
    assert.ok(cameras.every(({ width, height }) => width === 0 && height === 0));
  });
});
