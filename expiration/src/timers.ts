/** Wakes somebody at a moment, once or more often; a timer that is lost is nobody's loss but punctuality's. */
export interface Timers {
  /** Sets the timer of this id; one that it had for another time may wake as well. Rejects when the timers cannot be reached. */
  set(id: string, at: Date): Promise<void>;
  /** Forgets the timer of this id and time, if there is one. */
  clear(id: string, at: Date): Promise<void>;
  /** Says what to do; a `due` that rejects is called again, with growing delay. To be called once, before `set`. */
  start(due: (id: string, at: Date) => Promise<void>): void;
  readonly connected: boolean;
  close(): Promise<void>;
}
