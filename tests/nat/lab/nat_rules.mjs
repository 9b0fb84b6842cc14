// What each kind of client network does to packets, as nftables rules of its router.

/** Seconds a learned mapping lives without traffic, as Linux and most routers have it. */
const MAPPING_LIFE_S = 30;
const TABLE = `flags dynamic,timeout; timeout ${MAPPING_LIFE_S}s; size 65535;`;

const LEARN_PORT = 'iifname lan meta l4proto udp update @mapped { udp sport : ip saddr }';
const LEARN_PEER = 'iifname lan meta l4proto udp update @peers { ip daddr . udp sport }';
const TRANSLATE = 'oifname wan masquerade';

/**
 * Per kind: `outward` is what may leave, `leaving` how its source is translated, `learning` and
 * `arriving` what opens a port to others than those it was opened for.
 *
 * The cone kinds keep a table of mapped ports of their own, filled by what leaves, because
 * connection tracking by itself admits nothing but replies.
 * @type {Record<string, {outward?: string, leaving?: string, learning?: string[],
 *   arriving?: string}>}
 */
const KINDS = {
  firewall: {},
  fullCone: {
    leaving: TRANSLATE,
    learning: [LEARN_PORT],
    arriving: 'iifname wan meta l4proto udp dnat to udp dport map @mapped',
  },
  addressRestricted: {
    leaving: TRANSLATE,
    learning: [LEARN_PORT, LEARN_PEER],
    arriving: 'iifname wan ip saddr . udp dport @peers dnat to udp dport map @mapped',
  },
  portRestricted: { leaving: TRANSLATE },
  symmetric: { leaving: `${TRANSLATE} fully-random` },
  udpBlocked: { leaving: TRANSLATE, outward: 'tcp dport { 80, 443, 3478 }' },
  tlsOnly: { leaving: TRANSLATE, outward: 'tcp dport 443' },
};

/** The ruleset of a router between the devices `lan` and `wan`. */
export function natRules(kind) {
  if (kind === 'open') return 'flush ruleset\n';
  const { outward = '', leaving = '', learning = [], arriving = '' } = KINDS[kind];
  // What nobody asked for is dropped before it reaches the router itself: accepted, it would be
  // tracked, and the client's own packet to that peer would have to take another port, which makes
  // a cone symmetric for just that peer.
  return `flush ruleset
table ip nat {
  map mapped { type inet_service : ipv4_addr; ${TABLE} }
  set peers { type ipv4_addr . inet_service; ${TABLE} }
  chain learning { type filter hook forward priority mangle; policy accept;
    ${learning.join('\n    ')}
  }
  chain arriving { type nat hook prerouting priority dstnat; policy accept;
    ${arriving}
  }
  chain leaving { type nat hook postrouting priority srcnat; policy accept;
    ${leaving}
  }
  chain forward { type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname lan ${outward} accept
    ct status dnat accept
  }
  chain input { type filter hook input priority filter; policy accept;
    ct state established,related accept
    iifname wan drop
  }
}
`;
}

/** Private addresses go nowhere on the internet, and nobody is told why. */
export const INTERNET_RULES = `
table ip internet {
  set private { type ipv4_addr; flags interval;
    elements = { 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16 }
  }
  chain forward { type filter hook forward priority filter; policy accept;
    ip saddr @private drop
    ip daddr @private drop
  }
}
`;
