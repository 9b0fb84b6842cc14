// Plays the commands of one scenario on two connections of this page; runs in the browser.

/**
 * The result of each command, as tests/sim/player.hpp describes it.
 * @param {string[]} commands
 */
export async function playScenario(commands) {
  const SETTLE_MS = 150; // for events that nothing announces
  const PENDING_MS = 2000; // a promise that has not settled by then never does
  const PATIENCE_MS = 30_000;
  const KINDS = { microphone: 'audio', camera: 'video', screen: 'video' };
  const sides = new Map();
  const kept = new Map();
  const labels = new Map(); // of the ICE generations, by ufrag
  const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

  const ufragOf = (of) => /a=ice-ufrag:(\S+)/.exec(of?.sdp ?? '')?.[1];

  /** Names the generation of a side's own description when it first appears. */
  function label(name) {
    const { pc, ufrags } = sides.get(name);
    const ufrag = ufragOf(pc.localDescription);
    if (!ufrag || labels.has(ufrag)) return;
    ufrags.push(ufrag);
    labels.set(ufrag, `${name}${ufrags.length}`);
  }

  const about = (what) => {
    if (!what) return '-';
    const lines = what.sdp.match(/^m=(audio|video) /gm)?.length ?? 0;
    const port = /^m=application (\d+)/m.exec(what.sdp)?.[1];
    const data = { undefined: '', 0: '+refused' }[port] ?? '+data';
    return `${what.type} ${labels.get(ufragOf(what))} ${lines}${data}`;
  };

  function observe(name) {
    const side = sides.get(name);
    const { pc } = side;
    if (pc.signalingState === 'closed') return ['closed'];
    const needed = side.needed > 0 ? [`negotiationneeded ${side.needed}`] : [];
    side.needed = 0;
    const lines = pc.getTransceivers().map(({ mid, receiver, direction, currentDirection }) =>
      `${mid ?? '-'}:${receiver.track.kind}:${direction}:${currentDirection ?? '-'}`);
    return [
      pc.signalingState, ...needed, `local ${about(pc.localDescription)}`,
      `remote ${about(pc.remoteDescription)}`, ...(lines.length > 0 ? [lines.join(' ')] : []),
    ];
  }

  /** Without candidates, which are for addCandidate and connect to bring. */
  function description(name) {
    if (kept.has(name)) return kept.get(name);
    const { type, sdp } = sides.get(name).pc.localDescription;
    const lines = sdp.split('\r\n').filter((line) => !/^a=(candidate|end-of-cand)/.test(line));
    return { type, sdp: lines.join('\r\n') };
  }

  function candidatesOf(name, which) {
    const { candidates, ufrags } = sides.get(name);
    const ufrag = ufrags.at(which === 'old' ? -2 : -1);
    const found = candidates.filter(({ usernameFragment }) => usernameFragment === ufrag);
    if (found.length === 0) throw new Error(`${name} gathered nothing as ${ufrag}`);
    if (which !== 'unknown') return found;
    return found.map((each) => ({
      ...each,
      candidate: each.candidate.replace(` ufrag ${ufrag}`, ' ufrag none'),
      usernameFragment: 'none',
    }));
  }

  const DEEDS = {
    new(name, [channel]) {
      const pc = new RTCPeerConnection();
      const side = { pc, made: new Set(), needed: 0, ufrags: [], candidates: [] };
      sides.set(name, side);
      pc.onnegotiationneeded = () => { side.needed += 1; };
      pc.onicecandidate = ({ candidate }) => {
        if (candidate?.candidate) side.candidates.push(candidate.toJSON());
      };
      if (channel) pc.createDataChannel('dvmeet', { negotiated: true, id: 0 });
    },
    add(name, slots) {
      const { pc, made } = sides.get(name);
      for (const slot of slots) made.add(pc.addTransceiver(KINDS[slot], { direction: 'sendrecv' }));
    },
    adopt(name) {
      const { pc, made } = sides.get(name);
      for (const each of pc.getTransceivers()) {
        if (each.mid === null || made.has(each)) continue;
        made.add(each);
        each.direction = 'sendrecv';
      }
    },
    direction(name, [wanted, direction]) {
      const all = sides.get(name).pc.getTransceivers();
      all.find(({ mid }) => mid === wanted).direction = direction;
    },
    restartIce: (name) => sides.get(name).pc.restartIce(),
    close: (name) => sides.get(name).pc.close(),
    keep(name, [as]) { kept.set(as, description(name)); },
    setLocal: (name) => sides.get(name).pc.setLocalDescription().then(() => label(name)),
    setRemote: (name, [from]) => sides.get(name).pc.setRemoteDescription(description(from)),
    addCandidate: (name, [from, which]) => sides.get(name).pc.addIceCandidate(
      from === 'end' ? undefined : candidatesOf(from, which)[0]),
  };

  async function connect(names) {
    const pairs = [names, [...names].reverse()];
    await Promise.all(pairs.flatMap(([from, to]) => candidatesOf(from).map((candidate) =>
      sides.get(to).pc.addIceCandidate(candidate))));
    const stateOf = (name) => sides.get(name).pc.connectionState;
    const deadline = performance.now() + PATIENCE_MS;
    const isUnderWay = (name) => !['connected', 'failed'].includes(stateOf(name));
    while (names.some(isUnderWay) && performance.now() < deadline) await sleep(50);
    return names.map((name) => `${name} ${stateOf(name)}`);
  }

  /** What a call has come to: at once, by its promise, or not at all. */
  function outcome(deed) {
    try {
      const promise = Promise.resolve(deed());
      return Promise.race([
        promise.then(() => 'ok', ({ name }) => name), sleep(PENDING_MS).then(() => 'pending'),
      ]);
    } catch (error) {
      if (error instanceof DOMException) return error.name;
      throw error;
    }
  }

  async function gathered() {
    const deadline = performance.now() + PATIENCE_MS;
    const isGathering = ({ pc }) => pc.iceGatheringState === 'gathering';
    while ([...sides.values()].some(isGathering) && performance.now() < deadline) await sleep(20);
  }

  async function perform(command) {
    const [, name, what] = /^(\w+) (.*)$/.exec(command);
    if (what.startsWith('connect ')) return (await connect([name, what.slice(8)])).join('; ');
    const deeds = what.replace(/^chain /, '').split('; ');
    const outcomes = await Promise.all(deeds.map((each) => {
      const [deed, ...words] = each.split(' ');
      return outcome(() => DEEDS[deed](name, words));
    }));
    await gathered();
    await sleep(SETTLE_MS);
    return [outcomes.join(' '), ...observe(name)].join('; ');
  }

  const results = [];
  for (const command of commands) results.push(await perform(command));
  for (const { pc } of sides.values()) pc.close();
  return results;
}
