// One pair breaks: it says so on its tile, with a way to mend it, and nobody else notices.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { eventually, inHouse, LIMIT, mediaFlows, SMALL, useChromium } from './harness.mjs';

const PROBE = { capture: SMALL };

describe('a pair that fails', () => {
  const chromium = useChromium();

  it('fails alone, says why, and is mended by Retry', LIMIT, inHouse(chromium, async (house) => {
    const ana = await house.join({ name: 'Ana', probe: PROBE });
    const ben = await house.join({ name: 'Ben', probe: PROBE });
    await mediaFlows([ana, ben]);
    // Who comes last makes both connections; the first of them is broken.
    const cleo = await house.join({ name: 'Cleo', probe: { ...PROBE, breaks: 1 } });
    cleo.allow(/^report negotiation_failed/);
    const failed = await eventually('a tile of Cleo’s shows that it failed', async () =>
      (await cleo.tiles()).find(({ connection }) => connection === 'failed'));
    const [broken, whole] = failed.name === 'Ana' ? [ana, ben] : [ben, ana];
    const tile = cleo.page.locator(`[data-participant="${failed.id}"]:not([data-screen])`);
    await tile.getByText('The browser refused a step of the negotiation '
      + '(OperationError: This one is broken).').waitFor();
    const retry = tile.getByRole('button', { name: 'Retry' });
    assert.equal(await retry.isVisible(), true);

    // The third one of this room: nothing was torn down, nothing stands still.
    await mediaFlows([cleo, whole], { besides: [broken.name] });
    await mediaFlows([ana, ben], { besides: ['Cleo'] });
    const before = await whole.connections();
    assert.equal(before.made, 2);
    assert.deepEqual(before.live.map(({ state }) => state), ['connected', 'connected']);

    await retry.click();
    await mediaFlows([ana, ben, cleo]);
    assert.equal(await tile.getAttribute('data-connection'), 'connected');
    assert.equal(await retry.isVisible(), false);
    assert.deepEqual(await whole.connections(), before);
    for (const visitor of [cleo, broken]) {
      const { made, live } = await visitor.connections();
      assert.deepEqual([made, live.length], [3, 2]);
    }
  }));
});
