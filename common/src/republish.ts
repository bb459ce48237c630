import { Schema } from 'mongoose';
import type { Bus } from './bus/bus.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Outbox } from './outbox.ts';
import type { Clock } from './runtime.ts';
import type { Job } from './service.ts';
import { defineModel, type Database, type Doc } from './store.ts';

/** Before the last healthy moment, in milliseconds: what was published then may not have been consumed. */
const MARGIN = 600_000;
/** A commanded republication of which nothing was heard for longer, in milliseconds, is taken up by another process. */
const LEASE = 60_000;

/** So many of those that could not be announced are named; all are in the log. */
const NAMED = 1000;

/** What an operator asked of a service, in its own database, so that it works the same in every shape. */
export interface Operation extends Doc {
  kind: 'healthy' | 'republish';
  /** `healthy`: when the broker was last known to work; `republish`: what to go back to. */
  since: Date;
  /** `republish`: waiting → running → done. */
  status?: 'waiting' | 'running' | 'done';
  published?: number;
  /** What could not be announced, by its id. */
  failed?: string[];
  startedAt?: Date;
}

const schema = new Schema(
  {
    _id: String,
    kind: String,
    since: Date,
    status: String,
    published: Number,
    failed: [String],
    startedAt: Date,
  },
  { versionKey: false },
);
export const operationsModel = defineModel<Operation>('operations', schema);

interface Tools {
  service: string;
  bus: Bus;
  db: Database | undefined;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Whether the broker can lose what it held while this process was down. */
  remote: boolean;
}

/**
 * The owner is the truth, the broker only the way: publishes the present state of what changed again, after each lost
 * connection, after a start, and when an operator asks. Heals a broker that came back empty.
 */
export function republisher(outboxes: readonly Outbox[], tools: Tools): { jobs: Job[] } {
  const { service, bus, db, clock, log, metrics, remote } = tools;
  if (!db || outboxes.length === 0) return { jobs: [] };
  const operations = db.store(operationsModel);

  const republish = async (since: Date, onPage?: () => Promise<unknown>) => {
    let published = 0;
    const failed: string[] = [];
    for (const box of outboxes) {
      const told = await box.republish(since, onPage);
      published += told.published;
      failed.push(...told.failed);
    }
    metrics.count('republished_total', { service }, published);
    log.info({ service, since, published, failed: failed.length }, 'published again what changed since');
    return { published, failed };
  };

  const withMargin = (moment: Date) => new Date(moment.getTime() - MARGIN);
  /** A regained broker is not noted as healthy before it has again what it may have lost, since then. */
  let owed: Date | undefined;
  let restoring: Promise<void> | undefined;
  const restore = (lastHealthy: Date) => {
    owed = lastHealthy;
    restoring = republish(withMargin(lastHealthy))
      .then(() => {
        owed = undefined;
      })
      .finally(() => {
        restoring = undefined;
      });
    return restoring;
  };
  bus.onRestored(async (lastHealthy) => {
    if (restoring) await restoring.catch(() => undefined);
    await restore(owed && owed < lastHealthy ? owed : lastHealthy);
  });

  let caughtUp = !remote;
  const stayHealthy = async () => {
    if (!bus.connected || restoring) return;
    if (owed) await restore(owed);
    if (!caughtUp) {
      const healthy = await operations.findOne({ _id: 'healthy' });
      // The broker was never known to work: it may have lost anything.
      await republish(healthy ? withMargin(healthy.since) : new Date(0));
      caughtUp = true;
    }
    await operations.updateOne(
      { _id: 'healthy' },
      { $max: { since: clock.now() }, $set: { kind: 'healthy' } },
      { upsert: true },
    );
  };

  const onCommand = async () => {
    const abandoned = new Date(clock.now().getTime() - LEASE);
    const asked = await operations.findOneAndUpdate(
      {
        kind: 'republish',
        $or: [{ status: 'waiting' }, { status: 'running', startedAt: { $lt: abandoned } }],
      },
      { $set: { status: 'running', startedAt: clock.now() } },
    );
    if (!asked) return;
    const note = (what: object) =>
      operations.updateOne({ _id: asked._id, status: 'running' }, { $set: what });
    try {
      const { published, failed } = await republish(asked.since, () => note({ startedAt: clock.now() }));
      await note({ status: 'done', published, ...(failed.length > 0 && { failed: failed.slice(0, NAMED) }) });
    } catch (error) {
      await note({ status: 'waiting' });
      throw error;
    }
  };

  return {
    jobs: [
      ...(remote ? [{ name: 'healthy', every: 10_000, run: stayHealthy }] : []),
      { name: 'republish', every: 1000, run: onCommand },
    ],
  };
}
