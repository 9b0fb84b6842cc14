// What happened in the meeting, as a file for whoever looks into what went wrong.

import { make } from './dom.js';
import { announce } from './notices.js';

/** Of a file's name; a room may have any letters. */
const UNFIT = /[^\p{L}\p{N}_-]+/gu;
const MAX_ROOM = 40;

let url = '';

export function traceName(room, date = new Date()) {
  const place = room.replace(UNFIT, '-').slice(0, MAX_ROOM) || 'room';
  return `dvmeet-trace-${place}-${date.toISOString().slice(0, 19).replaceAll(':', '-')}.ndjson`;
}

function save(text, name) {
  // The one before is long saved by now, whatever time the browser took for it.
  URL.revokeObjectURL(url);
  url = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
  const link = make('a');
  Object.assign(link, { href: url, download: name });
  link.click();
}

/** Serves every [data-trace] of the page; `current()` gives the meeting and its room. */
export function offerTrace(current) {
  for (const root of document.querySelectorAll('[data-trace]')) {
    const full = root.querySelector('input');
    root.querySelector('button').addEventListener('click', () => {
      const { meeting, room } = current();
      if (!meeting) return;
      save(meeting.trace({ full: full.checked }), traceName(room));
      announce('Trace saved.');
    });
  }
}
