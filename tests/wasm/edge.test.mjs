// The compiled module against the same tables and stories as the native core.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { loadCore } from '../../wasm/load.js';

const transcripts = new URL('../transcripts/', import.meta.url);
const core = await loadCore();

/** A core in a room, where messages of the server are listened to. */
function joined() {
  assert.equal(core.configure({}), '');
  core.dispatch(0, { type: 'joinRequested', room: 'room', name: 'Ana' });
  core.dispatch(0, { type: 'signalingOpened', socketId: 'self' });
  core.dispatch(0, { type: 'signalReceived', name: 'participants-list', payload: [] });
  return core;
}

const rows = JSON.parse(readFileSync(new URL('malformed.json', transcripts), 'utf8'));
for (const { name, payload, field, detail } of rows) {
  test(`a broken '${name}' is told by its field: ${field || 'the payload'} ${detail}`, () => {
    joined();
    const before = JSON.stringify(core.snapshot());
    const actions = core.dispatch(1, { type: 'signalReceived', name, payload });
    assert.equal(actions.length, 1);
    const [{ type, level, code, detail: told }] = actions;
    assert.deepEqual({ type, level, code }, {
      type: 'report', level: 'warn', code: 'malformed_message',
    });
    assert.equal(told, `'${name}': ${field || 'the payload'} ${detail}`);
    assert.equal(JSON.stringify(core.snapshot()), before);
  });
}

const stories = readdirSync(transcripts).filter((file) => file.endsWith('.txt'));
for (const file of stories) {
  test(`the story ${file} goes as it does natively, to the byte`, () => {
    assert.equal(core.configure({}), '');
    const told = readFileSync(new URL(file, transcripts), 'utf8');
    const lines = [];
    for (const line of told.split('\n')) {
      if (line.startsWith('<')) continue;
      lines.push(line);
      const event = /^> (\d+) (.*)$/u.exec(line);
      if (!event) continue;
      const actions = core.dispatch(Number(event[1]), JSON.parse(event[2]));
      for (const action of actions) lines.push(`< ${JSON.stringify(action)}`);
    }
    assert.equal(lines.join('\n'), told);
  });
}

test('there are stories to tell', () => {
  assert.ok(stories.length >= 8, `${stories.length} stories`);
  assert.ok(rows.length >= 50, `${rows.length} rows`);
});

test('a text with a lone surrogate is refused before it is converted', () => {
  const payload = { fromId: 'bob', sdp: { type: 'offer', sdp: '\ud800' } };
  const [report] = joined().dispatch(1, { type: 'signalReceived', name: 'offer', payload });
  assert.equal(report.detail,
    "'offer': sdp.sdp is not a well-formed text of between 0 and 131072 bytes");
  assert.equal(report.participant, 'bob');
});

test('a text of many megabytes is refused by its length', () => {
  const payload = { fromId: 'bob', sdp: { type: 'offer', sdp: 'x'.repeat(64 << 20) } };
  const [report] = joined().dispatch(1, { type: 'signalReceived', name: 'offer', payload });
  assert.match(report.detail, /^'offer': sdp\.sdp /u);
});

test('numbers that JSON does not know are refused, not coerced', () => {
  for (const generation of [NaN, Infinity, -1, 1.5, 2 ** 32]) {
    const payload = { fromId: 'bob', sdp: { type: 'offer', sdp: '' }, generation };
    const [report] = joined().dispatch(1, { type: 'signalReceived', name: 'offer', payload });
    assert.match(report.detail, /^'offer': generation is not a whole number/u);
  }
});

test('an event that is no event is answered with what is wrong', () => {
  joined();
  assert.equal(core.dispatch(1, { type: 'nothing' }), 'type is not one of the known names');
  assert.equal(core.dispatch(1, { type: 'joinRequested', room: 5 }), 'room is not a text');
  assert.equal(core.dispatch(1, 7), 'it is not an object');
});

test('a configuration out of bounds is answered with what is wrong', () => {
  joined();
  assert.equal(core.configure({ candidateCapacity: 0 }),
    'candidateCapacity is not a whole number between 1 and 4096');
  assert.equal(core.snapshot().connection, 'joined');
});

test('a core that is configured anew remembers nothing', () => {
  joined();
  assert.equal(core.configure({}), '');
  assert.equal(core.snapshot().connection, 'idle');
});

test('two cores share nothing', async () => {
  const other = await loadCore();
  joined();
  assert.equal(core.snapshot().connection, 'joined');
  assert.equal(other.snapshot().connection, 'idle');
});
