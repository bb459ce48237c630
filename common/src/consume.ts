import { ZodError } from 'zod';
import type { Bus } from './bus/bus.ts';
import { ownerOf } from './contracts/catalogue.ts';
import type { CloudEvent } from './contracts/message.ts';
import { type Handler, readEnvelope, settle, Unreadable } from './handler.ts';
import { fingerprint, inbox, inboxModel } from './inbox.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Clock, Random } from './runtime.ts';
import type { Job } from './service.ts';
import { TOLERANCE } from './skew.ts';
import type { Database } from './store.ts';
import { traced } from './trace.ts';

interface Tools {
  service: string;
  bus: Bus;
  db: Database | undefined;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
}

export interface Consumer {
  subscribe(): void;
  jobs: Job[];
}

/**
 * Prepares a service's handlers; `subscribe` starts them. What is wrapped around each: reading the envelope, its trace, the meaning of a
 * refusal, and the inbox for failures. Without a database a failure leaves the message with the broker.
 */
export function consume(handlers: readonly Handler[], tools: Tools): Consumer {
  const { service, bus, db, clock, log, metrics } = tools;
  const bySubject = new Map(handlers.map((handler) => [handler.subject, handler]));

  const handle = async (subject: string, message: string) => {
    const handler = bySubject.get(subject);
    if (!handler) throw new Error(`${service} does not handle ${subject}`);
    const event = readEnvelope(message);
    refuseForeign(subject, event);
    noteTime(subject, event);
    const outcome = await traced(event.traceparent, async () => settle(await handler.handle(event)));
    metrics.count('events_handled_total', { service, subject, outcome });
  };
  /** A broker that lets anybody publish anything, or somebody's key in other hands. */
  const refuseForeign = (subject: string, { source, type }: CloudEvent) => {
    const owner = ownerOf(subject);
    if (owner !== undefined && (source !== `/${owner}` || type !== subject))
      throw new Unreadable(`${source} sent a ${type} as ${subject}, which is of /${owner} alone`);
  };
  const odd = new Set<string>();
  const noteTime = (subject: string, { source, time }: CloudEvent) => {
    const lag = clock.now().getTime() - Date.parse(time);
    metrics.observe('events_lag_seconds', { service, subject }, Math.max(0, lag) / 1000);
    if (lag > -TOLERANCE) return;
    metrics.count('events_ahead_total', { service, source });
    if (!odd.has(source))
      log.warn({ source, seconds: -lag / 1000 }, 'clocks differ: an event is from a time to come');
    odd.add(source);
  };
  const kept =
    db && handlers.length > 0 ? inbox({ ...tools, store: db.store(inboxModel), handle }) : undefined;

  const failed = async (subject: string, message: string, error: unknown) => {
    const poison = error instanceof Unreadable || error instanceof ZodError;
    metrics.count('events_handled_total', { service, subject, outcome: poison ? 'poison' : 'failed' });
    log.debug({ err: error, subject }, 'a handler failed');
    if (!kept) {
      if (!poison) throw error;
      log.error({ err: error, subject }, 'an event that cannot be read is left out');
    } else await kept.keep(subject, idOf(message), message, error, poison);
  };

  const subscribe = () => {
    for (const { subject } of handlers) {
      bus.subscribe({
        subject,
        group: service,
        handle: async (message, { redelivered }) => {
          if (redelivered) metrics.count('events_redelivered_total', { service, subject });
          await handle(subject, message).catch((error: unknown) => failed(subject, message, error));
        },
      });
    }
  };
  return {
    subscribe,
    jobs: kept
      ? [
          { name: 'inbox', every: 1000, run: () => kept.retry() },
          { name: 'inbox-size', every: 15_000, run: () => kept.measure() },
        ]
      : [],
  };
}

const idOf = (message: string) => {
  try {
    return readEnvelope(message).id;
  } catch {
    return fingerprint(message);
  }
};
