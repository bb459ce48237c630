import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { type Connection, createConnection, mongo } from 'mongoose';
import { Unavailable } from './rejection.ts';
import type { ChangeFeed, Database, Doc, Filter, FindOptions, Model, Store } from './store.ts';
import { together } from './together.ts';
import { trial, writes } from './writes.ts';

/** How long an operation may take before it fails, in milliseconds: a hanging database must not hold requests. */
const PATIENCE = 5000;
/** Changes are gathered in the database for this long, in milliseconds, between two looks. */
const GATHER = 250;
/** How long the database waits for a change before it says that there is none, in milliseconds, where somebody wants to know. */
const AWAIT = 250;
/** Changes that the database gives at a time, and that are taken before something else has its turn. */
const BATCH = 500;
const AT_ONCE = 50;

/** A MongoDB deployment: one client, and from it the databases of the services that this process runs. */
export interface MongoServer {
  /** The database `name`, unless the connection string names one itself. */
  database(name: string): Database;
  close(): Promise<void>;
}

/** What a process may tell its operator of its database. */
export interface Told {
  /** Which member takes the writes from now on, or that none does. */
  primary?(address: string | undefined): void;
  /** That updates go one by one, as this database does not say which of many matched. */
  ungathered?(): void;
}

/**
 * Mongoose declares the models, builds their indexes and owns the connection; operations go to the model's
 * own collection, as a document layer costs more than the rest of a request (docs/adr/0004).
 */
export function mongoServer(url: string, told: Told = {}): MongoServer {
  const root = createConnection();
  root.on('error', () => undefined);
  const fixed = namesDatabase(url);
  let opening: Promise<unknown> | undefined;
  const open = async () => {
    opening ??= root
      .openUri(url, {
        serverSelectionTimeoutMS: PATIENCE,
        socketTimeoutMS: 30_000,
        maxPoolSize: 50,
        // What is acknowledged, and so told, outlives a failover, also where an arbiter makes another the default.
        writeConcern: { w: 'majority' },
        autoIndex: false,
        autoCreate: false,
      })
      .catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
    await opening;
  };
  let gathers: boolean | undefined;
  const gathering: Gathering = {
    works: () => gathers === true,
    async tryOn(scratch) {
      if (gathers !== undefined) return;
      gathers = await trial(scratch);
      if (!gathers) told.ungathered?.();
    },
  };
  root.once('connected', () => {
    root.getClient().on('topologyDescriptionChanged', ({ previousDescription, newDescription }) => {
      const [before, now] = [previousDescription, newDescription].map(primaryOf);
      if (before === now) return;
      // A primary that only fell silent counts as one until another takes its place.
      if (before !== undefined) told.primary?.(undefined);
      if (now !== undefined) told.primary?.(now);
    });
  });
  return {
    database: (name) => database(fixed ? root : root.useDb(name, { useCache: true }), open, gathering),
    close: () => root.close(),
  };
}

const primaryOf = ({ servers }: mongo.TopologyDescription) =>
  [...servers.values()].find(({ type }) => type === 'RSPrimary')?.address;

/** Whether a connection string names a database, which all services that share it would then share. */
export const namesDatabase = (url: string): boolean => /^mongodb(\+srv)?:\/\/[^/?]+\/[^?]/.test(url);

/** Whether updates may go together, as a trial at the start found out. */
interface Gathering {
  works(): boolean;
  tryOn(scratch: Native): Promise<void>;
}

function database(connection: Connection, open: () => Promise<void>, gathering: Gathering): Database {
  const collection = (name: string): Native => {
    if (!connection.db) throw new Unavailable('The database cannot be reached');
    return connection.db.collection<Doc>(name);
  };
  const models = () => Object.values(connection.models);
  const former = new Map<string, readonly string[]>();
  return {
    connection,
    store<T extends Doc>(model: Model<T>): Store<T> {
      if (!(model.name in connection.models)) connection.model(model.name, model.schema, model.name);
      former.set(model.name, model.former ?? []);
      let made: { db: unknown; collection: Native } | undefined;
      // The driver resolves its options at each `collection()`; the database changes with a new connection only.
      return mongoStore<T>(
        model.name,
        () => {
          if (!made || made.db !== connection.db)
            made = { collection: collection(model.name), db: connection.db };
          return made.collection;
        },
        gathering.works,
      );
    },
    async prepare() {
      await open();
      for (const model of models()) {
        await model.createCollection();
        await model.createIndexes();
        for (const index of former.get(model.modelName) ?? [])
          await model.collection.dropIndex(index).catch(unlessNotThere);
      }
      await gathering.tryOn(collection('trials'));
    },
    async ping() {
      if (!connection.db) throw new Unavailable('The database cannot be reached');
      const { localTime } = await connection.db.command({ hello: 1 }, { timeoutMS: PATIENCE });
      return localTime as Date;
    },
    close: () => Promise.resolve(),
  };
}

type Native = mongo.Collection<Doc>;

const unlessNotThere = (error: Error & { codeName?: string }) => {
  if (error.codeName !== 'IndexNotFound') throw error;
};

function mongoStore<T extends Doc>(name: string, collection: () => Native, gathers: () => boolean): Store<T> {
  const bounded = { maxTimeMS: PATIENCE, promoteBuffers: true };
  const shared = together();

  const read = (filter: Filter, options?: FindOptions): Promise<T[]> =>
    collection()
      .find(filter, { ...bounded, ...options })
      .toArray() as unknown as Promise<T[]>;

  /** Documents by their ids, in the order of these, for all who ask at the same time in one operation. */
  const byId = (ids: readonly string[], options: FindOptions = {}) =>
    shared(`by id ${bytesOf(options)}`, ids, async (asked: (readonly string[])[]) => {
      const found = await read({ _id: { $in: [...new Set(asked.flat())] } }, options);
      const known = new Map(found.map((document) => [document._id, document]));
      return asked.map((ids) => ids.flatMap((id) => known.get(id) ?? []));
    });

  /** The same query of all who ask at the same time is one operation. */
  const find = (filter: Filter, options?: FindOptions) =>
    shared(`find ${bytesOf({ filter, options })}`, undefined, async (asked) => {
      const found = await read(filter, options);
      return asked.map(() => found);
    });

  return {
    name,
    ...writes<T>(collection, gathers),
    findOne: async (filter, options) => {
      const ids = idsOf(filter);
      if (ids && !options?.sort) return (await byId(ids, options))[0] ?? null;
      return (await collection().findOne(filter, { ...bounded, ...options })) as T | null;
    },
    find: (filter, options) => {
      const ids = idsOf(filter);
      return ids && !options?.sort && !options?.limit ? byId(ids, options) : find(filter, options);
    },
    count: (filter, limit) => collection().countDocuments(filter, { ...bounded, ...(limit && { limit }) }),
    findOneAndUpdate: async (filter, update, options) =>
      (await collection().findOneAndUpdate(filter, update as mongo.UpdateFilter<Doc>, {
        ...bounded,
        ...(options?.sort && { sort: options.sort }),
        returnDocument: 'after',
      })) as T | null,
    updateMany: async (filter, update) => {
      const result = await collection().updateMany(filter, update as mongo.Document[]);
      return result.modifiedCount;
    },
    deleteMany: async (filter) => (await collection().deleteMany(filter)).deletedCount,
    aggregate: (pipeline) =>
      collection()
        .aggregate([...pipeline], bounded)
        .toArray(),
    watch: ({ fields, without = [], resumeAfter, since, heard }) => {
      const stream = collection().watch(
        [
          {
            $match: {
              $or: [
                { operationType: { $in: ['insert', 'replace', 'invalidate'] } },
                ...fields.map((field) => ({
                  [`updateDescription.updatedFields.${field}`]: { $exists: true },
                })),
              ],
            },
          },
          // What nobody reads here is most of an update, and of what it costs to read.
          {
            $project: Object.fromEntries(
              [
                'updateDescription',
                'documentKey',
                'ns',
                ...without.map((field) => `fullDocument.${field}`),
              ].map((field) => [field, 0]),
            ),
          },
        ],
        {
          fullDocument: 'updateLookup',
          batchSize: BATCH,
          ...(heard && { maxAwaitTimeMS: AWAIT }),
          ...(resumeAfter !== undefined
            ? { resumeAfter: { _data: resumeAfter } }
            : since && {
                startAtOperationTime: new mongo.Timestamp({ t: Math.floor(since.getTime() / 1000), i: 1 }),
              }),
        },
      );
      if (heard) stream.on('resumeTokenChanged', heard);
      return changeFeed<T>(stream as mongo.ChangeStream);
    },
  };
}

/** As it goes over the wire, where JSON would take different filters for the same. */
const bytesOf = (value: object) => Buffer.from(mongo.BSON.serialize(value)).toString('latin1');

/** The ids that a filter asks for, when it asks for nothing else. */
function idsOf({ _id, ...rest }: Filter): readonly string[] | undefined {
  if (Object.keys(rest).length > 0) return undefined;
  if (typeof _id === 'string') return [_id];
  const { $in, ...others } = (_id ?? {}) as { $in?: string[] };
  return $in && Object.keys(others).length === 0 ? $in : undefined;
}

function changeFeed<T>(stream: mongo.ChangeStream): ChangeFeed<T> {
  return {
    close: () => stream.close(),
    async *[Symbol.asyncIterator]() {
      let taken = 0;
      for await (const change of stream) {
        if (change.operationType === 'invalidate') return;
        // A document that was deleted meanwhile has none.
        const { fullDocument, _id } = change as { fullDocument?: T; _id: { _data: string } };
        if (fullDocument) yield { token: _id._data, document: fullDocument };
        taken += 1;
        // The driver keeps its cursor to itself; asked at once again, the database would answer for each change.
        const { cursor } = stream as unknown as { cursor: mongo.FindCursor };
        const rest = cursor.bufferedCount() === 0 && taken < BATCH;
        if (rest) await delay(GATHER);
        else if (taken % AT_ONCE === 0) await turn();
        if (rest || taken === BATCH) taken = 0;
      }
    },
  };
}
