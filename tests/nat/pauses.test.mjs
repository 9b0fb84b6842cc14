// What is read from the times of pictures. Skipped with all others: where there is no laboratory,
// nothing of this part counts as passed.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { skip } from './lab/lab.mjs';
import { kept, longest, quantile, recovery } from './pauses.mjs';

/** Ten a second from `from` on, before `to`. */
const pictures = (from, to) =>
  Array.from({ length: (to - from) / 100 }, (_, index) => from + index * 100);

describe('pauses', { skip }, () => {
  it('a quantile lies between the two values it falls between', () => {
    assert.equal(quantile([5, 1, 4, 2, 3], 0.5), 3);
    assert.equal(quantile([4, 1, 2, 3], 0.5), 2.5);
    assert.deepEqual([0, 0.25, 0.9, 1].map((share) => quantile([10, 20, 30], share)),
      [10, 15, 28, 30]);
  });

  it('a quantile of what never came is never', () => {
    assert.equal(quantile([1, 2, Infinity], 0.5), 2);
    assert.equal(quantile([1, Infinity, Infinity], 0.25), Infinity);
    assert.equal(quantile([Infinity, Infinity], 0.5), Infinity);
  });

  it('a direction has recovered with the picture after its last pause', () => {
    const frames = [...pictures(0, 1_000), ...pictures(3_000, 4_000)];
    const span = { from: 900, usable: 2_500, to: 4_000 };
    assert.equal(recovery(frames, span), 500);
    assert.equal(longest(frames, span), 2_100);
    assert.equal(recovery(pictures(0, 4_000), span), 0);
    assert.equal(recovery(pictures(0, 1_000), span), Infinity);
  });

  it('pictures are kept by the rate before', () => {
    const span = { since: 0, from: 1_000, to: 3_000 };
    assert.equal(kept(pictures(0, 3_000), span), 1);
    assert.equal(kept([...pictures(0, 1_500), ...pictures(2_000, 3_000)], span), 0.75);
    assert.equal(kept(pictures(0, 1_000), span), 0);
  });
});
