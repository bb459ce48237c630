import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eventually } from '@ticketing/common/testing';
import { type RunningEngine, startNats, startRedis } from '@ticketing/engines/run';
import type { Load } from '../load.ts';
import { type StartedSuite, startSuite } from '../suite.ts';
import { type ReplicaSet, startReplicaSet } from './mongo.ts';
import { orderOf, type PointName } from './points.ts';
import { type Oddity, UNRULY } from './preload.ts';
import { through, type Wire, wireTo } from './wire.ts';

const SERVICES = ['auth', 'events', 'tickets', 'orders', 'payments', 'expiration', 'admissions'];

/** Everything that a fault can strike: the suite as a user starts it, its engines, and the wires between. */
export interface Ground {
  suite: StartedSuite;
  /** Every process of a service, by its name. */
  processes: readonly string[];
  /** Where a process tells how it is, and what it counts. */
  operationalUrlOf(name: string): string;
  /** Sends a signal to a process, once there is one. */
  signal(name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  mongo: ReplicaSet;
  nats: RunningEngine;
  redis: RunningEngine;
  wires: Record<'nats' | 'redis', Wire>;
  /** Has the next process of a service that passes a point die there; resolves when it did. */
  dieAt(service: string, point: PointName): Promise<void>;
  /** Starts a process again as it is told to be, or as it was meant to be; resolves when it is ready. */
  startAs(name: string, oddity?: Oddity): Promise<void>;
  /** Has the bus of every process repeat, reorder and delay, or do so no more. */
  unrulyBus(yes: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Two processes of each service, three members of MongoDB, NATS Streaming and Redis; perhaps with a planted defect. */
export async function openGround(mutant = ''): Promise<Ground> {
  const home = await mkdtemp(join(tmpdir(), 'ticketing-faults-'));
  const [mongo, nats, redis] = await Promise.all([
    startReplicaSet(),
    startNats({ dataDir: join(home, 'nats') }),
    startRedis({ dataDir: join(home, 'redis') }),
  ]);
  const wires = { nats: await wireTo(nats.port), redis: await wireTo(redis.port) };
  const preload = pathToFileURL(join(import.meta.dirname, 'preload.ts'));
  preload.search = `folder=${encodeURIComponent(home)}&mutant=${encodeURIComponent(mutant)}`;
  const suite = await startSuite('services', {
    MONGO_URL: mongo.url,
    NATS_URL: through(wires.nats, nats.url),
    REDIS_URL: through(wires.redis, redis.url),
    REPLICAS: '2',
    LOG_LEVEL: 'warn',
    DRAIN_SECONDS: '5',
    ORDER_HOLD_SECONDS: '8',
    PAYMENT_BEGIN_SECONDS: '1',
    PAYMENT_GRACE_SECONDS: '2',
    PAYMENT_RECOVERY_SECONDS: '3',
    NODE_OPTIONS: `--import=${preload}`,
  });
  const operationalUrlOf = (name: string) => suite.running.operationalUrls?.[name] ?? '';
  const signal: Ground['signal'] = (name, signal) =>
    eventually(async () => void process.kill(await suite.pidOf(name), signal), {
      within: 120_000,
      every: 50,
    });
  return {
    suite,
    operationalUrlOf,
    signal,
    processes: SERVICES.flatMap((name) => [name, `${name}-2`]),
    mongo,
    nats,
    redis,
    wires,
    async dieAt(service, point) {
      const order = join(home, orderOf(service, point));
      await writeFile(order, '');
      await eventually(() => !existsSync(order), { within: 120_000, every: 50 }).catch(() => {
        throw new Error(`no process of ${service} came to the point ${point}`);
      });
    },
    async startAs(name, oddity = {}) {
      await writeFile(join(home, `${name}.json`), JSON.stringify(oddity));
      const before = await suite.pidOf(name);
      await signal(name, 'SIGTERM');
      await eventually(
        async () =>
          (await suite.pidOf(name)) !== before && (await fetch(`${operationalUrlOf(name)}/health`)).ok,
        { within: 120_000, every: 100 },
      );
    },
    async unrulyBus(yes) {
      if (yes) await writeFile(join(home, UNRULY), '');
      else await rm(join(home, UNRULY), { force: true });
    },
    async stop() {
      await suite.destroy();
      await Promise.all([mongo.stop(), nats.stop(), redis.stop()]);
      await Promise.all(Object.values(wires).map((wire) => wire.close()));
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Resolves when the suite has acknowledged this many writes more. */
export async function acknowledges({ acknowledged }: Load, more: number): Promise<void> {
  const before = acknowledged.writes;
  await eventually(() => acknowledged.writes >= before + more, { within: 120_000, every: 20 });
}
