// Measures the network it runs in against a STUN server, and prints a line of JSON.
// Usage: node stun.mjs ADDRESS [COUNT]
//
// Without COUNT it says what the network does to UDP and TCP, for which the server has to have two
// addresses and two ports (RFC 5780 §4.3, §4.4); with COUNT, how many questions were lost, and how
// long the others took.

import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

const [server, count] = process.argv.slice(2);
const PORT = 3478;
const TRIES = 4;
const PATIENCE_MS = 400;
/** Between questions that are counted, and until one is lost: on a busy machine, answers wait. */
const PERIOD_MS = 10;
const LOST_MS = 2000;

const COOKIE = 0x2112a442;
const REQUEST = 0x0001;
const HEADER_BYTES = 20;
const CHANGE_REQUEST = 0x0003;
const XOR_MAPPED_ADDRESS = 0x0020;
const OTHER_ADDRESS = 0x802c;
const CHANGE_PORT = 2;
const CHANGE_ADDRESS = 4;

function bindingRequest(change) {
  const attribute = Buffer.from(change ? [0, CHANGE_REQUEST, 0, 4, 0, 0, 0, change] : []);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(REQUEST, 0);
  header.writeUInt16BE(attribute.length, 2);
  header.writeUInt32BE(COOKIE, 4);
  randomBytes(12).copy(header, 8);
  return Buffer.concat([header, attribute]);
}

function readAddress(value, mask) {
  const port = value.readUInt16BE(2) ^ (mask >>> 16);
  const bits = (value.readUInt32BE(4) ^ mask) >>> 0;
  return { address: [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.'), port };
}

function readAnswer(message) {
  const answer = { mapped: null, other: null };
  for (let at = HEADER_BYTES; at + 4 <= message.length;) {
    const type = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 2);
    const value = message.subarray(at + 4, at + 4 + length);
    if (type === XOR_MAPPED_ADDRESS) answer.mapped = readAddress(value, COOKIE);
    if (type === OTHER_ADDRESS) answer.other = readAddress(value, 0);
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return answer;
}

/** Asks from one socket, which is one mapping or several. */
class Prober {
  #socket = dgram.createSocket('udp4');

  async open() {
    this.#socket.setMaxListeners(0); // one for each question that waits
    this.#socket.bind(0);
    await once(this.#socket, 'listening');
    return this;
  }

  /** Resolves to null when no answer comes in. */
  async ask({ address, port }, { change = 0, maxTries = TRIES, patienceMs = PATIENCE_MS } = {}) {
    const request = bindingRequest(change);
    const id = request.subarray(4, HEADER_BYTES);
    for (let tries = 0; tries < maxTries; tries += 1) {
      this.#socket.send(request, port, address, () => {});
      const signal = AbortSignal.timeout(patienceMs);
      try {
        for (;;) {
          const [message] = await once(this.#socket, 'message', { signal });
          if (message.subarray(4, HEADER_BYTES).equals(id)) return readAnswer(message);
        }
      } catch { /* not in time */ }
    }
    return null;
  }

  close() {
    this.#socket.close();
  }
}

const isSame = (one, other) => one.address === other.address && one.port === other.port;

async function mapping(first, prober) {
  const own = Object.values(networkInterfaces()).flat().map(({ address }) => address);
  if (own.includes(first.mapped.address)) return 'none';
  const second = await prober.ask({ address: first.other.address, port: PORT });
  const third = await prober.ask(first.other);
  if (isSame(first.mapped, second.mapped)) return 'endpoint-independent';
  return isSame(second.mapped, third.mapped) ? 'address-dependent' : 'address-and-port-dependent';
}

async function filtering(prober) {
  const here = { address: server, port: PORT };
  await prober.ask(here);
  const elsewhere = CHANGE_ADDRESS | CHANGE_PORT;
  if (await prober.ask(here, { change: elsewhere })) return 'endpoint-independent';
  if (await prober.ask(here, { change: CHANGE_PORT })) return 'address-dependent';
  return 'address-and-port-dependent';
}

async function udp() {
  const prober = await new Prober().open();
  const stranger = await new Prober().open(); // has spoken to nobody else
  try {
    const first = await prober.ask({ address: server, port: PORT });
    if (!first) return null;
    return { mapping: await mapping(first, prober), filtering: await filtering(stranger) };
  } finally {
    prober.close();
    stranger.close();
  }
}

async function tcp(port) {
  const socket = net.connect(port, server);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS * TRIES) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function roundTrips() {
  const prober = await new Prober().open();
  const asked = Array.from({ length: Number(count) }, async (_, index) => {
    await pause(index * PERIOD_MS);
    const began = performance.now();
    const answer = await prober.ask({ address: server, port: PORT },
      { maxTries: 1, patienceMs: LOST_MS });
    return answer && { ms: performance.now() - began, mapped: answer.mapped.address };
  });
  const answers = (await Promise.all(asked)).filter(Boolean);
  prober.close();
  const times = answers.map(({ ms }) => ms).sort((one, other) => one - other);
  return {
    lost: 1 - answers.length / Number(count),
    medianMs: times[Math.floor(times.length / 2)] ?? null,
    mapped: answers.at(-1)?.mapped ?? null,
  };
}

const found = count === undefined
  ? { udp: await udp(), tcp: { 3478: await tcp(PORT), 443: await tcp(443) } }
  : await roundTrips();
console.log(JSON.stringify(found));
