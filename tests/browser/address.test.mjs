// What an address of the page may wish for, and what it may not.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { inviteLink, readAddress } from '../../web/address.js';

const read = (search, page = 'https://meet.example') => {
  const { protocol, host } = new URL(page);
  return readAddress({ search: new URL(`?${search}`, page).search, protocol, host });
};

describe('the page’s address', () => {
  it('fills in the lobby', () => {
    assert.deepEqual(read('room=standup&name=Ana&audio=0&autojoin=1'), {
      room: 'standup', name: 'Ana', signaling: '', foreignHost: '', autojoin: true, audio: false,
      video: true, maxParticipants: undefined, uplinkKbps: undefined, adapt: true,
    });
    assert.deepEqual(read(''), {
      room: '', name: '', signaling: '', foreignHost: '', autojoin: false, audio: true, video: true,
      maxParticipants: undefined, uplinkKbps: undefined, adapt: true,
    });
    for (const off of ['autojoin=0', 'autojoin=false', 'autojoin=off']) {
      assert.equal(read(off).autojoin, false);
    }
  });

  it('says how many the meeting takes, within what a meeting can be told', () => {
    assert.equal(read('maxParticipants=2').maxParticipants, 2);
    assert.equal(read('maxParticipants=128').maxParticipants, 128);
    for (const wrong of ['1', '129', '12.5', 'x', '', '-3']) {
      assert.equal(read(`maxParticipants=${wrong}`).maxParticipants, undefined);
    }
  });

  it('says what the uplink carries, within what a meeting can be told', () => {
    assert.equal(read('uplink=1500').uplinkKbps, 1500);
    assert.equal(read('uplink=4294967').uplinkKbps, 4_294_967);
    for (const wrong of ['0', '4294968', '1.5', 'x', '', '-3']) {
      assert.equal(read(`uplink=${wrong}`).uplinkKbps, undefined);
    }
  });

  it('says whether pictures follow their tiles and the uplink', () => {
    assert.equal(read('adapt=0').adapt, false);
    assert.equal(read('adapt=1').adapt, true);
  });

  it('is cut as the fields are', () => {
    for (const field of ['room', 'name']) {
      assert.equal(read(`${field}=${'x'.repeat(65)}`)[field], 'x'.repeat(64));
      assert.equal(read(`${field}=+${'x'.repeat(63)}+y`)[field], 'x'.repeat(63));
      // Sixty-three letters and half of a face.
      assert.equal(read(`${field}=${'x'.repeat(63)}😀`)[field], 'x'.repeat(63));
    }
  });

  const own = [
    '', 'https://meet.example', 'https://meet.example/', 'wss://meet.example', 'meet.example',
    'HTTPS://MEET.EXAMPLE', 'http://localhost:8080', 'http://127.0.0.1:41234', 'ws://[::1]:8080',
    'localhost:8080', '//meet.example', 'https://other.example@meet.example',
    'https://meet.example\\@other.example',
  ];
  for (const signaling of own) {
    it(`joins at once through ${signaling || 'its own server'}`, () => {
      const found = read(`autojoin=1&signaling=${encodeURIComponent(signaling)}`);
      assert.equal(found.autojoin, true);
      assert.equal(found.foreignHost, '');
    });
  }

  const foreign = {
    'https://other.example': 'other.example',
    'https://meet.example:444': 'meet.example:444',
    'other.example': 'other.example',
    '//other.example': 'other.example',
    '/other.example': 'other.example',
    'https:other.example': 'https:other.example',
    'https://meet.example@other.example': 'other.example',
    'https://localhost.other.example': 'localhost.other.example',
    'wss://127.0.0.1.other.example': '127.0.0.1.other.example',
    'javascript:alert(1)': 'javascript:alert(1)',
    'https://': 'https://',
  };
  for (const [signaling, host] of Object.entries(foreign)) {
    it(`asks before it joins through ${signaling}`, () => {
      const found = read(`autojoin=1&signaling=${encodeURIComponent(signaling)}`);
      assert.deepEqual([found.autojoin, found.foreignHost], [false, host]);
    });
  }

  it('names the same server to those who are judged and those who connect', () => {
    assert.equal(read('signaling=https://a:b@other.example/room?x=1%23y').signaling,
      'https://other.example/room?x=1');
    assert.equal(read('signaling=other.example').signaling, 'https://other.example/');
  });

  it('invites to the room and its server, and hands on nothing else', () => {
    const here = 'https://meet.example/a/?room=x&name=Ana&autojoin=1&signaling=https://s.example#y';
    assert.equal(inviteLink(here, 'stand up'),
      'https://meet.example/a/?room=stand+up&signaling=https%3A%2F%2Fs.example');
    assert.equal(inviteLink('https://meet.example/?room=x&maxParticipants=20&name=Ana', 'x'),
      'https://meet.example/?room=x&maxParticipants=20');
  });
});
