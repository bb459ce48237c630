import type { Bus } from './bus/bus.ts';
import type { CloudEvent } from './contracts/message.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { publishFormer } from './outbox-former.ts';
import type { Clock } from './runtime.ts';
import type { Doc, Store } from './store.ts';

/** More than this in flight is left to the sweeper, so that a slow broker costs no memory. */
const MAX_IN_FLIGHT = 1000;
/** Documents that one step of a sweep or a republication takes. */
const PAGE = 1000;
/** Between two writes that take markers away, in milliseconds: one for all that was published meanwhile. */
export const PAUSE = 500;

/** That a change is still to be told: written with it, and taken away when it was, or overwritten by the next. */
export interface Pending {
  /** The document and the version that this was written with: given once, as only what no failover takes back is told. */
  id: string;
  /** When it is told; until then a newer change may take its place. */
  at: Date;
  /** The trace that it belongs to. */
  trace?: string;
}

export interface Announced extends Doc {
  updatedAt: Date;
  pending?: Pending;
}

/**
 * The way from a record to the bus: a transactional outbox of which each document holds a marker, as a message tells the
 * present state, with a polling publisher behind it (https://microservices.io/patterns/data/transactional-outbox.html).
 * At least once, no leader; what is never told is a state that another took the place of.
 */
export interface Outbox {
  /** Publishes what was just written, when its time has come; returns at once. */
  relay(documentId: string, pending: Pending, event: CloudEvent): void;
  /** Publishes the present state of what has waited for longer than `olderThan` milliseconds; resolves with of how many. */
  sweep(olderThan: number): Promise<number>;
  /** Publishes what waits for its time; resolves when all that was in flight is told, and no marker of it is left. */
  flush(): Promise<void>;
  /** Publishes the present state of everything that changed since. `onPage`: after each thousand. */
  republish(since: Date, onPage?: () => Promise<unknown>): Promise<Republished>;
}

export interface Republished {
  published: number;
  /** Documents of which no announcement could be made: a bug, or somebody's hand. */
  failed: string[];
}

export interface OutboxPorts<T extends Announced> {
  store: Store<T>;
  /** The event that tells a document's state, as part of a trace; undefined while nobody is to know of it. */
  announce(document: T, at: Date, trace?: string): CloudEvent | undefined;
  bus: Pick<Bus, 'publish' | 'connected'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

export function outbox<T extends Announced>({
  store,
  announce,
  bus,
  clock,
  log,
  metrics,
}: OutboxPorts<T>): Outbox {
  const inFlight = new Set<Promise<void>>();
  /** What waits for its time, by document. */
  const later = new Map<string, Pending>();
  let hurry = new AbortController();
  /** Markers of what was published, with their documents. */
  let published = new Map<string, string>();

  const send = async (event: CloudEvent): Promise<boolean> => {
    try {
      await bus.publish(event.type, JSON.stringify(event));
      return true;
    } catch (error) {
      metrics.count('outbox_publish_failures_total', { service_store: store.name });
      log.debug({ err: error, event: event.id }, 'left to the sweeper');
      return false;
    }
  };

  /** One that cannot be announced holds up no other. */
  const announced = (document: T, at: Date, trace?: string): CloudEvent | 'failed' | undefined => {
    try {
      return announce(document, at, trace);
    } catch (error) {
      log.error({ err: error, store: store.name, id: document._id }, 'a change cannot be announced');
      return 'failed';
    }
  };

  const publish = async (documentId: string, pending: Pending, event: CloudEvent): Promise<boolean> => {
    if (!(await send(event))) return false;
    published.set(pending.id, documentId);
    if (published.size === 1) void clock.sleep(PAUSE).then(clear).catch(notCleared);
    return true;
  };

  /** By document and marker, as a newer change may have left one of its own, which says that it is to be told. */
  const clear = async () => {
    if (published.size === 0) return;
    const batch = published;
    published = new Map();
    await store.updateMany(
      { _id: { $in: [...batch.values()] }, 'pending.id': { $in: [...batch.keys()] } },
      { $unset: { pending: '' } },
    );
  };
  const notCleared = (error: unknown) => {
    log.debug({ err: error }, 'what was published keeps its marker and will be published again');
  };

  const inTime = async (documentId: string, pending: Pending, event: CloudEvent) => {
    const early = pending.at.getTime() - clock.now().getTime();
    if (early > 0) {
      later.set(documentId, pending);
      await clock.sleep(early, hurry.signal);
      if (later.get(documentId) !== pending) return;
      later.delete(documentId);
    }
    await publish(documentId, pending, event);
  };

  const relay: Outbox['relay'] = (documentId, pending, event) => {
    later.delete(documentId);
    if (inFlight.size >= MAX_IN_FLIGHT) return;
    const work: Promise<void> = inTime(documentId, pending, event).then(() => void inFlight.delete(work));
    inFlight.add(work);
  };

  const sweep: Outbox['sweep'] = async (olderThan) => {
    await clear();
    const before = new Date(clock.now().getTime() - olderThan);
    let caught = bus.connected ? await publishFormer(store, before, send) : 0;
    for (;;) {
      const waiting = (await store.find(
        { 'pending.at': { $lt: before } },
        { sort: { 'pending.at': 1 }, limit: PAGE, readConcern: 'majority' },
      )) as (T & Required<Announced>)[];
      const age = clock.now().getTime() - (waiting[0]?.pending.at ?? clock.now()).getTime();
      metrics.gauge('outbox_age_seconds', { service_store: store.name }, age / 1000);
      if (!bus.connected) return 0;
      const sent = await Promise.all(
        waiting.map(async (document) => {
          const { _id, pending } = document;
          const event = announced(document, pending.at, pending.trace);
          if (event === 'failed') return false;
          if (event) return publish(_id, pending, event);
          published.set(pending.id, _id); // nobody is to know of it any more
          return true;
        }),
      );
      await clear();
      const succeeded = sent.filter(Boolean).length;
      caught += succeeded;
      if (waiting.length < PAGE || succeeded === 0) break;
    }
    if (caught > 0) {
      metrics.count('outbox_swept_total', { service_store: store.name }, caught);
      log.info({ caught, store: store.name }, 'published what an earlier process left behind');
    }
    return caught;
  };

  const republish: Outbox['republish'] = async (since, onPage) => {
    let published = 0;
    const failed: string[] = [];
    const tell = async (document: T) => {
      const event = announced(document, clock.now());
      if (event === 'failed') failed.push(document._id);
      else if (event) {
        await bus.publish(event.type, JSON.stringify(event));
        published += 1;
      }
    };
    let from = { updatedAt: since, _id: '' };
    for (;;) {
      const page = await store.find(
        {
          $or: [
            { updatedAt: { $gt: from.updatedAt } },
            { updatedAt: from.updatedAt, _id: { $gt: from._id } },
          ],
        },
        { sort: { updatedAt: 1, _id: 1 }, limit: PAGE, readConcern: 'majority' },
      );
      await Promise.all(page.map(tell));
      const last = page.at(-1);
      if (!last || page.length < PAGE) return { published, failed };
      from = last;
      await onPage?.();
    }
  };

  return {
    relay,
    sweep,
    republish,
    async flush() {
      hurry.abort();
      hurry = new AbortController();
      // Not what others begin meanwhile: messages may go on coming. What is begun and not told any more is swept.
      await Promise.all(inFlight);
      await clear().catch(notCleared);
    },
  };
}
