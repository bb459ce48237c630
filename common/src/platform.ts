import { hostname } from 'node:os';
import { z } from 'zod';
import type { Bus } from './bus/bus.ts';
import { memoryBus } from './bus/memory.ts';
import { natsStreamingBus } from './bus/nats-streaming.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { mongoServer, namesDatabase, type Told } from './mongo.ts';
import { systemClock, systemIds, type Clock, type Ids, type Random } from './runtime.ts';
import type { Database } from './store.ts';

/** What is under the services: the engines behind their ports. */
export interface Platform {
  bus: Bus;
  /** Whether the bus is a broker of its own, which can lose what it was given while this process is down. */
  remoteBus: boolean;
  database(service: string): Database;
  clock: Clock;
  ids: Ids;
  random: Random;
  close(): Promise<void>;
}

export interface PlatformType<S extends z.ZodObject = z.ZodObject> {
  config: S;
  open(config: z.output<S>, tools: { name: string; log: Log; metrics: Metrics }): Platform;
}

const MONGO_URL = z
  .string()
  .regex(/^mongodb(\+srv)?:\/\//, 'must be a mongodb:// connection string')
  .describe('the connection string of the MongoDB replica set');

const definePlatform = <S extends z.ZodObject>(type: PlatformType<S>) => type;

const seams = { clock: systemClock, ids: systemIds, random: Math.random };

const telling = (log: Log, metrics: Metrics): Told => ({
  primary(primary) {
    if (primary !== undefined) return log.info({ primary }, 'the database takes writes again');
    metrics.count('database_primary_losses_total');
    log.warn('lost the primary of the database');
  },
  ungathered: () => log.warn('the database does not say which of many updates matched; they go one by one'),
});

/** One process per service: MongoDB and NATS Streaming as the environment names them. */
export const cluster = definePlatform({
  config: z.object({
    MONGO_URL: MONGO_URL.optional(),
    NATS_URL: z
      .string()
      .regex(/^(nats|tls):\/\//, 'must be a nats:// URL')
      .describe('where NATS Streaming listens'),
    NATS_CLUSTER_ID: z.string().min(1).default('ticketing'),
  }),
  open({ MONGO_URL, NATS_URL, NATS_CLUSTER_ID }, { name, log, metrics }) {
    const server = MONGO_URL === undefined ? undefined : mongoServer(MONGO_URL, telling(log, metrics));
    const bus = natsStreamingBus({
      url: NATS_URL,
      clusterId: NATS_CLUSTER_ID,
      name: `${name}-${hostname()}`,
      log,
      metrics,
    });
    return {
      ...seams,
      bus,
      remoteBus: true,
      database: (service) => {
        if (!server) throw new Error(`${service} needs MONGO_URL`);
        return server.database(service);
      },
      close: async () => {
        await server?.close();
      },
    };
  },
});

/** All services in one process: one MongoDB with a database for each, and an in-process bus. */
export const embedded = definePlatform({
  config: z.object({
    MONGO_URL: MONGO_URL.refine((url) => !namesDatabase(url), {
      message: 'must not name a database, as each service has its own',
    }),
  }),
  open({ MONGO_URL }, { log, metrics }) {
    const server = mongoServer(MONGO_URL, telling(log, metrics));
    return {
      ...seams,
      bus: memoryBus(),
      remoteBus: false,
      database: (service) => server.database(service),
      close: () => server.close(),
    };
  },
});
