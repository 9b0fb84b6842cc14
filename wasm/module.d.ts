// The compiled core, as Embind shows it; see bindings.cpp.

/** An instance of the module, which is one meeting's. */
export interface Core {
  /** Begins anew; returns what is wrong with the configuration, or nothing. */
  configure(config: object): string;
  /** The actions of one event, or what is wrong with the event. */
  dispatch(now: number, event: object): ({ type: string } & Record<string, any>)[] | string;
  snapshot(): any;
  stats(participantId: string): any;
  /** The server's messages, to listen for. */
  signalNames(): string[];
}
