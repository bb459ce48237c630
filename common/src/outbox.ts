import type { Bus } from './bus/bus.ts';
import type { CloudEvent } from './contracts/event.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Clock } from './runtime.ts';
import type { Doc, Store } from './store.ts';

/** More than this in flight is left to the sweeper, so that a slow broker costs no memory. */
const MAX_IN_FLIGHT = 1000;
/** Documents that one step of a sweep or a republication takes. */
const PAGE = 1000;

export interface Announced extends Doc {
  updatedAt: Date;
  outbox: CloudEvent[];
}

/**
 * The way from a record's `outbox` to the bus: transactional outbox with a polling publisher behind it
 * (https://microservices.io/patterns/data/transactional-outbox.html). At least once, no leader, no lost event.
 */
export interface Outbox {
  /** Publishes what was just written; returns at once. */
  relay(documentId: string, events: readonly CloudEvent[]): void;
  /** Publishes what has waited for longer than `olderThan` milliseconds; resolves with how many events it caught. */
  sweep(olderThan: number): Promise<number>;
  /** Resolves when nothing that was relayed is in flight any more. */
  idle(): Promise<void>;
  /** Publishes the present state of everything that changed since; resolves with how many. `onPage`: after each thousand. */
  republish(since: Date, onPage?: () => Promise<unknown>): Promise<number>;
}

export interface OutboxPorts<T extends Announced> {
  store: Store<T>;
  /** The event that tells a document's present state. */
  present(document: T): CloudEvent;
  bus: Pick<Bus, 'publish' | 'connected'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

interface Sent {
  documentId: string;
  eventId: string;
}

export function outbox<T extends Announced>({
  store,
  present,
  bus,
  clock,
  log,
  metrics,
}: OutboxPorts<T>): Outbox {
  const inFlight = new Set<Promise<void>>();
  let published: Sent[] = [];
  let pulling: Promise<void> | undefined;

  const publish = async (documentId: string, event: CloudEvent): Promise<boolean> => {
    try {
      await bus.publish(event.type, JSON.stringify(event));
    } catch (error) {
      metrics.count('outbox_publish_failures_total', { service_store: store.name });
      log.debug({ err: error, event: event.id }, 'left to the sweeper');
      return false;
    }
    published.push({ documentId, eventId: event.id });
    await pullPublished();
    return true;
  };

  /** Removes what was published, by the events' ids, as a new event may have come meanwhile; one write for many. */
  const pullPublished = (): Promise<void> => {
    pulling ??= (async () => {
      try {
        while (published.length > 0) {
          const batch = published;
          published = [];
          await store.updateMany(
            { _id: { $in: batch.map(({ documentId }) => documentId) } },
            { $pull: { outbox: { id: { $in: batch.map(({ eventId }) => eventId) } } } },
          );
        }
      } catch (error) {
        log.debug({ err: error }, 'published events stay in the outbox and will be published again');
      } finally {
        pulling = undefined;
      }
    })();
    return pulling;
  };

  const relay: Outbox['relay'] = (documentId, events) => {
    if (inFlight.size + events.length > MAX_IN_FLIGHT) return;
    for (const event of events) {
      const work: Promise<void> = publish(documentId, event).then(() => void inFlight.delete(work));
      inFlight.add(work);
    }
  };

  const sweep: Outbox['sweep'] = async (olderThan) => {
    const before = new Date(clock.now().getTime() - olderThan).toISOString();
    let caught = 0;
    for (;;) {
      const waiting = await store.find(
        { 'outbox.time': { $lt: before } },
        { sort: { 'outbox.time': 1 }, limit: PAGE, projection: { outbox: 1 } },
      );
      const oldest = waiting[0]?.outbox[0]?.time;
      const age = oldest === undefined ? 0 : clock.now().getTime() - Date.parse(oldest);
      metrics.gauge('outbox_age_seconds', { service_store: store.name }, age / 1000);
      if (!bus.connected) return 0;
      const sent = await Promise.all(
        waiting.flatMap(({ _id, outbox }) =>
          outbox.filter(({ time }) => time < before).map((event) => publish(_id, event)),
        ),
      );
      const succeeded = sent.filter(Boolean).length;
      caught += succeeded;
      if (waiting.length < PAGE || succeeded === 0) break;
    }
    if (caught > 0) {
      metrics.count('outbox_swept_total', { service_store: store.name }, caught);
      log.info({ caught, store: store.name }, 'published what an earlier process left in the outbox');
    }
    return caught;
  };

  const republish: Outbox['republish'] = async (since, onPage) => {
    let total = 0;
    let from = { updatedAt: since, _id: '' };
    for (;;) {
      const page = await store.find(
        {
          $or: [
            { updatedAt: { $gt: from.updatedAt } },
            { updatedAt: from.updatedAt, _id: { $gt: from._id } },
          ],
        },
        { sort: { updatedAt: 1, _id: 1 }, limit: PAGE },
      );
      await Promise.all(
        page.map((document) => bus.publish(present(document).type, JSON.stringify(present(document)))),
      );
      total += page.length;
      const last = page.at(-1);
      if (!last || page.length < PAGE) return total;
      from = last;
      await onPage?.();
    }
  };

  return {
    relay,
    sweep,
    republish,
    idle: async () => {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}
