import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { z } from 'zod';
import { ConfigError, type Environment, integer, parseConfig } from './config.ts';
import { consume } from './consume.ts';
import { createApp } from './http/app.ts';
import { documentation } from './http/openapi.ts';
import { operational } from './http/operational.ts';
import { createLog, LOG_LEVELS, type Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import type { Outbox } from './outbox.ts';
import type { PlatformType } from './platform.ts';
import { records } from './record.ts';
import { republisher } from './republish.ts';
import { backoff } from './runtime.ts';
import type { Job, Parts, Ports, Service } from './service.ts';
import type { Database } from './store.ts';

const VERSION = '1.0.0';

/** What every process reads, whatever services it runs. */
const HostConfig = z.object({
  PORT: integer(0, 65_535).default(3000),
  JWT_KEY: z
    .string()
    .min(32, 'must have at least 32 characters')
    .describe('the secret that signs access tokens, at least 32 characters'),
  PUBLIC_ORIGIN: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .refine(
      (origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
      {
        message: 'must be an origin such as https://ticketing.dev, or several with commas between',
      },
    )
    .describe('the origin that browsers see, e.g. https://ticketing.dev'),
  TRUST_PROXY_HOPS: integer(0, 10).default(0),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  DRAIN_SECONDS: integer(0, 60).default(5),
  SWEEP_SECONDS: integer(1, 3600).default(2),
});

export interface Host {
  readonly app: Express;
  readonly url: string;
  readonly log: Log;
  /** Resolves when the databases answer, their indexes stand, and handlers and jobs run. */
  readonly ready: Promise<void>;
  /** Stops gently: unready, drained, consumers stopped, outbox emptied where possible, closed. */
  close(): Promise<void>;
}

interface Running {
  service: Service;
  parts: Parts;
  db: Database | undefined;
  outboxes: Outbox[];
}

/** Runs services in this process: one of them is a pod, all of them are the monolith. Rejects with a `ConfigError`. */
export async function host<S extends z.ZodObject>(
  services: readonly Service[],
  type: PlatformType<S>,
  env: Environment,
): Promise<Host> {
  const config = readConfig(services, type, env);
  const { base } = config;
  const name = services.length === 1 ? (services[0]?.name ?? '') : 'ticketing';
  const log = createLog(name, base.LOG_LEVEL);
  const metrics = createMetrics();
  const platform = type.open(config.platform, { name, log, metrics });
  const { bus, clock, ids, random } = platform;
  const stopping = new AbortController();
  let prepared = false;
  let restoredAt = 0;
  bus.onRestored(() => {
    restoredAt = clock.now().getTime();
  });

  const running = services.map((service, index): Running => {
    const db = service.database ? platform.database(service.name) : undefined;
    const outboxes: Outbox[] = [];
    const ports: Ports = {
      db: db as Database,
      records: (model) => {
        const made = records(model, `/${service.name}`, {
          store: ports.db.store(model),
          bus,
          clock,
          log,
          metrics,
        });
        outboxes.push(made.outbox);
        return made;
      },
      publish: (draft) =>
        bus.publish(
          draft.type,
          JSON.stringify({
            specversion: '1.0',
            source: `/${service.name}`,
            time: clock.now().toISOString(),
            ...draft,
          }),
        ),
      caughtUp: () => bus.connected && clock.now().getTime() - restoredAt > CATCH_UP,
      clock,
      ids,
      random,
      log,
      metrics,
    };
    return {
      service,
      parts: service.setup({ ...ports, config: config.services[index] as never }),
      db,
      outboxes,
    };
  });

  const { app, finish } = createApp({
    key: base.JWT_KEY,
    origins: base.PUBLIC_ORIGIN,
    proxyHops: base.TRUST_PROXY_HOPS,
    log,
    metrics,
  });
  finish([
    operational({
      metrics,
      ready: async () => {
        if (!prepared || stopping.signal.aborted) return false;
        await Promise.all(running.map(({ db }) => db?.ping()));
        return true;
      },
      degraded: () => [
        ...(bus.connected ? [] : ['bus']),
        ...running.flatMap(({ parts }) => parts.degraded?.() ?? []),
      ],
    }),
    ...running.flatMap(({ service, parts }) =>
      parts.routes
        ? [documentation(PATHS[service.name] ?? service.name, parts.routes, VERSION), parts.routes]
        : [],
    ),
  ]);
  const server = createServer(app);
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, fail) => {
    server.once('error', fail);
    server.listen(base.PORT, resolve);
  });

  const loop = async ({ name: job, every, run }: Job) => {
    while (!stopping.signal.aborted) {
      await run().catch((error: unknown) => {
        metrics.count('job_failures_total', { job });
        log.warn({ err: error, job }, 'a background job failed; it runs again');
      });
      await clock.sleep(every * (0.9 + random() * 0.2), stopping.signal);
    }
  };

  const loops: Promise<void>[] = [];
  const bringUp = async () => {
    for (let attempt = 1; !stopping.signal.aborted; attempt++) {
      try {
        for (const { db } of running) await db?.prepare();
        break;
      } catch (error) {
        log.error({ err: error }, 'the database is not ready; trying again');
        await clock.sleep(backoff(Math.min(attempt, 5), 500, 5000, random), stopping.signal);
      }
    }
    if (stopping.signal.aborted) return;
    for (const { service, parts, db, outboxes } of running) {
      const tools = { service: service.name, clock, random, log, metrics };
      const consumer = consume(parts.handlers ?? [], { ...tools, bus, db });
      const again = republisher(outboxes, { ...tools, bus, db, remote: platform.remoteBus });
      await db?.prepare();
      const sweep = base.SWEEP_SECONDS * 1000;
      const own: Job[] = [
        ...outboxes.map((box) => ({ name: 'outbox', every: sweep, run: () => box.sweep(sweep * 2) })),
        ...consumer.jobs,
        ...again.jobs,
      ];
      for (const job of [...own, ...(parts.jobs ?? [])])
        loops.push(loop({ ...job, name: `${service.name}:${job.name}` }));
      for (const stream of parts.streams ?? []) stream.start();
    }
    prepared = true;
    log.info({ services: services.map((service) => service.name) }, 'ready');
  };
  const ready = bringUp();
  ready.catch((error: unknown) => {
    log.fatal({ err: error }, 'could not start');
  });

  const close = async () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    if (base.DRAIN_SECONDS > 0) await clock.sleep(base.DRAIN_SECONDS * 1000);
    const served = new Promise((resolve) => server.close(resolve));
    await Promise.all(running.flatMap(({ parts }) => parts.streams ?? []).map((stream) => stream.close()));
    server.closeIdleConnections();
    await Promise.race([served, clock.sleep(GRACE)]);
    server.closeAllConnections();
    await ready.catch(() => undefined);
    await Promise.race([Promise.all(loops), clock.sleep(GRACE)]);
    await Promise.race([
      Promise.all(running.flatMap(({ outboxes }) => outboxes.map((box) => box.idle()))),
      clock.sleep(GRACE),
    ]);
    await bus.close();
    for (const { parts } of running) await parts.close?.();
    await platform.close();
  };

  const { port } = server.address() as AddressInfo;
  return { app, url: `http://localhost:${port}`, log, ready, close };
}

/** After a regained connection, events may be missing for this long, in milliseconds. */
const CATCH_UP = 10_000;
/** Each step of a shutdown takes this long at most, in milliseconds. */
const GRACE = 5000;
/** Where a service's name is not its path. */
const PATHS: Record<string, string> = { auth: 'users' };

function readConfig<S extends z.ZodObject>(
  services: readonly Service[],
  type: PlatformType<S>,
  env: Environment,
) {
  const problems: string[] = [];
  const read = <S extends z.ZodObject>(schema: S): z.output<S> => {
    try {
      return parseConfig(schema, env);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(error.message);
      return {} as z.output<S>;
    }
  };
  const config = {
    base: read(HostConfig),
    platform: read(type.config),
    services: services.map((one) => read(one.config)),
  };
  if (services.some((service) => service.database) && !env['MONGO_URL']) {
    problems.push('MONGO_URL is missing: the connection string of the MongoDB replica set.');
  }
  if (problems.length > 0) throw new ConfigError([...new Set(problems.join('\n').split('\n'))].join('\n'));
  return config;
}
