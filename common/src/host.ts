import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type RequestHandler } from 'express';
import { z } from 'zod';
import { ConfigError, type Environment, integer, parseConfig } from './config.ts';
import { assemble } from './assemble.ts';
import { admission } from './http/admission.ts';
import { createApp } from './http/app.ts';
import { isSecure } from './http/cookies.ts';
import { formerKey, FormerSettings, PublicKeys, saysUntilWhen, untilWhen } from './http/keys.ts';
import { documentation } from './http/openapi.ts';
import { operational } from './http/operational.ts';
import { notFound, onError, sendProblem } from './http/problem.ts';
import { listen, openServer, ServerConfig } from './http/server.ts';
import { createLog, LOG_LEVELS, type Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import type { PlatformType } from './platform.ts';
import { backoff } from './runtime.ts';
import type { Service } from './service.ts';
import { watchSkew } from './skew.ts';

const VERSION = '1.0.0';

/** What every process reads, whatever services it runs. */
const HostConfig = z
  .object({
    HOST: z.string().default('127.0.0.1'),
    PORT: integer(0, 65_535).default(3000),
    OPERATIONAL_PORT: integer(0, 65_535).default(3001),
    OPERATIONAL_HOST: z.string().optional(),
    TOKEN_PUBLIC_KEYS: PublicKeys,
    ...FormerSettings,
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
    MAX_REQUESTS: integer(4, 10_000).default(128),
    MAX_STREAMS: integer(10, 100_000).default(10_000),
    MAX_BODIES_MB: integer(8, 10_000).default(32),
    ...ServerConfig.shape,
  })
  .refine(
    ({ PUBLIC_ORIGIN: [origin], TRUST_PROXY_HOPS }) => TRUST_PROXY_HOPS > 0 || !origin?.startsWith('https:'),
    {
      path: ['TRUST_PROXY_HOPS'],
      message: 'must be at least 1 when PUBLIC_ORIGIN is https, as TLS ends at a proxy',
    },
  )
  .refine(saysUntilWhen, untilWhen);

export interface Host {
  readonly app: Express;
  readonly url: string;
  /** Where `/alive`, `/health` and `/metrics` are. */
  readonly operationalUrl: string;
  readonly log: Log;
  /** Resolves when the databases answer, their indexes stand, and handlers and jobs run. */
  readonly ready: Promise<void>;
  /** Stops gently: unready, drained, consumers stopped, outbox emptied where possible, closed. */
  close(): Promise<void>;
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
  const { bus, clock, random } = platform;
  const stopping = new AbortController();
  const gate = admission({ requests: base.MAX_REQUESTS, streams: base.MAX_STREAMS, clock, metrics });
  const congested = (service: string) => gate.congested(PATHS[service] ?? service);
  const tools = { platform, log, metrics, sweepMs: base.SWEEP_SECONDS * 1000, congested };
  const assembled = services.map((service, index) => assemble(service, config.services[index], tools));
  const secure = isSecure(base.PUBLIC_ORIGIN[0]);
  let prepared = false;

  const { app, finish } = createApp({
    keys: { keys: base.TOKEN_PUBLIC_KEYS, former: formerKey(base) },
    origins: base.PUBLIC_ORIGIN,
    proxyHops: base.TRUST_PROXY_HOPS,
    admission: gate,
    bodyBytes: base.MAX_BODIES_MB * 1_000_000,
    log,
    metrics,
  });
  const whenPrepared: RequestHandler = (_req, res, next) => {
    if (prepared) next();
    else sendProblem(res, 503, 'The service is starting; try in a moment', { retryAfter: 1 });
  };
  const operations = operational({
    metrics,
    ready: async () => {
      if (!prepared || stopping.signal.aborted) return false;
      for (const { db } of assembled) await db?.ping();
      return true;
    },
    degraded: () => [
      ...(bus.connected ? [] : ['bus']),
      ...assembled.flatMap(({ parts }) => parts.degraded?.() ?? []),
    ],
  });
  finish([
    whenPrepared,
    ...assembled.flatMap(({ service, parts: { routes } }) =>
      routes ? [documentation(PATHS[service.name] ?? service.name, routes, VERSION, secure), routes] : [],
    ),
  ]);
  const server = await listen(openServer(base, app), base.PORT, base.HOST);
  // A port of its own, which no proxy before the other one reaches, and which answers however busy that is.
  const watched = await listen(
    openServer(base, express().disable('x-powered-by').use(operations, notFound, onError(log))),
    base.OPERATIONAL_PORT,
    base.OPERATIONAL_HOST ?? base.HOST,
  );

  const loops: Promise<void>[] = [gate.follow(stopping.signal)];
  const bringUp = async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        for (const { db } of assembled) await db?.prepare();
        break;
      } catch (error) {
        log.error({ err: error }, 'the database is not ready; trying again');
        await clock.sleep(backoff(Math.min(attempt, 5), 500, 5000, random), stopping.signal);
      }
      if (stopping.signal.aborted) return;
    }
    for (const { service, db, begin } of assembled) {
      loops.push(begin(stopping.signal));
      if (db) loops.push(watchSkew({ service: service.name, db, clock, log, metrics }, stopping.signal));
    }
    // Before, an event would find no subscriber, and a write no unique index.
    prepared = true;
    log.info({ services: services.map((service) => service.name) }, 'ready');
  };
  const ready = bringUp();

  const within = (work: readonly Promise<unknown>[]) =>
    Promise.race([Promise.allSettled(work), clock.sleep(GRACE)]);
  const close = async () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    await clock.sleep(base.DRAIN_SECONDS * 1000);
    const served = new Promise((resolve) => server.close(resolve));
    await Promise.all(assembled.flatMap(({ parts }) => parts.streams ?? []).map((stream) => stream.close()));
    server.closeIdleConnections();
    await within([served]);
    server.closeAllConnections();
    await ready;
    await within(loops);
    const outboxes = assembled.flatMap((one) => one.outboxes);
    await within(outboxes.map((box) => box.flush().then(() => box.sweep(0))));
    await bus.close();
    for (const { parts } of assembled) await parts.close?.();
    await platform.close();
    watched.close();
    watched.closeAllConnections();
  };

  const urlOf = (one: Server) => `http://localhost:${(one.address() as AddressInfo).port}`;
  return { app, url: urlOf(server), operationalUrl: urlOf(watched), log, ready, close };
}

/** Each step of a shutdown takes this long at most, in milliseconds. */
const GRACE = 5000;
/** Where a service's name is not its path. */
const PATHS: Record<string, string> = { auth: 'users' };

/** The names of the variables that these services read. */
export const variablesOf = <S extends z.ZodObject>(
  services: readonly Service[],
  type: PlatformType<S>,
): string[] =>
  [HostConfig, type.config, ...services.map(({ config }) => config)]
    .flatMap(({ shape }) => Object.keys(shape as object))
    .filter((name, index, all) => all.indexOf(name) === index);

/** What these services read of an environment. Throws a `ConfigError` that names all that is wrong. */
export function readConfig<S extends z.ZodObject>(
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
