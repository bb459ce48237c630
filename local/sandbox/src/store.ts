import { createHash, randomBytes } from 'node:crypto';
import type { Collection, Db, Filter } from 'mongodb';
import type { Card } from './cards.ts';
import type { Decision, Intent } from './domain.ts';
import { type ApiError, isApiError, missing } from './errors.ts';
import { subject } from './shapes.ts';

/** A webhook on its way, kept in the document that caused it until the receiver has it. */
export interface Notice {
  id: string;
  body: string;
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

const notice = (type: string, intent: Intent, now: number): Notice => {
  const id = randomId('evt');
  const body = {
    id,
    object: 'event',
    created: Math.floor(now / 1000),
    livemode: false,
    type,
    pending_webhooks: 1,
  };
  return {
    id,
    body: JSON.stringify({ ...body, data: { object: subject(type, intent) } }),
    attempts: 0,
    created: now,
    due: now,
  };
};

export const openStore = async (db: Db, now: () => number, announce: boolean) => {
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
  const listeners: (() => void)[] = [];
  const notices = (events: readonly string[], intent: Intent) =>
    events.map((type) => notice(type, intent, now()));
  const log = (events: readonly string[], made: readonly Notice[]) =>
    made.map(({ id, body, created }, n): Happened => ({ id, type: events[n] ?? '', created, body }));
  const changed = () => {
    for (const listener of listeners) listener();
  };

  return {
    intents,
    methods,
    onChange: (listener: () => void) => void listeners.push(listener),

    async create(intent: Intent): Promise<Intent> {
      const types = ['payment_intent.created'];
      const made = notices(types, intent);
      const fresh = { ...intent, outbox: announce ? made : [], events: log(types, made) };
      await intents.updateOne({ _id: intent._id }, { $setOnInsert: fresh }, { upsert: true });
      changed();
      return (await intents.findOne({ _id: intent._id })) ?? intent;
    },

    /** Decides on the newest state and writes state and events at once; decides again when somebody was faster. */
    async change(
      filter: Filter<Stored>,
      decide: (intent: Intent) => Decision | ApiError,
    ): Promise<{ intent: Intent; error?: ApiError } | ApiError> {
      for (;;) {
        const found = await intents.findOne(filter);
        if (!found) return missing('payment_intent', typeof filter._id === 'string' ? filter._id : '');
        const decision = decide(found);
        if (isApiError(decision)) return decision;
        const { change, events, error } = decision;
        const intent: Intent = { ...found, ...change, version: found.version + 1 };
        if (Object.keys(change).length === 0) return { intent: found, ...(error ? { error } : {}) };
        const made = notices(events, intent);
        const { modifiedCount } = await intents.updateOne(
          { _id: found._id, version: found.version },
          {
            $set: change,
            $inc: { version: 1 },
            $push: { outbox: { $each: announce ? made : [] }, events: { $each: log(events, made) } },
          },
        );
        if (modifiedCount === 0) continue;
        changed();
        return { intent, ...(error ? { error } : {}) };
      }
    },
  };
};

export type Store = Awaited<ReturnType<typeof openStore>>;
