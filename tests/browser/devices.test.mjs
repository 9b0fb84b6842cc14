// Cameras and microphones that are refused, missing or in use: one can join, and is told plainly.

import { describe, it } from 'node:test';

import {
  checkMesh, eventually, FAKE_CONSENT, FAKE_DEVICES, inHouse, LIMIT, mediaFlows, SMALL, useChromium,
} from './harness.mjs';

const ALL = { permissions: ['camera', 'microphone'] };
const BEN = { name: 'Ben', context: ALL, probe: { capture: SMALL } };
const ON = 'false';
const OFF = 'true';

const seesAna = (visitor, muted, videoOff) =>
  eventually(`${visitor.name} sees Ana with muted ${muted}, video off ${videoOff}`, async () => {
    const tile = await visitor.tileOf('Ana');
    return tile?.muted === muted && tile.videoOff === videoOff && tile.connection === 'connected';
  });

async function isTold(visitor, titles) {
  const problems = visitor.page.locator('#lobby-problems');
  for (const title of titles) {
    await problems.getByText(title, { exact: true }).waitFor({ timeout: 10_000 });
  }
  await problems.getByText('You can join without it.').waitFor();
}

describe('devices that can’t be had', () => {
  // Nobody clicks "Allow" here: a context has the permissions that the test gives it.
  const chromium = useChromium([FAKE_DEVICES]);

  const cases = [
    {
      title: 'the camera refused',
      context: { permissions: ['microphone'] },
      told: ['Camera is blocked'], muted: ON, videoOff: OFF,
    },
    {
      title: 'the microphone refused',
      context: { permissions: ['camera'] },
      told: ['Microphone is blocked'], muted: OFF, videoOff: ON,
    },
    {
      title: 'both refused',
      context: {},
      told: ['Camera is blocked', 'Microphone is blocked'], muted: OFF, videoOff: OFF,
    },
    {
      title: 'no camera',
      refuse: { video: 'NotFoundError' },
      told: ['No camera found'], muted: ON, videoOff: OFF,
    },
    {
      title: 'no device at all',
      refuse: { audio: 'NotFoundError', video: 'NotFoundError' },
      told: ['No camera found', 'No microphone found'], muted: OFF, videoOff: OFF,
    },
    {
      title: 'the camera in use by another program',
      refuse: { video: 'NotReadableError' },
      told: ['Camera is in use'], muted: ON, videoOff: OFF,
    },
    {
      title: 'the microphone in use by another program',
      refuse: { audio: 'NotReadableError' },
      told: ['Microphone is in use'], muted: OFF, videoOff: ON,
    },
  ];
  for (const { title, context = ALL, refuse, told, muted, videoOff } of cases) {
    for (const anaIsFirst of [true, false]) {
      it(`${title}: joins ${anaIsFirst ? 'first' : 'second'}`, LIMIT,
        inHouse(chromium, async (house) => {
          const joinAna = async () => {
            const probe = { capture: SMALL, refuse };
            const ana = await house.visit({ name: 'Ana', context, probe });
            ana.allow(/^report media_/);
            await ana.untilReady();
            await isTold(ana, told);
            await ana.press('Join');
            await ana.untilJoined();
            return ana;
          };
          let ana = anaIsFirst ? await joinAna() : null;
          const ben = await house.join(BEN);
          ana ??= await joinAna();
          await seesAna(ben, muted, videoOff);
          await mediaFlows([ana, ben], {
            unheard: muted === OFF ? ['Ana'] : [], unseen: videoOff === OFF ? ['Ana'] : [],
          });
          await checkMesh([ana, ben]);
        }));
    }
  }

  it('who joins without seeing the lobby is told in the meeting', LIMIT,
    inHouse(chromium, async (house) => {
      const refuse = { video: 'NotAllowedError' }; // at once, so before the meeting is in view
      const ana = await house.join({ name: 'Ana', context: ALL, probe: { refuse } });
      ana.allow(/^report media_refused/);
      await ana.page.locator('#call').getByText('Camera is blocked')
        .or(ana.page.getByRole('alert').getByText('Camera is blocked', { exact: true })).first()
        .waitFor({ timeout: 10_000 });
    }));

  it('a camera allowed later is seen without a further offer', LIMIT,
    inHouse(chromium, async (house) => {
      const ben = await house.join(BEN);
      const ana = await house.join({ name: 'Ana', context: {}, probe: { capture: SMALL } });
      ana.allow(/^report media_refused/);
      await seesAna(ben, OFF, OFF);
      await ana.press('Start video');
      await ana.page.getByRole('alert').getByText('Camera is blocked', { exact: true })
        .waitFor({ timeout: 10_000 });
      await ana.page.context().grantPermissions(['camera', 'microphone']);
      await ana.press('Start video');
      await ana.press('Unmute');
      await seesAna(ben, ON, ON);
      await mediaFlows([ana, ben]);
      await checkMesh([ana, ben]);
    }));
});

describe('a machine without a camera', () => {
  const chromium = useChromium([`${FAKE_DEVICES}=device-count=0`, FAKE_CONSENT]);

  it('two can talk', LIMIT, inHouse(chromium, async (house) => {
    const visitors = [];
    for (const name of ['Ana', 'Ben']) {
      const visitor = await house.visit({ name });
      visitor.allow(/^report media_missing/);
      visitors.push(visitor);
      await visitor.untilReady();
      await isTold(visitor, ['No camera found']);
      await visitor.press('Join');
      await visitor.untilJoined();
    }
    await seesAna(visitors[1], ON, OFF);
    await mediaFlows(visitors, { unseen: ['Ana', 'Ben'] });
    await checkMesh(visitors);
  }));
});

describe('a machine without any device', () => {
  const chromium = useChromium([FAKE_CONSENT]);

  it('two can join and write', LIMIT, inHouse(chromium, async (house) => {
    const visitors = [];
    for (const name of ['Ana', 'Ben']) {
      const visitor = await house.visit({ name });
      visitor.allow(/^report media_missing/);
      visitors.push(visitor);
      await visitor.untilReady();
      await isTold(visitor, ['No camera found', 'No microphone found']);
      await visitor.press('Join');
      await visitor.untilJoined();
    }
    const [ana, ben] = visitors;
    await seesAna(ben, OFF, OFF);
    await checkMesh(visitors);
    await ana.press('Chat');
    await ana.page.getByRole('textbox', { name: 'Write a message' }).fill('I only watch');
    await ana.page.keyboard.press('Enter');
    await ben.press('Chat');
    await ben.page.getByRole('log').getByText('I only watch').waitFor({ timeout: 10_000 });
  }));
});
