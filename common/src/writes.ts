import { isDeepStrictEqual } from 'node:util';
import { mongo } from 'mongoose';
import { Unavailable } from './rejection.ts';
import { systemIds } from './runtime.ts';
import {
  type Doc,
  type Filter,
  isDuplicate,
  isOutage,
  type Store,
  type Update,
  type UpdateResult,
} from './store.ts';
import { together } from './together.ts';

type Native = mongo.Collection<Doc>;

interface Ask {
  filter: Filter;
  update: Update;
}
interface Upsert extends Ask {
  upsert: true;
}

const MATCHED: UpdateResult = { matched: 1, upserted: false };
const MISSED: UpdateResult = { matched: 0, upserted: false };

/** What the database says to a document that would get another `_id` than it has, or was asked for. */
const OTHER_ID = 66;
/** A field of no document; an upsert that inserts begins with what its filter asks for. */
const NEW = 'new--';

/**
 * The same update as an upsert that cannot insert: where nothing matches, the new document would get another `_id` than
 * the filter names, which is refused. So each of many updates is told whether it matched, and by nobody else's look.
 */
function refusedUnlessMatched({ filter, update }: Ask): Upsert | undefined {
  if (typeof filter['_id'] !== 'string' || filter['_id'] === '') return undefined;
  if (!isPipeline(update)) return { filter, update: { ...update, $setOnInsert: { _id: '' } }, upsert: true };
  if (!update.every((stage) => '$set' in stage)) return undefined; // others could take the new `_id` away
  const isNew = { $ne: [{ $type: `$${NEW}` }, 'missing'] };
  return {
    filter: { ...filter, [NEW]: null },
    update: [...update, { $set: { _id: { $cond: [isNew, '', '$_id'] } } }],
    upsert: true,
  };
}

const isPipeline = (update: Update): update is Extract<Update, readonly unknown[]> => Array.isArray(update);

const unconfirmed = () => new Unavailable('The database did not confirm the write');

/** None is taken for done that the database does not count. */
const confirmAll = (
  { insertedCount, matchedCount, upsertedCount }: mongo.BulkWriteResult,
  expected: number,
) => {
  if (insertedCount + matchedCount + upsertedCount !== expected) throw unconfirmed();
};

/** Writes what it can; resolves with what stood against each of the others, and which were upserted. */
async function writeAll(collection: Native, writes: mongo.AnyBulkWriteOperation<Doc>[]) {
  const refusals = writes.map((): mongo.MongoServerError | undefined => undefined);
  try {
    const result = await collection.bulkWrite(writes, { ordered: false });
    confirmAll(result, writes.length);
    return { refusals, upsertedIds: result.upsertedIds };
  } catch (error) {
    if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
    // The driver wraps what stopped the operation as a whole, and its name would tell nobody of an outage.
    if (error.errorResponse instanceof Error) throw error.errorResponse;
    const refused = [error.writeErrors].flat();
    if (refused.length === 0 || error.result.getWriteConcernError()) throw unconfirmed();
    confirmAll(error.result, writes.length - refused.length);
    for (const { index, code, errmsg = '' } of refused)
      refusals[index] = new mongo.MongoServerError({ code, message: errmsg });
    return { refusals, upsertedIds: error.upsertedIds };
  }
}

const upsertOf = ({ filter, update }: Ask) => ({
  updateOne: { filter, update: update as mongo.Document[], upsert: true },
});

const insertAll = async (collection: Native, documents: Doc[]) =>
  (
    await writeAll(
      collection,
      documents.map((document) => ({ insertOne: { document } })),
    )
  ).refusals;

/** Each was refused, or upserted, or else it matched: so each can be told its own result. */
async function upsertAll(collection: Native, asks: Ask[]): Promise<(Error | UpdateResult)[]> {
  const { refusals, upsertedIds } = await writeAll(collection, asks.map(upsertOf));
  return refusals.map((refusal, index) => {
    const upserted = index in upsertedIds;
    return refusal ?? { matched: upserted ? 0 : 1, upserted };
  });
}

async function updateAlone(collection: Native, { filter, update }: Ask): Promise<UpdateResult> {
  const { matchedCount } = await collection.updateOne(filter, update as mongo.Document[]);
  return matchedCount > 0 ? MATCHED : MISSED;
}

/** Each matched, or was refused as it would have had to insert. One that goes alone needs no such trick. */
async function updateAll(
  collection: Native,
  asks: { asked: Ask; tried: Upsert }[],
): Promise<(Error | UpdateResult)[]> {
  const [first, ...others] = asks;
  if (first && others.length === 0) return [await updateAlone(collection, first.asked)];
  const { refusals } = await writeAll(
    collection,
    asks.map(({ tried }) => upsertOf(tried)),
  );
  return Promise.all(
    asks.map(async ({ asked }, index) => {
      const refusal = refusals[index];
      if (!refusal) return MATCHED;
      if (refusal.code === OTHER_ID) return MISSED;
      if (isDuplicate(refusal) || isOutage(refusal)) return refusal;
      // A miss can be refused for other reasons, as a rule stumbles over fields that are not there. It did nothing: again.
      return updateAlone(collection, asked).catch((error: unknown) => error as Error);
    }),
  );
}

const answer = <R>(told: R | Error): R => {
  if (told instanceof Error) throw told;
  return told;
};

/** Inserts and updates of one collection: of all who ask at the same time in one operation, each with its own answer. */
export function writes<T extends Doc>(
  collection: () => Native,
  /** Whether `trial` went well. */
  gathers: () => boolean,
): Pick<Store<T>, 'insert' | 'updateOne'> {
  const shared = together();
  return {
    insert: async (document) => {
      answer(await shared('insert', document as Doc, (documents) => insertAll(collection(), documents)));
    },
    updateOne: async (filter, update, options) => {
      const asked = { filter, update };
      if (options?.upsert)
        return answer(await shared('upsert', asked, (asks) => upsertAll(collection(), asks)));
      const tried = gathers() ? refusedUnlessMatched(asked) : undefined;
      if (!tried) return updateAlone(collection(), asked);
      return answer(await shared('update', { asked, tried }, (asks) => updateAll(collection(), asks)));
    },
  };
}

/** Whether this database answers many updates at once as `updateAll` needs it; on a scratch collection, as releases differ. */
export async function trial(scratch: Native): Promise<boolean> {
  const [one, other, nobody] = [systemIds.next(), systemIds.next(), systemIds.next()];
  const mine = { _id: { $in: [one, other, nobody, ''] } };
  const add = { $inc: { version: 1 } };
  const same = [{ $set: { touched: true } }];
  const asks: [Ask, UpdateResult][] = [
    [{ filter: { _id: one, version: 1 }, update: add }, MATCHED],
    [{ filter: { _id: one, version: 1 }, update: add }, MISSED],
    [{ filter: { _id: nobody, version: { $lt: 9 } }, update: add }, MISSED],
    [{ filter: { _id: other }, update: same }, MATCHED],
    [{ filter: { _id: nobody }, update: same }, MISSED],
  ];
  try {
    await scratch.insertMany([{ _id: one, version: 1 } as Doc, { _id: other }]);
    const told = await updateAll(
      scratch,
      asks.map(([asked]) => ({ asked, tried: refusedUnlessMatched(asked) as Upsert })),
    );
    const left = await scratch.find(mine, { sort: { _id: 1 } }).toArray();
    return (
      isDeepStrictEqual(
        told,
        asks.map(([, expected]) => expected),
      ) &&
      isDeepStrictEqual(left, [
        { _id: one, version: 2 },
        { _id: other, touched: true },
      ])
    );
  } catch (error) {
    if (isOutage(error)) throw error;
    return false;
  } finally {
    await scratch.deleteMany(mine).catch(() => undefined);
  }
}
