import { Schema, type SchemaDefinition } from 'mongoose';
import type { CloudEvent, Draft } from './contracts/message.ts';
import { outbox, type Announced, type Outbox, type OutboxPorts, type Pending } from './outbox.ts';
import { isRejection, reject, type Rejection } from './rejection.ts';
import type { Clock } from './runtime.ts';
import { isDuplicate, type Filter, type RecordModel, type Store } from './store.ts';
import { traceparent } from './trace.ts';

/** A document that announces its changes: state, version and the marker that the newest is still to be told, in one write. */
export interface Recorded extends Announced {
  version: number;
  createdAt: Date;
  /** For one release: see `outbox-former.ts`. */
  outbox?: unknown;
}

/** The part of a record that a command decides. */
export type Fresh<T extends Recorded> = Omit<T, 'version' | 'createdAt' | 'updatedAt' | 'pending'>;

/** What a rule may change; `undefined` takes a field away. */
export type Changes<T extends Recorded> = {
  [K in keyof Omit<T, '_id' | keyof Omit<Recorded, '_id'>>]?: T[K] | undefined;
};

export interface Records<T extends Recorded> extends Store<T> {
  readonly clock: Clock;
  readonly outbox: Outbox;
  /** The event that tells a document's state: what, who, when, and as part of which trace; undefined where none is to. */
  announce: OutboxPorts<T>['announce'];
}

/** Decides again at most this often before the command gives up as overloaded. */
const PATIENCE = 64;

/** A model of records. Adds what every record has: version, times, marker and the indexes that their readers need. */
export function defineRecord<T extends Recorded>(
  name: string,
  fields: SchemaDefinition,
  announce: RecordModel<T>['announce'],
): RecordModel<T> & { schema: Schema } {
  const schema = new Schema(
    { _id: String, version: Number, createdAt: Date, updatedAt: Date, pending: Object, ...fields },
    { versionKey: false },
  );
  schema.index({ 'pending.at': 1 }, { partialFilterExpression: { 'pending.at': { $exists: true } } });
  schema.index({ 'outbox.time': 1 }, { sparse: true }); // for one release: see `outbox-former.ts`
  schema.index({ updatedAt: 1, _id: 1 });
  return { name, schema, announce };
}

/** Who tells: `/tickets`, and whether who comes there to finish something waits long for a place. */
export interface Sender {
  source: string;
  congested?(): boolean;
}

/** Makes a draft an event: whose, when, and as part of which trace. */
export const envelope = (
  draft: Draft,
  { source, congested }: Sender,
  at: Date,
  trace = traceparent(),
): CloudEvent => ({
  specversion: '1.0',
  source,
  time: at.toISOString(),
  datacontenttype: 'application/json',
  ...(trace !== undefined && { traceparent: trace }),
  ...(congested?.() && { congested: true }),
  ...draft,
});

export function records<T extends Recorded>(
  model: RecordModel<T>,
  sender: Sender,
  ports: Omit<OutboxPorts<T>, 'announce'>,
): Records<T> {
  const announce: Records<T>['announce'] = (document, at, trace) => {
    const draft = model.announce(document);
    return draft && envelope(draft, sender, at, trace);
  };
  return { ...ports.store, clock: ports.clock, announce, outbox: outbox({ ...ports, announce }) };
}

/** The event that tells a state, and the marker that it is to be told; nothing of a state that nobody is to know. */
const news = <T extends Recorded>({ announce }: Records<T>, document: T, after = 0) => {
  const at = new Date(document.updatedAt.getTime() + after);
  const event = announce(document, at);
  if (!event) return undefined;
  const { traceparent: trace } = event;
  const pending: Pending = { id: `${document._id}:${document.version}`, at, ...(trace && { trace }) };
  return { event, pending };
};

/**
 * Inserts a record together with the marker that it is to be announced: one write, so neither is without the other
 * (transactional outbox); a state that nobody is to know has none. Resolves with `taken` where a unique index refuses it. It
 * is announced `after` so many milliseconds, unless a newer change takes its place before.
 */
export async function create<T extends Recorded>(
  records: Records<T>,
  fresh: Fresh<T>,
  taken?: Rejection,
  { after = 0 }: { after?: number } = {},
): Promise<T | Rejection> {
  const now = records.clock.now();
  const document = { ...fresh, version: 0, createdAt: now, updatedAt: now } as T;
  const told = news(records, document, after);
  if (told) document.pending = told.pending;
  try {
    await records.insert(document);
  } catch (error) {
    if (!taken || !isDuplicate(error)) throw error;
    return taken;
  }
  if (told) records.outbox.relay(document._id, told.pending, told.event);
  return document;
}

/**
 * Loads, decides, and writes the change with its marker if nobody was faster (optimistic concurrency on `version`);
 * else decides again on the newer state. No changes, no write; a change that its announcement does not tell is quiet:
 * what was still to be told stays so. Given the document as last seen in place of its id, it tries to change that without
 * loading it. `guard` holds further conditions of the write, for fields that others move without moving `version`.
 */
export async function change<T extends Recorded>(
  records: Records<T>,
  of: string | T,
  decide: (document: T) => Changes<T> | Rejection,
  options: { guard?: Filter; quiet?: boolean } = {},
): Promise<T | Rejection> {
  const decided = async (before: T): Promise<T | Rejection | null> => {
    const changes = decide(before);
    if (isRejection(changes)) return changes;
    if (Object.keys(changes).length === 0) return before;
    return write(records, before, changes, options);
  };
  const [id, seen] = typeof of === 'string' ? [of] : [of._id, of];
  const hoped = seen ? await decided(seen) : null;
  if (hoped && hoped !== seen && !isRejection(hoped)) return hoped;
  for (let attempt = 0; attempt < PATIENCE; attempt++) {
    const before = await records.findOne({ _id: id });
    if (!before) return reject('not-found', 'Not found');
    const after = await decided(before);
    if (after) return after;
  }
  return reject('unavailable', 'Too many changes at once', { retryAfter: 1 });
}

async function write<T extends Recorded>(
  records: Records<T>,
  before: T,
  changes: Changes<T>,
  { guard, quiet }: { guard?: Filter; quiet?: boolean },
): Promise<T | null> {
  const now = records.clock.now();
  const gone = Object.keys(changes).filter((key) => changes[key as keyof Changes<T>] === undefined);
  const next = without({ ...before, ...changes, updatedAt: now, version: before.version + 1 } as T, gone);
  const owed = quiet ? undefined : news(records, next);
  const told = owed && tells(owed.event, changes) ? owed : undefined;
  const marked = told && { pending: told.pending };
  const update = {
    $set: without({ ...changes, ...marked, updatedAt: now }, gone),
    ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map((key) => [key, ''])) }),
    $inc: { version: 1 },
  };
  const filter = { ...guard, _id: before._id, version: before.version };
  const { matched } = await records.updateOne(filter, update);
  if (matched === 0) return null;
  if (told) records.outbox.relay(before._id, told.pending, told.event);
  return { ...next, ...marked };
}

/** Whether an announcement tells of a change; what was taken away may have been told. */
const tells = ({ data }: CloudEvent, changes: object) =>
  Object.entries(changes).some(([key, value]) => value === undefined || key in (data as object));

const without = <O extends object>(object: O, keys: readonly string[]): O =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key))) as O;
