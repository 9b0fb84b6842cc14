// The sentences of the page: what happened, and what a person can do about it.

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A device that couldn't be used, by the name of the DOMException the browser gave. */
export function deviceProblem(device, error) {
  const Device = capital(device);
  switch (error.name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      return {
        title: `${Device} is blocked`,
        advice: `Allow the ${device} for this page with the icon beside the address, `
          + 'and in your system’s privacy settings. Then turn it on here.',
      };
    case 'NotFoundError':
      return {
        title: `No ${device} found`,
        advice: `Plug one in or switch it on, then turn the ${device} on here.`,
      };
    case 'NotReadableError':
    case 'TrackStartError':
      return {
        title: `${Device} is in use`,
        advice: 'Another app or tab seems to hold it. Close that one, then turn it on here.',
      };
    case 'OverconstrainedError':
      return {
        title: `The chosen ${device} isn’t available`,
        advice: 'Choose another one in the list of devices.',
      };
    case 'NotSupportedError':
      return {
        title: `${Device} can’t be used here`,
        advice: 'Open this page over https or on localhost, in a browser that has what it takes: '
          + 'phones share no screens.',
      };
    case 'SecurityError':
    case 'TypeError':
      return {
        title: `This page may not use the ${device}`,
        advice: 'Open it over https or on localhost; a page that embeds it must allow it, too.',
      };
    case 'AbortError':
      return {
        title: `${Device} didn’t start`,
        advice: 'Turn it on again. If that fails, reconnect the device or restart the browser.',
      };
    default:
      return {
        title: `${Device} doesn’t work`,
        advice: error.message || 'Turn it on again, or choose another one.',
      };
  }
}

const ADVICE = {
  room_full: 'Wait until somebody leaves, or choose another room.',
  bad_request: 'Change the room or your name, then try again.',
  uplink_exceeded: 'Turn your video off, or end what else uses your connection: voices go first.',
  connection_failed: 'Press Retry on their tile. A network in between may forbid video calls.',
};

/** What to do about a MeetingError; empty when its own message says all there is to say. */
export const adviceFor = (code) => ADVICE[code] ?? '';

/** How the connection to a participant is, in a word; connected needs none. */
export const CONNECTION_WORDS = {
  new: 'Connecting…',
  connecting: 'Connecting…',
  connected: '',
  reconnecting: 'Reconnecting…',
  failed: 'Not connected',
};

/** Of somebody whom the server has lost and whose media flows. */
export const SIGNALING_LOST = 'signaling lost';

/** One or two letters that stand for a name. */
export function initials(name) {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => [...(word ?? '')].find((letter) => /[\p{L}\p{N}]/u.test(letter)) ?? '');
  return letters.join('').toLocaleUpperCase() || '?';
}

export const TINTS = 8;

/** A number below TINTS, the same for the same name everywhere; style.css has the colours. */
export function tint(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 65521;
  return sum % TINTS;
}

/** The time of a message as a clock shows it; other clients send text of their own. */
export function clockTime(time) {
  const date = new Date(time);
  if (!/^\d{4}-\d\d-\d\dT/.test(time) || Number.isNaN(date.getTime())) return time;
  return date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

export const screenTitle = ({ isSelf, name }) => (isSelf ? 'Your screen' : `${name}’s screen`);
