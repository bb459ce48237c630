import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Bus } from './bus/bus.ts';
import { memoryBus } from './bus/memory.ts';
import { unruly } from './bus/unruly.ts';
import type { Environment } from './config.ts';
import { ownerOf } from './contracts/catalogue.ts';
import type { Draft } from './contracts/message.ts';
import { type Host, host } from './host.ts';
import { PrivateKeys, PublicKeys, type SigningKey, type TokenKeys } from './http/keys.ts';
import { signToken } from './http/session.ts';
import { mongoServer } from './mongo.ts';
import type { PlatformType } from './platform.ts';
import { envelope } from './record.ts';
import { type Clock, systemClock, systemIds } from './runtime.ts';
import type { Service } from './service.ts';
import type { Database } from './store.ts';
import type { User } from './user.ts';

const { d, ...TEST_KEY } = {
  kid: 'tests',
  kty: 'EC',
  crv: 'P-256',
  x: 'LkC5lqpQQJUhv6uOLpjij4r7zxVFfTs55XPlPV1azSY',
  y: 'M2WB2R3XumiGFLP-qAUiihzotvEPfaQMh_m16MqvS24',
  d: 'xZ7IdqI-t4BqP4WRnGbbH0Bpc6kyZ-EIuTNWrd84Nwc',
};
/** Keys that only tests use, as settings of a suite. */
export const TEST_KEYS = {
  TOKEN_PUBLIC_KEYS: JSON.stringify({ keys: [TEST_KEY] }),
  TOKEN_PRIVATE_KEYS: JSON.stringify({ keys: [{ ...TEST_KEY, d }] }),
  REFRESH_KEYS: 'a key that only tests use; it has 32 characters or more',
  CODE_KEY: 'another that only tests use, of 32 characters too',
  ADMISSION_KEYS: JSON.stringify({
    keys: [
      {
        kid: '7e57',
        kty: 'OKP',
        crv: 'Ed25519',
        x: 'j4agwT-Pl848J5Af0fq1prNYCpcGVNMGDfExDqX8QJ4',
        d: 'HK7ZNmkIsjlKq82cAL5UMhcKDkv81NQbIBwU98Exy3M',
      },
    ],
  }),
};
/** The same, to verify and to sign with. */
export const TEST_TOKEN_KEYS: TokenKeys = { keys: PublicKeys.parse(TEST_KEYS.TOKEN_PUBLIC_KEYS) };
export const [TEST_SIGNING_KEY] = PrivateKeys.parse(TEST_KEYS.TOKEN_PRIVATE_KEYS) as [SigningKey];

/** Waits until `check` stops throwing and returns something other than false; fails with its last words after `within` milliseconds. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { within = 180_000, every = 20 } = {},
): Promise<Exclude<T, false>> {
  const deadline = Date.now() + within;
  for (;;) {
    try {
      const value = await check();
      if (value !== false) return value as Exclude<T, false>;
      if (Date.now() > deadline) throw new Error(`not so after ${within} ms: ${String(check)}`);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await systemClock.sleep(every);
  }
}

/**
 * Asks again while the answer is 503 with `Retry-After`, or 429 for a second: a busy machine may have no place for a whole crowd
 * at once.
 */
export async function patiently<R extends { status: number; headers: Headers | Record<string, string> }>(
  ask: () => PromiseLike<R>,
): Promise<R> {
  for (;;) {
    const reply = await ask();
    const { headers } = reply;
    const after = headers instanceof Headers ? headers.get('retry-after') : headers['retry-after'];
    if (!after || !(reply.status === 503 || (reply.status === 429 && after === '1'))) return reply;
    await systemClock.sleep(Number(after) * 1000);
  }
}

/**
 * A clock that can be put forward; sleeping takes real time. `still`: until what it returns is disposed of only that moves it,
 * for what must happen within a time however slow the machine is.
 */
export function movableClock(): Clock & { forward(ms: number): void; still(): Disposable } {
  let ahead = 0;
  let since: number | undefined;
  return {
    now: () => new Date((since ?? Date.now()) + ahead),
    still() {
      since = Date.now();
      return {
        [Symbol.dispose]() {
          since = undefined;
        },
      };
    },
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
    forward: (ms) => {
      ahead += ms;
    },
  };
}

/** The ids of the change streams' cursors that are open on a collection, whoever opened them. */
export async function changeStreams({ connection }: Database, collection: string): Promise<string[]> {
  const ns = `${connection?.db?.databaseName}.${collection}`;
  const open = await connection
    ?.getClient()
    .db('admin')
    .aggregate<{ cursor: { cursorId: unknown } }>([
      { $currentOp: { idleCursors: true } },
      { $match: { ns, 'cursor.originatingCommand.pipeline.$changeStream': { $exists: true } } },
    ])
    .toArray();
  return [...new Set(open?.map(({ cursor }) => String(cursor.cursorId)))];
}

/** A clock under which what is repeated runs once, at the start: what it looks for later is no request's doing. */
export const unrepeating: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => systemClock.sleep(ms < 1000 ? ms : 3_600_000, signal),
};

export interface TestHost extends Host {
  /** A service's database. */
  database(service: string): Database;
  bus: Bus;
  /** Closes the host and drops its databases. */
  destroy(): Promise<void>;
}

/** Habits that a test hardly feels. */
const UNRULY = { repeats: 0.3, delays: 0.3, upTo: 20, random: Math.random, clock: systemClock };

/**
 * The real host on a real MongoDB, with databases of its own and a bus of this process. What its services hear comes twice,
 * late and in another order, unless it is to be `calm`; what a test hears on `bus` comes as it was sent.
 * `mongoUrl` is a server to which the databases are added.
 */
export async function testHost(
  services: readonly Service[],
  {
    mongoUrl,
    env = {},
    bus = memoryBus(),
    clock = systemClock,
    calm = false,
  }: { mongoUrl: string; env?: Environment; bus?: Bus; clock?: Clock; calm?: boolean },
): Promise<TestHost> {
  const prefix = `test-${randomBytes(4).toString('hex')}`;
  const server = mongoServer(mongoUrl);
  const database = (service: string) => server.database(`${prefix}-${service}`);
  const platform: PlatformType = {
    config: z.object({}),
    open: () => ({
      bus: calm ? bus : unruly(bus, UNRULY),
      remoteBus: false,
      database,
      clock,
      ids: systemIds,
      random: Math.random,
      close: () => Promise.resolve(),
    }),
  };
  const started = await host(services, platform, {
    MONGO_URL: mongoUrl,
    PORT: '0',
    OPERATIONAL_PORT: '0',
    ...TEST_KEYS,
    PUBLIC_ORIGIN: 'http://localhost:3000',
    LOG_LEVEL: 'silent',
    DRAIN_SECONDS: '0',
    // Who is late is the machine.
    REQUEST_SECONDS: '300',
    ...env,
  });
  await started.ready;
  return {
    ...started,
    database,
    bus,
    async destroy() {
      await started.close();
      for (const { name, database: kept } of services)
        if (kept) await database(name).connection?.dropDatabase();
      await server.close();
    },
  };
}

/** A user who is signed in, without `auth`: the header that says so. */
export const bearer = (
  user: Partial<User> & Pick<User, 'id'>,
  lifetime = 300,
): { authorization: string } => ({
  authorization: `Bearer ${signToken({ email: `${user.id}@example.com`, roles: ['user'], sessionId: systemIds.next(), ...user }, TEST_SIGNING_KEY, lifetime)}`,
});

/** Publishes what another service would tell; resolves when every service on the bus has taken it. */
export const tell = (bus: Pick<Bus, 'publish'>, draft: Draft): Promise<void> =>
  bus.publish(
    draft.type,
    JSON.stringify(envelope(draft, { source: `/${ownerOf(draft.type)}` }, systemClock.now())),
  );
