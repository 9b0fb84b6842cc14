// An hour's wear in one page, compressed: joining, sharing, losing the network and leaving, again
// and again, leaves nothing behind.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { eventually, House, mediaFlows, repeats, TINY, useChromium } from './harness.mjs';

const CYCLES = 10 * repeats(1);
/** Until code is compiled, caches are filled and pools have their size. */
const WARM_UP_CYCLES = 3;
/** Units: bytes.  Compiled code and the browser's own caches still move by so much. */
const HEAP_SLACK = 3 << 20;

/** Counts what the page makes without holding on to any of it; runs before the page's scripts. */
function installCounters() {
  const wear = { made: 0, open: 0, tracks: 0, listeners: 0, memories: [] };
  window.wear = wear;
  const NativeConnection = window.RTCPeerConnection;
  window.RTCPeerConnection = class RTCPeerConnection extends NativeConnection {
    #isOpen = true;

    constructor(...parameters) {
      super(...parameters);
      wear.made += 1;
      wear.open += 1;
    }

    close() {
      if (this.#isOpen) wear.open -= 1;
      this.#isOpen = false;
      super.close();
    }
  };

  const { stop } = MediaStreamTrack.prototype;
  MediaStreamTrack.prototype.stop = function stopAndCount() {
    if (this.isCounted && this.readyState === 'live') wear.tracks -= 1;
    stop.call(this);
  };
  for (const name of ['getUserMedia', 'getDisplayMedia']) {
    const native = navigator.mediaDevices[name].bind(navigator.mediaDevices);
    navigator.mediaDevices[name] = async (...parameters) => {
      const stream = await native(...parameters);
      for (const track of stream.getTracks()) {
        track.isCounted = true;
        wear.tracks += 1;
      }
      return stream;
    };
  }

  // Those of things that live as long as the page; others go with what they listen to.
  for (const target of [window, document, navigator.mediaDevices, navigator.connection]) {
    const { addEventListener, removeEventListener } = target;
    const known = new Map(); // type → listeners
    const forget = (type, listener) => {
      if (known.get(type)?.delete(listener)) wear.listeners -= 1;
    };
    target.addEventListener = function add(type, listener, options) {
      const ofType = known.get(type) ?? new Set();
      known.set(type, ofType);
      if (!ofType.has(listener)) wear.listeners += 1;
      ofType.add(listener);
      options?.signal?.addEventListener('abort', () => forget(type, listener));
      addEventListener.call(target, type, listener, options);
    };
    target.removeEventListener = function remove(type, listener, options) {
      forget(type, listener);
      removeEventListener.call(target, type, listener, options);
    };
  }

  const NativeInstance = WebAssembly.Instance;
  const note = (instance) => {
    const memory = Object.values(instance.exports)
      .find((each) => each instanceof WebAssembly.Memory);
    if (memory) wear.memories.push(new WeakRef(memory));
  };
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...parameters) => {
    const result = await instantiate.call(WebAssembly, ...parameters);
    note(result instanceof NativeInstance ? result : result.instance);
    return result;
  };
  WebAssembly.Instance = new Proxy(NativeInstance, {
    construct(Target, parameters) {
      const instance = new Target(...parameters);
      note(instance);
      return instance;
    },
  });

  const NativeSocket = window.WebSocket;
  window.WebSocket = class WebSocket extends NativeSocket {
    constructor(...parameters) {
      super(...parameters);
      wear.socket = new WeakRef(this);
    }
  };
}

const readCounters = () => {
  const { open, tracks, listeners, memories } = window.wear;
  const sizes = memories.map((each) => each.deref()?.buffer.byteLength ?? 0)
    .filter((size) => size > 0);
  return {
    connections: open, tracks, listeners,
    wasmBytes: sizes.reduce((sum, size) => sum + size, 0), instances: sizes.length,
  };
};

/** What the page holds after everything that can be let go of has been. */
async function measure(visitor, devtools) {
  for (let time = 0; time < 3; time += 1) await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return { heapBytes: usedSize, ...await visitor.evaluate(readCounters) };
}

/** As much of a meeting as leaves traces: media, a screen, a network that goes, and the end. */
async function cycle(ana, ben) {
  await ana.press('Join');
  await ana.untilJoined();
  await mediaFlows([ana, ben]);
  await ana.press('Share screen');
  await eventually('Ben sees the screen', () => ben.tileOf('Ana', { isScreen: true }));
  await ana.evaluate(() => {
    window.wear.socket.deref().close();
    window.dispatchEvent(new Event('online'));
  });
  await ana.press('Stop sharing');
  await eventually('Ana is back', async () => {
    const { connection, participants } = await ana.snapshot();
    return connection === 'joined' && participants.length === 2
      && participants.every((each) => each.connection === 'connected' && !each.sharing);
  });
  await mediaFlows([ana, ben]);
  await ana.press('Leave');
  await ana.page.getByRole('heading', { name: 'You left' }).waitFor();
  await eventually('Ben is alone', async () => (await ben.tiles()).length === 1);
}

describe('wear', () => {
  const chromium = useChromium();

  it(`${CYCLES} meetings in one page leave nothing behind`, { timeout: 60_000 * (CYCLES + 5) },
    async (t) => {
      const house = await House.open(chromium.browser);
      try {
        const ben = await house.join({ name: 'Ben', probe: { capture: TINY } });
        const ana = await house.visitUnwatched('Ana', installCounters);
        const devtools = await ana.page.context().newCDPSession(ana.page);
        await ana.untilReady();
        let baseline = null;
        for (let time = 1; time <= WARM_UP_CYCLES + CYCLES; time += 1) {
          await cycle(ana, ben);
          if (time === WARM_UP_CYCLES) baseline = await measure(ana, devtools);
          if (time === WARM_UP_CYCLES + CYCLES) break;
          await ana.page.locator('#back').click();
          await ana.untilReady();
        }
        const end = await measure(ana, devtools);
        t.diagnostic(`at first ${JSON.stringify(baseline)}`);
        t.diagnostic(`at last ${JSON.stringify(end)}`);
        const { heapBytes, ...counts } = end;
        const { heapBytes: heapBefore, ...before } = baseline;
        assert.deepEqual(counts, before);
        assert.equal(end.connections, 0);
        assert.equal(end.tracks, 0);
        assert.ok(heapBytes <= heapBefore + HEAP_SLACK,
          `the heap grew from ${heapBefore} to ${heapBytes} bytes`);
      } catch (error) {
        console.log(await house.describe());
        throw error;
      } finally {
        await house.close();
      }
    });
});
