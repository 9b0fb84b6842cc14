// The laboratory is what it says: networks of the named kinds, links of the named shape.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { skip, useLab } from './lab/lab.mjs';

const NONE = 'none';
const FREE = 'endpoint-independent';
const ADDRESS = 'address-dependent';
const PORT = 'address-and-port-dependent';
const BOTH = { 3478: true, 443: true };

/** Mapping and filtering in the words of RFC 4787, §4.1 and §5. */
const EXPECTED = {
  open: { udp: { mapping: NONE, filtering: FREE }, tcp: BOTH },
  firewall: { udp: { mapping: NONE, filtering: PORT }, tcp: BOTH },
  fullCone: { udp: { mapping: FREE, filtering: FREE }, tcp: BOTH },
  addressRestricted: { udp: { mapping: FREE, filtering: ADDRESS }, tcp: BOTH },
  portRestricted: { udp: { mapping: FREE, filtering: PORT }, tcp: BOTH },
  symmetric: { udp: { mapping: PORT, filtering: PORT }, tcp: BOTH },
  udpBlocked: { udp: null, tcp: BOTH },
  tlsOnly: { udp: null, tcp: { 3478: false, 443: true } },
};

describe('the laboratory', () => {
  const holder = useLab('ana');

  for (const [kind, expected] of Object.entries(EXPECTED)) {
    it(`has a network that is ${kind}`, { skip }, async () => {
      const { lab } = holder;
      await lab.clients.ana.setKind(kind);
      assert.deepEqual(await lab.measure('ana'), expected);
    });
  }

  it('has links that delay, lose, are narrow and fall silent', { skip }, async () => {
    const { lab } = holder;
    const { ana } = lab.clients;
    await ana.setKind('open');
    const calm = await lab.roundTrips('ana', 50);
    assert.equal(calm.lost, 0);
    assert.ok(calm.medianMs >= 30 && calm.medianMs < 100, `${calm.medianMs} ms`);
    await ana.loss(30);
    const { lost } = await lab.roundTrips('ana', 200);
    assert.ok(lost > 0.35 && lost < 0.67, `${lost} lost; 0.51 of the round trips should be`);
    await ana.loss(0);
    // A hundred questions come in a second, and fewer than ten answers fit.
    await ana.shape({ rate: 8 });
    const narrow = await lab.roundTrips('ana', 100);
    assert.ok(narrow.lost > 0.5 && narrow.medianMs > 100, JSON.stringify(narrow));
    await ana.restore();
    const silence = ana.cut(1000);
    assert.equal((await lab.roundTrips('ana', 20)).lost, 1);
    await silence;
    assert.equal((await lab.roundTrips('ana', 20)).lost, 0);
  });

  it('changes addresses and uplinks', { skip }, async () => {
    const { lab } = holder;
    const { ana } = lab.clients;
    await ana.setKind('portRestricted');
    const seen = new Set();
    const look = async () => seen.add((await lab.roundTrips('ana', 1)).mapped);
    await look();
    await ana.changeLanAddress();
    await look();
    assert.equal(seen.size, 1);
    await ana.changeNatAddress();
    await look();
    assert.equal(seen.size, 2);
    await ana.handOver({ gapMs: 100 });
    await look();
    assert.equal(seen.size, 3);
    await ana.handOver({ overlapMs: 100 });
    await look();
    assert.equal(seen.size, 3);
  });
});
