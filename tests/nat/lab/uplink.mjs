// One way of a client to the internet: a router in a namespace, with a LAN behind it and an
// emulated link before it.

import assert from 'node:assert/strict';

import { Link } from './link.mjs';
import { natRules } from './nat_rules.mjs';

const hasTranslation = (kind) => kind !== 'open' && kind !== 'firewall';

export class Uplink {
  #namespaces;
  #client;
  #plan;
  #router;
  #port;
  #link;
  #kind;
  #wan = 0;
  #host = 0;
  /** The client's address as its policy routing knows it. */
  #attached = '';

  /**
   * @param {import('./namespaces.mjs').Namespaces} namespaces
   * @param {string} client the client's namespace
   * @param {object} plan
   * @param {string} plan.name the router's namespace
   * @param {string} plan.device the client's end of the cable
   * @param {number} plan.table for the routes of what is bound to this uplink's address
   * @param {string[]} plan.wans the router's public address, and the one it can change to
   * @param {string} plan.own the client's public address in a network without translation
   * @param {string} plan.lan the first three octets of the private network
   */
  static async make(namespaces, client, plan) {
    const uplink = new Uplink();
    uplink.#namespaces = namespaces;
    uplink.#client = client;
    uplink.#plan = plan;
    const router = plan.name;
    uplink.#router = router;
    uplink.#port = router;
    await namespaces.add(router);
    uplink.#link = await Link.start(namespaces, [router, 'wan'], ['internet', router]);
    await namespaces.ip('internet', `link set ${router} up`);
    await namespaces.ip(router, 'link set wan up');
    await namespaces.cable([client, plan.device], [router, 'lan']);
    await namespaces.ip(router, `addr add ${plan.lan}.1/24 dev lan`);
    // TCP through a router that has forgotten it is dead, not adopted in mid-stream.
    await namespaces.sysctl(router, 'net.ipv4.ip_forward=1',
      'net.netfilter.nf_conntrack_tcp_loose=0');
    await uplink.#setWan(0);
    return uplink;
  }

  /** @param {import('./link.mjs').Shape} change @param {('up' | 'down')[]} [directions] */
  shape(change, directions) {
    return this.#link.shape(change, directions);
  }

  /** Makes it a network of this kind; an attached client has its new address at once. */
  async setKind(kind) {
    this.#kind = kind;
    await this.loseMappings();
    const { own } = this.#plan;
    const way = hasTranslation(kind) ? 'delete' : 'replace';
    const isRouted = (await this.#namespaces.run(this.#router, 'ip', ['route'])).includes(own);
    if (way === 'replace' || isRouted) {
      await this.#namespaces.ip(this.#router, `route ${way} ${own} dev lan`);
      await this.#namespaces.ip('internet', `route ${way} ${own} dev ${this.#port}`);
    }
    if (this.#attached && this.#attached !== this.#address) await this.attach();
  }

  /** The router starts anew: it knows no mapping and no connection. */
  async loseMappings() {
    await this.#namespaces.nft(this.#router, natRules(this.#kind));
    await this.#namespaces.run(this.#router, 'conntrack', ['--flush']);
  }

  /** The router has another public address, as after a dial-up of its own. */
  async changeWanAddress() {
    assert.ok(hasTranslation(this.#kind), `nothing is translated by ${this.#kind}`);
    await this.#setWan(1 - this.#wan);
    await this.loseMappings();
  }

  /** The client has another private address, as after a new lease. */
  async changeLanAddress() {
    assert.ok(hasTranslation(this.#kind), `the address is public in ${this.#kind}`);
    this.#host = 1 - this.#host;
    await this.attach();
  }

  /** Brings the client's device up and routes by it, before any other uplink it has. */
  async attach() {
    const { device, table, lan } = this.#plan;
    const address = this.#address;
    const rule = (each) => `rule add from ${each} lookup ${table}`;
    if (this.#attached) {
      await this.#namespaces.ip(this.#client, rule(this.#attached).replace('add', 'delete'));
    }
    this.#attached = address;
    const route = `route replace default via ${lan}.1 dev ${device} onlink`;
    // With two uplinks up, what is bound to the address of one leaves by that one.
    await this.#namespaces.ip(this.#client,
      `link set ${device} up`,
      `addr flush dev ${device}`,
      `addr add ${address}/${hasTranslation(this.#kind) ? 24 : 32} dev ${device}`,
      route, `${route} table ${table}`, rule(address));
  }

  /** The client's device goes down, and its address with it. */
  async detach() {
    const { device, table } = this.#plan;
    const rule = this.#attached ? [`rule delete from ${this.#attached} lookup ${table}`] : [];
    this.#attached = '';
    await this.#namespaces.ip(this.#client,
      ...rule, `addr flush dev ${device}`, `link set ${device} down`);
  }

  end() {
    return this.#link.end();
  }

  get #address() {
    const { own, lan } = this.#plan;
    return hasTranslation(this.#kind) ? `${lan}.${100 + 100 * this.#host}` : own;
  }

  async #setWan(index) {
    const address = this.#plan.wans[index];
    const old = this.#plan.wans[1 - index];
    const there = await this.#namespaces.run(this.#router, 'ip', ['addr', 'show', 'dev', 'wan']);
    if (there.includes(`${old}/`)) {
      await this.#namespaces.ip(this.#router, `addr delete ${old}/32 dev wan`);
      await this.#namespaces.ip('internet', `route delete ${old} dev ${this.#port}`);
    }
    this.#wan = index;
    await this.#namespaces.ip(this.#router, `addr add ${address}/32 dev wan`,
      `route replace default dev wan src ${address}`);
    await this.#namespaces.ip('internet', `route replace ${address} dev ${this.#port}`);
  }
}
