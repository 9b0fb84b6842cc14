// What the page tells a meeting of the sizes of its tiles; observers and window are stand-ins here.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { createSizes, sizeOf } from '../../web/sizes.js';

/** Of any of the three kinds; the test says what is observed. */
class Observer {
  static made = [];
  observed = new Set();

  constructor(callback) {
    this.callback = callback;
    Observer.made.push(this);
  }

  observe(element) {
    this.observed.add(element);
  }

  unobserve(element) {
    this.observed.delete(element);
  }

  disconnect() {
    this.observed.clear();
  }
}

const page = Object.assign(new EventTarget(), {
  hidden: false, getElementById: () => 'call',
});
const screen = Object.assign(new EventTarget(), { devicePixelRatio: 1 });
Object.assign(globalThis, {
  ResizeObserver: Observer, IntersectionObserver: Observer, MutationObserver: Observer,
  document: page, window: screen,
  getComputedStyle: ({ visibility = 'visible' }) => ({ visibility }),
});

describe('sizes of tiles', () => {
  let told;
  let sizes;
  let boxes;
  let views;
  let covers;

  beforeEach(() => {
    Observer.made = [];
    page.hidden = false;
    screen.devicePixelRatio = 1;
    told = [];
    sizes = createSizes();
    [boxes, views, covers] = Observer.made;
    sizes.enter({
      showTile: (id, kind, { width, height }) => told.push(`${id} ${kind} ${width}×${height}`),
    });
  });

  afterEach(() => sizes.exit());

  const news = () => told.splice(0);
  const resize = (target, width, height) =>
    boxes.callback([{ target, contentRect: { width, height } }]);
  const scroll = (target, isIntersecting) => views.callback([{ target, isIntersecting }]);

  it('are whole steps of device pixels, and nothing without an area', () => {
    assert.deepEqual(sizeOf({ width: 320, height: 180 }, 1), { width: 320, height: 192 });
    assert.deepEqual(sizeOf({ width: 321, height: 180.4 }, 1.5), { width: 496, height: 272 });
    assert.deepEqual(sizeOf({ width: 0, height: 180 }, 2), { width: 0, height: 0 });
  });

  it('are told once laid out, and again only where they differ', () => {
    const tile = {};
    sizes.watch(tile, 'ben', 'camera');
    scroll(tile, true);
    assert.deepEqual(news(), []);
    resize(tile, 300, 200);
    assert.deepEqual(news(), ['ben camera 304×208']);
    resize(tile, 302, 201);
    scroll(tile, true);
    assert.deepEqual(news(), []);
    resize(tile, 305, 201);
    assert.deepEqual(news(), ['ben camera 320×208']);
  });

  it('follow the pixels of the screen that the page is moved to', () => {
    const tile = {};
    sizes.watch(tile, 'ben', 'screen');
    resize(tile, 320, 160);
    screen.devicePixelRatio = 2;
    screen.dispatchEvent(new Event('resize'));
    assert.deepEqual(news(), ['ben screen 320×160', 'ben screen 640×320']);
  });

  it('are nothing for what nobody sees, and come back', () => {
    const ben = {};
    const cleo = {};
    sizes.watch(ben, 'ben', 'camera');
    sizes.watch(cleo, 'cleo', 'camera');
    resize(ben, 320, 160);
    resize(cleo, 320, 160);
    news();
    scroll(cleo, false);
    assert.deepEqual(news(), ['cleo camera 0×0']);
    page.hidden = true;
    page.dispatchEvent(new Event('visibilitychange'));
    assert.deepEqual(news(), ['ben camera 0×0']);
    scroll(cleo, true);
    assert.deepEqual(news(), []);
    page.hidden = false;
    page.dispatchEvent(new Event('visibilitychange'));
    assert.deepEqual(news(), ['ben camera 320×160', 'cleo camera 320×160']);
    ben.visibility = 'hidden'; // under a panel
    covers.callback([]);
    assert.deepEqual(news(), ['ben camera 0×0']);
  });

  it('of tiles that are gone, or of a call that is over, are told nobody', () => {
    const ben = {};
    const cleo = {};
    sizes.watch(ben, 'ben', 'camera');
    sizes.watch(cleo, 'cleo', 'camera');
    resize(ben, 320, 160);
    news();
    sizes.forget(ben);
    resize(ben, 640, 320);
    sizes.exit();
    resize(cleo, 640, 320);
    page.dispatchEvent(new Event('visibilitychange'));
    screen.dispatchEvent(new Event('resize'));
    assert.deepEqual(news(), []);
    assert.deepEqual([boxes, views, covers].map(({ observed }) => observed.size), [0, 0, 0]);
  });
});
