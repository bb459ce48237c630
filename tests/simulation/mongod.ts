import type { Collection, Db } from 'mongodb';
import type { Doc } from '@ticketing/common/store';
import { isDuplicate } from '@ticketing/common/store';
import { type Backend, duplicate } from './memory.ts';

/** The same primitives on a real mongod, one operation at a time: what the memory is held against. */
export function mongodBackend(db: Db): Backend {
  const of = (collection: string): Collection<Doc> => db.collection<Doc>(collection.replace('.', '_'));
  return {
    async declare(collection, schema) {
      await of(collection).createIndex({ _id: 1 });
      for (const [keys, options] of schema.indexes()) {
        const { unique, partialFilterExpression } = options as {
          unique?: boolean;
          partialFilterExpression?: object;
        };
        if (!unique) continue;
        await of(collection).createIndex(keys as Record<string, 1>, {
          unique: true,
          ...(partialFilterExpression && { partialFilterExpression }),
        });
      }
    },
    find: (collection, filter, { sort = { _id: 1 }, limit = 0, projection }) =>
      of(collection)
        .find(filter, { sort, limit, ...(projection && { projection }) })
        .toArray(),
    async insert(collection, document) {
      await of(collection).insertOne(document).catch(sameWords);
    },
    async update(collection, filter, update, sort = { _id: 1 }) {
      const [before] = await of(collection).find(filter, { sort, limit: 1 }).toArray();
      if (!before) return null;
      const { $setOnInsert: _, ...operators } = Array.isArray(update)
        ? {}
        : (update as Record<string, unknown>);
      const change = Array.isArray(update) ? update : operators;
      if (!Array.isArray(change) && Object.keys(change).length === 0) return { before, after: before };
      await of(collection)
        .updateOne({ _id: before._id }, change as never)
        .catch(sameWords);
      const after = await of(collection).findOne({ _id: before._id });
      return after && { before, after };
    },
    remove: async (collection, filter) => (await of(collection).deleteMany(filter)).deletedCount,
    all: (collection) => of(collection).find({}).toArray(),
    async clear() {
      for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
        await db.collection(name).deleteMany({});
      }
    },
  };
}

/** A duplicate key is told in the same words as by the memory, as traces are compared. */
const sameWords = (error: unknown): never => {
  const { keyPattern = {} } = error as { keyPattern?: object };
  throw isDuplicate(error) ? duplicate(Object.keys(keyPattern)) : error;
};
