import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@ticketing/common/testing';
import { withDatabases } from '@ticketing/operations/databases';
import { answer } from '@ticketing/engines/answer';
import type { Load } from '../load.ts';
import type { Dice } from '../simulation/random.ts';
import { acknowledges, type Ground } from './ground.ts';
import type { Member } from './mongo.ts';
import { POINTS, type PointName } from './points.ts';
import { NEXT_FIELD, type Oddity } from './preload.ts';
import type { Sign } from './signs.ts';
import type { Wire } from './wire.ts';

/** Something that goes wrong. */
export interface Fault {
  kind: 'kill' | 'broker' | 'database' | 'redis' | 'stripe' | 'machine' | 'bus';
  /** What tells an operator of it, where something surely does. */
  sign?: Sign;
  /** Nobody may be turned away by it. */
  seamless?: true;
  /**
   * Resolves when it has struck and what it struck may work again; or with what ends it, where the suite has to come to
   * rest in spite of it.
   */
  strike(ground: Ground, random: Dice, load: Load): Promise<void | (() => Promise<void>)>;
}

/** Signs by what is struck; docs/runbook.md says what to do about each. */
const DEAD = { metric: /^process_start_time_seconds/, line: /ended \(SIGKILL\); starting it again/ };
const NO_BROKER = { metric: /^bus_reconnects_total/, line: /lost the broker/ };
const NO_PRIMARY = { metric: /^database_primary_losses_total/, line: /lost the primary of the database/ };
const NO_TIMERS = {
  metric: /^events_handled_total.*service="expiration".*outcome="failed"/,
  line: /not acknowledged, comes again/,
};
const STRIPE_TRIED_AGAIN = { metric: /^stripe_troubles_total.*retry/ };

const kill: Fault['strike'] = ({ signal, processes }, random) =>
  signal(random.pick(processes) ?? '', 'SIGKILL');

const killAt =
  (name: PointName): Fault['strike'] =>
  ({ dieAt }, random) =>
    dieAt(random.pick(POINTS[name].services) ?? '', name);

const brokerAway =
  (seconds: number, emptied = false): Fault['strike'] =>
  async ({ nats }) => {
    await nats.kill();
    await delay(seconds * 1000);
    await nats.restart({ emptied });
  };

/** Strikes the member that takes the writes; the others must elect another, and people be served, before it is back. */
const primaryGone =
  (lose: (member: Member) => void | Promise<void>, back: (member: Member) => void | Promise<void>) =>
  async ({ mongo }: Ground, _random: Dice, load: Load) => {
    const member = await mongo.primary();
    await lose(member);
    try {
      await eventually(async () => (await mongo.primary()) !== member, { within: 120_000, every: 200 });
      await acknowledges(load, 30);
    } finally {
      await back(member);
    }
  };

/** Cuts wires one time and again, each time when people have been served since. */
const cuts =
  (most: number, wiresOf: (ground: Ground) => readonly Wire[]): Fault['strike'] =>
  async (ground, random, load) => {
    for (let times = 1 + random.below(most); times > 0; times--) {
      for (const wire of wiresOf(ground)) wire.cut();
      await acknowledges(load, 10);
    }
  };

const redisAway =
  (writes: number, emptied = false): Fault['strike'] =>
  async ({ redis }, _random, load) => {
    await redis.kill();
    await acknowledges(load, writes).finally(() => redis.restart({ emptied }));
  };

/** Says something to Redis, past the wire. */
const tellRedis = ({ redis }: Ground, ...commands: string[]) =>
  answer(redis.port, [...commands, 'QUIT', ''].join('\r\n'));

const redisAs =
  (ill: string, well: string): Fault['strike'] =>
  async (ground, _random, load) => {
    await tellRedis(ground, ill);
    await acknowledges(load, 60).finally(() => tellRedis(ground, well));
  };

/** Has the sandbox do something to requests or webhooks for some seconds. */
const stripe =
  (...faults: readonly object[]): Fault['strike'] =>
  async ({ suite }, random) => {
    const seconds = 3 + random.below(8);
    for (const fault of faults) {
      const reply = await fetch(`${suite.running.sandboxUrl}/sandbox/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...fault, seconds }),
      });
      if (!reply.ok) throw new Error(await reply.text());
    }
    await delay(seconds * 1000);
  };

/** Has two processes run as told until the verdict has been taken. */
const odd =
  (pick: (random: Dice) => readonly (readonly [name: string, oddity: Oddity])[]): Fault['strike'] =>
  async ({ startAs }, random, load) => {
    const chosen = pick(random);
    const end = async () => {
      await Promise.all(chosen.map(([name]) => startAs(name)));
    };
    try {
      await Promise.all(chosen.map(([name, oddity]) => startAs(name, oddity)));
      await acknowledges(load, 100);
      return end;
    } catch (error) {
      await end();
      throw error;
    }
  };

/** Resolves when the field of the next version is in a replica. */
const arrives = ({ suite }: Ground, service: string, collection: string) =>
  withDatabases(suite.running, (database) =>
    eventually(
      async () =>
        (await database(service)
          .collection(collection)
          .countDocuments({ [NEXT_FIELD.name]: NEXT_FIELD.value })) > 0,
      { within: 120_000, every: 200 },
    ),
  );

const MINUTE = 60_000;
/** For how long a process that ends goes on serving, and somewhat longer, in milliseconds. */
const DRAIN = 7000;

export const FAULTS: Record<string, Fault> = {
  'a process is killed': { kind: 'kill', sign: DEAD, strike: kill },
  'three processes are killed at once': {
    kind: 'kill',
    sign: DEAD,
    strike: async (ground, random, load) => {
      await Promise.all([1, 2, 3].map(() => kill(ground, random, load)));
    },
  },
  ...Object.fromEntries(
    Object.keys(POINTS).map((name) => [
      `killed ${name}`,
      { kind: 'kill' as const, sign: DEAD, strike: killAt(name as PointName) },
    ]),
  ),

  'the broker is killed for a second': { kind: 'broker', sign: NO_BROKER, strike: brokerAway(1) },
  'the broker is killed for ten seconds': { kind: 'broker', sign: NO_BROKER, strike: brokerAway(10) },
  'the broker is killed for a minute': {
    kind: 'broker',
    sign: NO_BROKER,
    strike: brokerAway(60),
  },
  'the broker comes back empty': { kind: 'broker', sign: NO_BROKER, strike: brokerAway(0.5, true) },
  'the broker comes back empty while a process dies': {
    kind: 'broker',
    sign: NO_BROKER,
    strike: async (ground, random, load) => {
      await ground.nats.kill();
      await kill(ground, random, load).finally(() => ground.nats.restart({ emptied: true }));
    },
  },
  'the broker is slow': {
    kind: 'broker',
    strike: async ({ wires }, random, load) => {
      wires.nats.slow(100 + random.below(300));
      await acknowledges(load, 60).finally(() => wires.nats.heal());
    },
  },
  'connections to the broker are cut': {
    kind: 'broker',
    sign: NO_BROKER,
    strike: cuts(4, ({ wires }) => [wires.nats]),
  },
  'no byte to or from the broker passes': {
    kind: 'broker',
    sign: { metric: /^outbox_publish_failures_total/ },
    strike: async ({ wires }, random) => {
      wires.nats.hang();
      await delay(6000 + random.below(6000));
      wires.nats.heal();
    },
  },
  'connections to the broker are half open': {
    kind: 'broker',
    sign: NO_BROKER,
    strike: async ({ wires }, _random, load) => {
      wires.nats.halfOpen();
      await acknowledges(load, 30);
    },
  },

  'the primary is killed': {
    kind: 'database',
    sign: NO_PRIMARY,
    strike: primaryGone(
      ({ engine }) => engine.kill(),
      ({ engine }) => engine.restart(),
    ),
  },
  'the primary is cut off': {
    kind: 'database',
    sign: NO_PRIMARY,
    strike: primaryGone(
      ({ wire }) => wire.refuse(),
      ({ wire }) => wire.heal(),
    ),
  },
  'no byte to or from the primary passes': {
    kind: 'database',
    sign: NO_PRIMARY,
    strike: primaryGone(
      ({ wire }) => wire.hang(),
      ({ wire }) => wire.heal(),
    ),
  },
  'the primary is frozen': {
    kind: 'database',
    sign: NO_PRIMARY,
    strike: primaryGone(
      ({ engine }) => void process.kill(engine.pid, 'SIGSTOP'),
      ({ engine }) => void process.kill(engine.pid, 'SIGCONT'),
    ),
  },
  'a secondary is killed': {
    kind: 'database',
    strike: async ({ mongo }, random, load) => {
      const primary = await mongo.primary();
      const { engine } = random.pick(mongo.members.filter((member) => member !== primary)) ?? primary;
      await engine.kill();
      await acknowledges(load, 60).finally(() => engine.restart());
    },
  },
  'connections to the database are cut': {
    kind: 'database',
    sign: NO_PRIMARY,
    strike: cuts(3, ({ mongo }) => mongo.members.map(({ wire }) => wire)),
  },

  'Redis is killed and comes back': {
    kind: 'redis',
    sign: { metric: /^degraded.*redis/, line: /lost Redis/ },
    strike: redisAway(60),
  },
  'Redis comes back empty': {
    kind: 'redis',
    sign: { metric: /^degraded.*redis/, line: /lost Redis/ },
    strike: redisAway(20, true),
  },
  'Redis is emptied': {
    kind: 'redis',
    strike: async (ground, _random, load) => {
      await tellRedis(ground, 'FLUSHALL');
      await acknowledges(load, 20);
    },
  },
  'Redis is read-only': {
    kind: 'redis',
    sign: { line: /lost Redis|not acknowledged, comes again/ },
    strike: redisAs('REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE'),
  },
  'Redis is out of memory': {
    kind: 'redis',
    sign: NO_TIMERS,
    strike: redisAs('CONFIG SET maxmemory 1', 'CONFIG SET maxmemory 0'),
  },
  'connections to Redis are cut': {
    kind: 'redis',
    sign: { line: /lost Redis/ },
    strike: cuts(3, ({ wires }) => [wires.redis]),
  },
  'no byte to or from Redis passes': {
    kind: 'redis',
    sign: NO_TIMERS,
    strike: async ({ wires }, _random, load) => {
      wires.redis.hang();
      // Longer than the patience of `expiration`.
      await Promise.all([acknowledges(load, 60), delay(8000)]).finally(() => wires.redis.heal());
    },
  },

  'Stripe is slow': { kind: 'stripe', strike: stripe({ kind: 'delay', ms: 1500 }) },
  'Stripe fails': {
    kind: 'stripe',
    sign: { metric: /^breaker_state/, line: /circuit breaker before Stripe/ },
    strike: stripe({ kind: 'error', status: 500 }),
  },
  'Stripe fails after it did what it was asked': {
    kind: 'stripe',
    sign: STRIPE_TRIED_AGAIN,
    strike: stripe({ kind: 'error', status: 500, after: true, rate: 0.5 }),
  },
  'Stripe is too busy': {
    kind: 'stripe',
    sign: STRIPE_TRIED_AGAIN,
    strike: stripe({ kind: 'error', status: 429, rate: 0.7 }),
  },
  'Stripe refuses': {
    kind: 'stripe',
    sign: { line: /Stripe refuses a payment/ },
    strike: stripe({ kind: 'error', status: 400, rate: 0.7 }),
  },
  'Stripe answers after its timeout': {
    kind: 'stripe',
    sign: { metric: /^stripe_troubles_total.*timeout/ },
    strike: stripe({ kind: 'delay', ms: 9000, count: 4 }),
  },
  "Stripe's answers are lost": {
    kind: 'stripe',
    sign: STRIPE_TRIED_AGAIN,
    strike: stripe({ kind: 'drop', rate: 0.5 }),
  },
  'webhooks come twice': { kind: 'stripe', strike: stripe({ kind: 'webhooks', mode: 'twice' }) },
  'webhooks come late': { kind: 'stripe', strike: stripe({ kind: 'webhooks', mode: 'late', ms: 3000 }) },
  'webhooks come in another order': {
    kind: 'stripe',
    strike: stripe({ kind: 'webhooks', mode: 'reordered', ms: 2000 }),
  },
  'no webhooks come, and half of the answers are lost': {
    kind: 'stripe',
    sign: STRIPE_TRIED_AGAIN,
    strike: stripe({ kind: 'webhooks', mode: 'off' }, { kind: 'drop', rate: 0.5 }),
  },

  'the clocks of two processes are minutes apart': {
    kind: 'machine',
    sign: { metric: /^(clock_ahead_seconds|events_ahead_total)/, line: /clocks differ/ },
    strike: odd((random) => [
      [
        random.pick(['auth', 'events', 'tickets', 'orders', 'payments', 'admissions']) ?? '',
        { aheadMs: 2 * MINUTE },
      ],
      [
        random.pick(['events-2', 'tickets-2', 'orders-2', 'payments-2', 'auth-2', 'admissions-2']) ?? '',
        { aheadMs: -2 * MINUTE },
      ],
    ]),
  },
  'a process is stopped gently': {
    kind: 'machine',
    seamless: true,
    sign: { metric: /^process_start_time_seconds/, line: /ended \(status 0\)/ },
    strike: async ({ signal, processes }, random, load) => {
      await signal(random.pick(processes) ?? '', 'SIGTERM');
      await delay(DRAIN);
      await acknowledges(load, 20);
    },
  },
  'the next version runs beside this one': {
    kind: 'machine',
    strike: async (ground, random, load) => {
      const end = await odd(() => [
        ['tickets-2', { next: true }],
        ['orders-2', { next: true }],
      ])(ground, random, load);
      // Nobody but these two processes knows the field; replicas keep it.
      await Promise.all([arrives(ground, 'orders', 'tickets'), arrives(ground, 'payments', 'orders')]);
      return end;
    },
  },

  'the bus repeats, reorders and delays': {
    kind: 'bus',
    sign: { metric: /^events_redelivered_total/ },
    strike: async ({ unrulyBus }, _random, load) => {
      await unrulyBus(true);
      await acknowledges(load, 150);
      return () => unrulyBus(false);
    },
  },
};
