// What the page's address says, what is remembered, and the link that invites others.

/** UTF-16 units of a room's and a person's name that the fields of index.html take. */
const MAX_NAME_LENGTH = 64;
const MOST_PEOPLE = 128;
const MOST_KBPS = 4_294_967;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const NAME_KEY = 'dvmeet.name';
const SHORTCUTS_KEY = 'dvmeet.shortcuts';
const WORDS = [
  ('amber bright calm clever cosy crisp early fair fleet gentle golden happy jolly keen kind '
    + 'light lively lucky mellow merry neat nimble noble quick quiet rosy sunny swift tidy warm '
    + 'wise witty').split(' '),
  ('badger beaver crane dolphin falcon finch fox gecko hare heron ibis jay koala lark lemur lynx '
    + 'magpie marten mole otter owl panda plover puffin raven robin seal swan tern toad wren '
    + 'zebra').split(' '),
  ('bay beach bridge brook canyon cliff coast cove delta dune field fjord forest garden glade '
    + 'grove harbor hill island lagoon lake meadow moor orchard pond reef ridge river shore '
    + 'spring vale wood').split(' '),
];

/**
 * The wishes in the page's address; anything absent has its default. `foreignHost` is that of a
 * signaling server which neither serves this page nor runs on this machine: whoever wrote the link
 * chose it, so nobody is brought in there unasked.
 */
export function readAddress({ search, protocol, host }) {
  const query = new URLSearchParams(search);
  const isOn = (name) => !['0', 'false', 'off'].includes(query.get(name));
  const wanted = query.get('signaling');
  const server = wanted ? serverAt(wanted, protocol) : { signaling: '', host };
  const isForeign = server.host !== host && !LOOPBACK.includes(server.hostname);
  return {
    room: cut(query.get('room') ?? ''),
    name: cut(query.get('name') ?? ''),
    signaling: server.signaling,
    foreignHost: isForeign ? server.host : '',
    autojoin: query.has('autojoin') && isOn('autojoin') && !isForeign,
    audio: isOn('audio'),
    video: isOn('video'),
    maxParticipants: wholeOf(query.get('maxParticipants'), 2, MOST_PEOPLE),
    uplinkKbps: wholeOf(query.get('uplink'), 1, MOST_KBPS),
    adapt: isOn('adapt'),
  };
}

/** What a meeting may be told; anything else leaves it to the meeting. */
function wholeOf(text, least, most) {
  const number = Number(text);
  return Number.isInteger(number) && number >= least && number <= most ? number : undefined;
}

/** As a field cuts what is pasted into it; half a character is none. */
const cut = (text) =>
  text.trim().slice(0, MAX_NAME_LENGTH).replace(/[\ud800-\udbff]$/, '').trim();

/**
 * A server's address in full, and its host. One reading for both, so that what is judged is what is
 * connected to; a host alone gets the page's own protocol.
 */
function serverAt(text, pageProtocol) {
  const hasProtocol = /^(?:https?|wss?):\/\//i.test(text);
  try {
    const { protocol, host, hostname, pathname, search } = new URL(
      hasProtocol ? text : `${pageProtocol}//${text.replace(/^\/\//, '')}`);
    return { signaling: `${protocol}//${host}${pathname}${search}`, host, hostname };
  } catch {
    return { signaling: text, host: text }; // the attempt to join says what is wrong with it
  }
}

/**
 * The address of this page for somebody else: the room, how many it takes and its server, nothing
 * personal.
 */
export function inviteLink(href, room) {
  const link = new URL(href);
  const kept = ['maxParticipants', 'signaling']
    .map((name) => [name, link.searchParams.get(name)]);
  link.search = '';
  link.hash = '';
  link.searchParams.set('room', room);
  for (const [name, value] of kept) if (value) link.searchParams.set(name, value);
  return link.href;
}

/** Puts the room into the address bar, so that a reload or a copied address leads back to it. */
export function rememberRoom(room) {
  const here = new URL(location.href);
  if (here.searchParams.get('room') === room) return;
  here.searchParams.set('room', room);
  history.replaceState(null, '', here);
}

/** Somebody who left doesn't want a reload to bring them back in unasked. */
export function forgetAutojoin() {
  const here = new URL(location.href);
  if (!here.searchParams.has('autojoin')) return;
  here.searchParams.delete('autojoin');
  history.replaceState(null, '', here);
}

/** A room name that reads well aloud and isn't guessed: 15 bits of words and 16 of number. */
export function suggestRoom() {
  const random = crypto.getRandomValues(new Uint16Array(WORDS.length + 1));
  const words = WORDS.map((list, index) => list[random[index] % list.length]);
  return [...words, random[WORDS.length]].join('-');
}

export const rememberedName = () => read(NAME_KEY) ?? '';
export const rememberName = (name) => write(NAME_KEY, name);
export const shortcutsWanted = () => read(SHORTCUTS_KEY) !== 'off';
export const rememberShortcuts = (on) => write(SHORTCUTS_KEY, on ? 'on' : 'off');

// Storage may be missing, full or forbidden; the page does without it.
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch { /* not remembered */ }
}
