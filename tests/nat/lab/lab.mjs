// A small internet on one machine: clients behind networks of every kind, and servers between them.
// Nothing in it has a way out, and nothing is left of it when its process ends.

import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Client } from './client.mjs';
import { buildLink } from './link.mjs';
import { Namespaces, obstacle } from './namespaces.mjs';
import { INTERNET_RULES } from './nat_rules.mjs';
import { Servers, TURN } from './servers.mjs';

export { URL_REFUSED, URL_WITHOUT_TURN, URL_WITH_TURN } from './servers.mjs';

const STUN_PROGRAM = fileURLToPath(new URL('stun.mjs', import.meta.url));

/** Why tests in the laboratory are skipped here; false when they are not. */
export const skip = (await obstacle()) || false;

/** A laboratory for all tests of a suite: `holder.lab`. */
export function useLab(...names) {
  const holder = { /** @type {Lab} */ lab: null };
  before(async () => {
    if (!skip) holder.lab = await Lab.open(names);
  });
  after(() => holder.lab?.close());
  return holder;
}

export class Lab {
  #namespaces;
  /** @type {Servers} */
  servers;
  /** @type {Record<string, Client>} */
  clients = {};

  /** @param {string[]} names of the clients */
  static async open(names) {
    const lab = new Lab();
    await buildLink();
    lab.#namespaces = new Namespaces();
    try {
      await lab.#build(names);
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  async #build(names) {
    const namespaces = this.#namespaces;
    await namespaces.add('internet');
    await namespaces.sysctl('internet', 'net.ipv4.ip_forward=1');
    await namespaces.nft('internet', INTERNET_RULES);
    this.servers = await Servers.start(namespaces);
    for (const [index, name] of names.entries()) {
      this.clients[name] = await Client.make(namespaces, name, index + 1);
    }
  }

  /** What a client's network does to UDP and TCP. */
  async measure(name) {
    const said = await this.clients[name].run(process.execPath, [STUN_PROGRAM, TURN[0]]);
    return JSON.parse(said);
  }

  /** How many of so many questions to a server are lost, and how long the others take. */
  async roundTrips(name, count) {
    const said = await this.clients[name].run(process.execPath, [STUN_PROGRAM, TURN[0], count]);
    return JSON.parse(said);
  }

  /** Removed with the laboratory. */
  get folder() {
    return this.#namespaces.folder;
  }

  async close() {
    await Promise.all(Object.values(this.clients).map((client) => client.end()));
    this.#namespaces.remove();
  }
}
