import { createHash, randomBytes } from 'node:crypto';
import { type Collection, type Db, type Filter, MongoBulkWriteError } from 'mongodb';
import type { Card } from './cards.ts';
import type { Decision, Intent } from './domain.ts';
import { type ApiError, isApiError, missing } from './errors.ts';
import { subject } from './shapes.ts';

/** A webhook on its way, kept in the document that caused it until the receiver has it; its text is the event's. */
export interface Notice {
  id: string;
  attempts: number;
  created: number;
  due: number;
}

export interface Stored extends Intent {
  outbox: Notice[];
  /** All that happened, for the list of events. */
  events?: Happened[];
}

export interface Happened {
  id: string;
  type: string;
  created: number;
  body: string;
}

/** Ids come from the idempotency key: a request that a crash cut short makes the same thing again. */
export const idFrom = (prefix: string, key: string) =>
  `${prefix}_${createHash('sha256').update(`${prefix} ${key}`).digest('base64url').replace(/[-_]/g, 'x').slice(0, 24)}`;

export const randomId = (prefix: string) => idFrom(prefix, randomBytes(24).toString('hex'));

const happened = (type: string, intent: Intent, now: number): Happened => {
  const id = randomId('evt');
  const body = {
    id,
    object: 'event',
    created: Math.floor(now / 1000),
    livemode: false,
    type,
    pending_webhooks: 1,
    data: { object: subject(type, intent) },
  };
  return { id, type, created: now, body: JSON.stringify(body) };
};

/** Bounds what is at hand of intents on which nothing is under way. */
const AT_HAND = 2000;
/** What may be written later is, in milliseconds: lost in a crash, it is done again. */
const LATER = 500;

/**
 * One process owns the database: an intent is decided on in memory, where it is whole, and written whole; an answer waits
 * for its write. What comes while a write is under way goes together as the next one.
 */
export const openStore = async (db: Db, now: () => number, wanted: (type: string) => boolean) => {
  const intents: Collection<Stored> = db.collection('intents');
  const methods = db.collection<{ _id: string; card: Card }>('payment_methods');
  await Promise.all([
    intents.createIndex({ created: -1, _id: -1 }),
    intents.createIndex({ 'charges.id': 1 }),
    intents.createIndex({ 'refunds.id': 1 }),
    intents.createIndex({ 'refunds.settlesAt': 1 }, { sparse: true }),
    intents.createIndex({ 'outbox.due': 1 }, { sparse: true }),
    intents.createIndex({ 'events.created': 1 }),
    intents.createIndex({ 'disputes.id': 1 }, { sparse: true }),
  ]);
  const atHand = new Map<string, Stored>();
  const fresh = new Set<string>();
  const listeners: ((id: string) => void)[] = [];

  const keep = (intent: Stored) => {
    atHand.delete(intent._id);
    atHand.set(intent._id, intent);
  };
  const find = async (_id: string): Promise<Stored | undefined> => {
    const found = atHand.get(_id) ?? (await intents.findOne({ _id })) ?? undefined;
    // Somebody else may have been faster.
    return atHand.get(_id) ?? found;
  };
  const { save, saveLater, written, isWaiting, flush } = together(async (ids) => {
    const states = ids.flatMap((id) => atHand.get(id) ?? []);
    const taken = await write(intents, states, fresh).catch((error: unknown) => {
      // How they are in the database is not known: whoever asks next looks there.
      for (const id of ids) atHand.delete(id);
      throw error;
    });
    for (const id of ids) fresh.delete(id);
    for (const id of taken) atHand.delete(id);
    for (const id of atHand.keys()) {
      if (atHand.size <= AT_HAND) break;
      if (!isWaiting(id)) atHand.delete(id);
    }
  });

  const put = async (intent: Intent, before: Stored | undefined, types: readonly string[]) => {
    const made = types.map((type) => happened(type, intent, now()));
    const told = made.filter(({ type }) => wanted(type));
    keep({
      ...intent,
      outbox: [
        ...(before?.outbox ?? []),
        ...told.map(({ id, created }) => ({ id, attempts: 0, created, due: created })),
      ],
      events: [...(before?.events ?? []), ...made],
    });
    await save(intent._id);
    for (const listener of listeners) listener(intent._id);
  };

  return {
    intents,
    methods,
    find,
    flush,
    /** Tells of every state that was written. */
    onChange: (listener: (id: string) => void) => void listeners.push(listener),

    /** The same id again is the same intent. */
    async create(intent: Intent): Promise<Intent> {
      if (!atHand.has(intent._id)) {
        fresh.add(intent._id);
        await put(intent, undefined, ['payment_intent.created']);
      } else await written(intent._id);
      return (await find(intent._id)) ?? intent;
    },

    /** Decides on the newest state; state and events are one write. */
    async change(
      filter: Filter<Stored>,
      decide: (intent: Intent) => Decision | ApiError,
    ): Promise<{ intent: Intent; error?: ApiError } | ApiError> {
      const id =
        typeof filter._id === 'string' && Object.keys(filter).length === 1
          ? filter._id
          : (await intents.findOne(filter, { projection: { _id: 1 } }))?._id;
      const found = id === undefined ? undefined : await find(id);
      if (!found) return missing('payment_intent', typeof filter._id === 'string' ? filter._id : '');
      const decision = decide(found);
      if (isApiError(decision)) return decision;
      const { change, events, error } = decision;
      const same = Object.keys(change).length === 0;
      const intent: Stored = same ? found : { ...found, ...change, version: found.version + 1 };
      await (same ? written(found._id) : put(intent, found, events));
      return { intent, ...(error ? { error } : {}) };
    },

    /** A webhook was taken, or is tried again. */
    async delivered(id: string, notice: Notice, next: Partial<Notice> | undefined): Promise<void> {
      const intent = await find(id);
      if (!intent) return;
      keep({
        ...intent,
        outbox: intent.outbox.flatMap((one) =>
          one.id !== notice.id ? [one] : next ? [{ ...one, ...next }] : [],
        ),
      });
      saveLater(id);
    },
  };
};

export type Store = Awaited<ReturnType<typeof openStore>>;

/** Writes states whole; the ids of those that are not new after all come back. */
async function write(
  intents: Collection<Stored>,
  states: readonly Stored[],
  fresh: ReadonlySet<string>,
): Promise<string[]> {
  if (states.length === 0) return [];
  const operations = states.map((document) =>
    fresh.has(document._id)
      ? { insertOne: { document } }
      : { replaceOne: { filter: { _id: document._id }, replacement: document } },
  );
  try {
    await intents.bulkWrite(operations, { ordered: false });
    return [];
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const errors = [error.writeErrors].flat();
    if (errors.length === 0 || errors.some(({ code }) => code !== 11000)) throw error;
    return errors.flatMap(({ index }) => states[index]?._id ?? []);
  }
}

/** One write at a time, of all that has come since the one before began. */
function together(write: (ids: string[]) => Promise<void>) {
  let waiting = new Set<string>();
  let writing = new Set<string>();
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const start = () =>
    (next ??= running
      .catch(() => undefined)
      .then(() => {
        writing = waiting;
        waiting = new Set();
        next = undefined;
        running = write([...writing]).finally(() => (writing = new Set()));
        return running;
      }));
  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    await (waiting.size > 0 ? start() : running);
  };
  return {
    flush,
    isWaiting: (id: string) => waiting.has(id),
    /** What is known of it is in the database. */
    async written(id: string): Promise<void> {
      await (waiting.has(id) ? start() : writing.has(id) && running);
    },
    save(id: string): Promise<void> {
      waiting.add(id);
      return start();
    },
    saveLater(id: string): void {
      waiting.add(id);
      timer ??= setTimeout(() => {
        flush().catch((error: unknown) => console.error('sandbox:', error));
      }, LATER);
    },
  };
}
