// What the page stands on but its sources don't hold: the site puts the package beside it.

declare module '*/dvmeet-core/dist/standalone.js' {
  type Package = typeof import('../wasm/index.js');
  export const createMeeting: Package['createMeeting'];
  export const checkSupport: Package['checkSupport'];
  export const MeetingError: Package['MeetingError'];
}

/** The live meeting, for scripts and the curious. */
interface Window {
  meeting: import('../wasm/index.js').Meeting | null;
}
