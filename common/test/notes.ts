import { z } from 'zod';
import type { Bus } from '../src/bus/bus.ts';
import { defineMessage, Id, Version } from '../src/contracts/message.ts';
import { silentLog } from '../src/log.ts';
import { createMetrics } from '../src/metrics.ts';
import { defineRecord, type Recorded, records, type Records } from '../src/record.ts';
import { type Clock, systemClock, systemIds } from '../src/runtime.ts';
import type { Store } from '../src/store.ts';

/** The text of a note that nobody is told of. */
export const SECRET = 'a secret';

/** A record for tests: something with a text, a rank, and a name that is unique where it has one. */
export interface Note extends Recorded {
  text: string;
  rank: number;
  userId: string;
  name?: string;
}

export const NoteChanged = defineMessage(
  'note:changed',
  z.object({ id: Id, version: Version, text: z.string(), rank: z.int() }),
);

export const noteModel = defineRecord<Note>(
  'notes',
  { text: String, rank: Number, userId: String, name: String },
  (note) => (note.text === SECRET ? undefined : NoteChanged(note)),
);
noteModel.schema.index({ name: 1 }, { unique: true, partialFilterExpression: { name: { $exists: true } } });
noteModel.schema.index({ rank: 1, _id: 1 });

export const fresh = (fields: Partial<Note> = {}) => ({
  _id: systemIds.next(),
  text: 'hello',
  rank: 0,
  userId: 'ann',
  ...fields,
});

/** A bus on which nobody hears anything, but which tells what it was given. */
export const recorder = () => {
  const published: { id: string; data: { id: string; version: number; text: string } }[] = [];
  const bus = {
    connected: true,
    publish: async (_subject: string, message: string) => {
      published.push(JSON.parse(message) as (typeof published)[number]);
    },
  };
  return { bus, published };
};

/** The records of one process. */
export const notesOf = (
  store: Store<Note>,
  bus: Pick<Bus, 'publish' | 'connected'>,
  clock: Clock = systemClock,
): Records<Note> =>
  records(noteModel, { source: '/notes' }, { store, bus, clock, log: silentLog, metrics: createMetrics() });

/** A store that tells which operations it was asked for. */
export const observed = (store: Store<Note>) => {
  const operations: string[] = [];
  const watched = new Proxy(store, {
    get(target, key) {
      const value = Reflect.get(target, key) as unknown;
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        operations.push(String(key));
        return (value as (...all: unknown[]) => unknown)(...given);
      };
    },
  });
  return { store: watched, operations };
};
