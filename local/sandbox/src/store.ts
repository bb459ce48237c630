import { createHash, randomBytes } from 'node:crypto';
import type { Collection, Db, Filter } from 'mongodb';
import type { Card } from './cards.ts';
import type { Decision, Intent } from './domain.ts';
import { type ApiError, isApiError, missing } from './errors.ts';
import { subject } from './shapes.ts';
import { together } from './together.ts';

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
const AT_HAND = 500;

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
    const states = ids.map((id) => atHand.get(id));
    try {
      await intents.bulkWrite(
        states.map((replacement) => {
          if (!replacement) throw new Error('a write before this one failed');
          return { replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true } };
        }),
        { ordered: false },
      );
    } catch (error) {
      // How they are in the database is not known: whoever asks next looks there.
      for (const id of ids) atHand.delete(id);
      throw error;
    }
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
    try {
      await save(intent._id);
    } finally {
      // It may be written though nobody could say so.
      for (const listener of listeners) listener(intent._id);
    }
  };

  /** Nobody is told of a state that a crash could still take back. */
  const shown = async (id: string): Promise<Stored | undefined> => {
    const found = await find(id);
    if (found) await written(id);
    return found;
  };

  return {
    intents,
    methods,
    find: shown,
    flush,
    /** Tells of every state that was written. */
    onChange: (listener: (id: string) => void) => void listeners.push(listener),

    /** The same id again is the same intent. */
    async create(intent: Intent): Promise<Intent> {
      const made = await find(intent._id);
      await (made ? written(intent._id) : put(intent, undefined, ['payment_intent.created']));
      return made ?? intent;
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
      if (isApiError(decision)) {
        await written(found._id);
        return decision;
      }
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
