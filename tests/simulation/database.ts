import type { ChangeFeed, Database, Doc, Filter, Model, Store, Update } from '@ticketing/common/store';
import { type Backend, changed, clone } from './memory.ts';
import type { Mishap, Proc, Scheduler } from './scheduler.ts';

export interface Watcher {
  /** Sees every write, in its step. */
  wrote(collection: string, before: Doc | undefined, after: Doc): void;
  /** Sees every message that the broker takes: which thing's state, and of which version. */
  published(id: string, version: number | undefined): void;
}

/** A service's database as one of its processes sees it: every operation is a step, and its answer may be lost. */
export function simulatedDatabase(
  service: string,
  proc: Proc,
  { gate }: Pick<Scheduler, 'gate'>,
  backend: Backend,
  watcher: Watcher,
  mishap: (collection: string) => Mishap,
): Database {
  return {
    store: <T extends Doc>(model: Model<T>) => simulatedStore<T>(`${service}.${model.name}`),
    prepare: () => Promise.resolve(),
    ping: () => Promise.resolve(new Date()),
    close: () => Promise.resolve(),
  };

  function simulatedStore<T extends Doc>(name: string): Store<T> {
    const read = <R>(label: string, effect: () => Promise<R>) => gate(proc, `${label} ${name}`, effect);
    const write = <R>(label: string, effect: () => Promise<R>) =>
      gate(proc, `${label} ${name}`, effect, () => mishap(name));
    const update = async (filter: Filter, change: Update, sort?: Record<string, 1 | -1>) => {
      const updated = await backend.update(name, filter, change, sort);
      if (updated) watcher.wrote(name, updated.before, updated.after);
      return updated;
    };
    const insert = async (document: Doc) => {
      await backend.insert(name, clone(document));
      watcher.wrote(name, undefined, document);
    };

    return {
      name,
      findOne: async (filter, options) =>
        ((await read(
          `reads ${about(filter)} of`,
          async () => (await backend.find(name, filter, { ...options, limit: 1 }))[0] ?? null,
        )) ?? null) as T | null,
      find: async (filter, options = {}) =>
        (await read(`looks through`, () => backend.find(name, filter, options))) as T[],
      count: (filter) => read('counts', async () => (await backend.find(name, filter, {})).length),
      insert: (document) => write(`inserts ${told(document)} into`, () => insert(document)),
      findOneAndUpdate: async (filter, change, options) =>
        ((await write(
          `takes one of`,
          async () => (await update(filter, change, options?.sort))?.after ?? null,
        )) ?? null) as T | null,
      async updateOne(filter, change, options) {
        const updated = await write(`updates ${about(filter)}${changing(change)} in`, () =>
          update(filter, change),
        );
        if (updated) return { matched: 1, upserted: false };
        if (!options?.upsert) return { matched: 0, upserted: false };
        // As in the real one, another process may insert between an upsert's look and its insert.
        const fresh = upserted(filter, change);
        await write(`upserts ${told(fresh)} into`, () => insert(fresh));
        return { matched: 0, upserted: true };
      },
      updateMany: (filter, change) =>
        write(`updates all that match in`, async () => {
          let modified = 0;
          for (const { _id } of await backend.find(name, filter, { projection: { _id: 1 } })) {
            if (await update({ _id }, change)) modified += 1;
          }
          return modified;
        }),
      deleteMany: (filter) => write(`deletes ${about(filter)} from`, () => backend.remove(name, filter)),
      aggregate: () => Promise.reject(new Error('Reports are not simulated')),
      watch: (): ChangeFeed<T> => {
        throw new Error('Streams are not simulated');
      },
    };
  }
}

/** The document that an upsert inserts: the filter's equalities, then what the update sets. */
const upserted = (filter: Filter, change: Update): Doc => {
  const equal = Object.entries(filter).filter(([, value]) => value === null || typeof value !== 'object');
  const onInsert = (change as { $setOnInsert?: object }).$setOnInsert;
  return { ...changed(Object.fromEntries(equal) as unknown as Doc, change), ...onInsert };
};

/** The last digits of an id, which tell things apart in a trace. */
export const short = (id: string): string =>
  /^[0-9a-f]{24}$/.test(id) ? `#${id.slice(-4).replace(/^0+/, '')}` : id;

const about = (filter: Filter) => (typeof filter['_id'] === 'string' ? short(filter['_id']) : 'one');

const told = (document: Doc) => {
  const { status, version } = document as { status?: string; version?: number };
  return `${short(document._id)}${status === undefined ? '' : ` (${status}, version ${version})`}`;
};

const changing = (update: Update) => {
  const status = (update as { $set?: { status?: string } }).$set?.status;
  return status === undefined ? '' : ` to ${status}`;
};
