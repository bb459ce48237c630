import { consume } from './consume.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Outbox } from './outbox.ts';
import type { Platform } from './platform.ts';
import { envelope, records } from './record.ts';
import { republisher } from './republish.ts';
import type { Job, Parts, Ports, Service } from './service.ts';
import type { Database } from './store.ts';

/** A service with all that it needs to run. */
export interface Assembled {
  service: Service;
  parts: Parts;
  db: Database | undefined;
  outboxes: readonly Outbox[];
  /** Consumes events and repeats the jobs until `signal` aborts; resolves when the jobs have stopped. */
  begin(signal: AbortSignal): Promise<void>;
}

/** After a regained connection, events may be missing for this long, in milliseconds. */
const CATCH_UP = 10_000;

interface Tools {
  platform: Platform;
  log: Log;
  metrics: Metrics;
  sweepMs: number;
  congested(service: string): boolean;
}

/** Hands a service its ports and puts around its parts what every service has: consumers, sweepers, republication. */
export function assemble(
  service: Service,
  config: unknown,
  { platform, log, metrics, sweepMs, congested }: Tools,
): Assembled {
  const { bus, clock, ids, random, remoteBus } = platform;
  const db = service.database ? platform.database(service.name) : undefined;
  const sender = { source: `/${service.name}`, congested: () => congested(service.name) };
  const outboxes: Outbox[] = [];
  let restoredAt = 0;
  bus.onRestored(() => {
    restoredAt = clock.now().getTime();
  });
  const ports: Ports = {
    db: db as Database,
    records: (model) => {
      const made = records(model, sender, { store: ports.db.store(model), bus, clock, log, metrics });
      outboxes.push(made.outbox);
      return made;
    },
    publish: (draft) => bus.publish(draft.type, JSON.stringify(envelope(draft, sender, clock.now()))),
    caughtUp: () => bus.connected && clock.now().getTime() - restoredAt > CATCH_UP,
    clock,
    ids,
    random,
    log,
    metrics,
  };
  const parts = service.setup({ ...ports, config: config as never });
  const shared = { service: service.name, bus, db, clock, random, log, metrics };
  const consumer = consume(parts.handlers ?? [], shared);
  const jobs: readonly Job[] = [
    ...outboxes.map((box) => ({ name: 'outbox', every: sweepMs, run: () => box.sweep(sweepMs * 2) })),
    ...consumer.jobs,
    ...republisher(outboxes, { ...shared, remote: remoteBus }).jobs,
    ...(parts.jobs ?? []),
  ];

  const repeat = async ({ name, every, run }: Job, signal: AbortSignal) => {
    while (!signal.aborted) {
      await run().catch((error: unknown) => {
        metrics.count('job_failures_total', { job: `${service.name}:${name}` });
        log.warn({ err: error, job: name, service: service.name }, 'a background job failed; it runs again');
      });
      await clock.sleep(every * (0.9 + random() * 0.2), signal);
    }
  };
  return {
    service,
    parts,
    db,
    outboxes,
    async begin(signal) {
      consumer.subscribe();
      await Promise.all(jobs.map((job) => repeat(job, signal)));
    },
  };
}
