// A client of the laboratory, and what can happen to its network.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Uplink } from './uplink.mjs';

const CHROMIUM = '/usr/bin/chromium';
/**
 * 30 ms to a server and back, 60 ms to another client and back; nothing is lost.
 * @type {import('./link.mjs').Shape}
 */
const CALM = { delay: 15, jitter: 0, loss: 0, rate: 0, cut: 0 };

export class Client {
  #namespaces;
  /** @type {Uplink} */
  #wifi;
  /** @type {Uplink} */
  #lte;
  /** @type {Uplink} */
  #current;
  name = '';

  /**
   * @param {import('./namespaces.mjs').Namespaces} namespaces
   * @param {string} name
   * @param {number} number from 1 on, and below 50
   */
  static async make(namespaces, name, number) {
    const client = new Client();
    client.#namespaces = namespaces;
    client.name = name;
    await namespaces.add(name);
    client.#wifi = await Uplink.make(namespaces, name, {
      name: `${name}-wifi`, device: 'wifi', table: 100,
      wans: [`198.51.100.${number}`, `198.51.100.${50 + number}`],
      own: `198.51.100.${100 + number}`, lan: `192.168.${number}`,
    });
    client.#lte = await Uplink.make(namespaces, name, {
      name: `${name}-lte`, device: 'lte', table: 101,
      wans: [`198.51.100.${150 + number}`, `198.51.100.${200 + number}`],
      own: `203.0.113.${100 + number}`, lan: `10.64.${number}`,
    });
    for (const uplink of [client.#wifi, client.#lte]) {
      await uplink.setKind('symmetric');
      await uplink.shape(CALM);
    }
    await client.#wifi.attach();
    client.#current = client.#wifi;
    return client;
  }

  /** The kind of its home network; LTE is symmetric always. */
  setKind(kind) {
    return this.#wifi.setKind(kind);
  }

  /** Silence beyond the router, and then as before. */
  async cut(milliseconds) {
    await this.#current.shape({ cut: 1 });
    await pause(milliseconds);
    await this.#current.shape({ cut: 0 });
  }

  loss(percent) {
    return this.#current.shape({ loss: percent });
  }

  /**
   * Anything else about its link.
   * @param {import('./link.mjs').Shape} change
   * @param {('up' | 'down')[]} [directions]
   */
  shape(change, directions) {
    return this.#current.shape(change, directions);
  }

  loseMappings() {
    return this.#current.loseMappings();
  }

  changeNatAddress() {
    return this.#current.changeWanAddress();
  }

  changeLanAddress() {
    return this.#current.changeLanAddress();
  }

  /**
   * From Wi-Fi to LTE, or back.
   * @param {{gapMs?: number, overlapMs?: number}} how so long without a network, or with both
   */
  async handOver({ gapMs = 0, overlapMs = 0 }) {
    const from = this.#current;
    this.#current = from === this.#wifi ? this.#lte : this.#wifi;
    if (overlapMs > 0) {
      await this.#current.attach();
      await pause(overlapMs);
      await from.detach();
      return;
    }
    await from.detach();
    await pause(gapMs);
    await this.#current.attach();
  }

  /** As it was made, but for its kind. */
  async restore() {
    for (const uplink of [this.#wifi, this.#lte]) await uplink.shape(CALM);
    if (this.#current === this.#lte) await this.handOver({});
  }

  /** Runs a program in the client's place. */
  run(program, parameters) {
    return this.#namespaces.run(this.name, program, parameters);
  }

  /** A program that is Chromium in the client's place. */
  async chromium() {
    const program = path.join(this.#namespaces.folder, `chromium-${this.name}`);
    const home = this.#namespaces.folder;
    await writeFile(program, `#!/bin/sh
export HOME='${home}' TMPDIR='${home}'
exec ip netns exec ${this.#namespaces.name(this.name)} ${CHROMIUM} "$@"
`, { mode: 0o700 });
    return program;
  }

  async end() {
    await this.#wifi.end();
    await this.#lte.end();
  }
}
