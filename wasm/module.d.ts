// The compiled core, as Embind shows it; see bindings.cpp.

export interface MeetingCore {
  problem(): string;
  /** The actions of one event, or what is wrong with the event. */
  dispatch(now: number, event: object): ({ type: string } & Record<string, any>)[] | string;
  snapshot(): any;
  stats(participantId: string): any;
  delete(): void;
}

export interface CoreModule {
  MeetingCore: {
    new (config: object): MeetingCore;
    signalNames(): string[];
  };
}
