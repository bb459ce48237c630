import type { Router } from 'express';
import type { z } from 'zod';
import type { Draft } from './contracts/message.ts';
import type { Handler } from './handler.ts';
import type { Stream } from './http/stream.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Recorded, Records } from './record.ts';
import type { Clock, Ids, Random } from './runtime.ts';
import type { Database, RecordModel } from './store.ts';

/** All that a service is handed; it reaches for nothing else. */
export interface Ports {
  /** The service's own database. */
  db: Database;
  /** The records of a model: its collection together with the outbox that announces it. */
  records<T extends Recorded>(model: RecordModel<T>): Records<T>;
  /** For a service without a database: publishes at once, rejects when the broker does not have it. */
  publish(draft: Draft): Promise<void>;
  /** False while events from elsewhere may be missing here. */
  caughtUp(): boolean;
  clock: Clock;
  ids: Ids;
  random: Random;
  log: Log;
  metrics: Metrics;
}

export interface Job {
  readonly name: string;
  /** Milliseconds between the end of a run and the next. */
  readonly every: number;
  run(): Promise<unknown>;
}

/** A job that looks for what was left undone, and counts how much that was. `every` in milliseconds. */
export const sweeper = (
  metrics: Metrics,
  name: string,
  every: number,
  sweep: () => Promise<number>,
): Job => ({
  name,
  every,
  run: async () => metrics.count('sweeper_catches_total', { sweeper: name }, await sweep()),
});

/** What a service is made of; the host runs it. */
export interface Parts {
  routes?: Router;
  handlers?: readonly Handler[];
  jobs?: readonly Job[];
  streams?: readonly Stream[];
  /** Names what is out but does not make the service unready, e.g. `stripe`. */
  degraded?(): readonly string[];
  close?(): Promise<void>;
}

export interface Service {
  readonly name: string;
  readonly config: z.ZodObject;
  /** False for a service that keeps nothing in MongoDB. */
  readonly database: boolean;
  setup(ports: Ports & { config: never }): Parts;
}

/** A service is a value: its name, the configuration it reads, and how its parts are put together. Nothing starts here. */
export const defineService = <S extends z.ZodObject>(service: {
  name: string;
  config: S;
  database?: boolean;
  setup(ports: Ports & { config: z.output<S> }): Parts;
}): Service => ({ database: true, ...service });
