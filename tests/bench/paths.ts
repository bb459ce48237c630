import type { Db, MongoClient } from 'mongodb';
import { TEST_KEYS } from '@ticketing/common/testing';
import { orderFor } from '@ticketing/suite/api';
import { connect, copyIndexes, idAt, seedPastOrders, seedTickets, somebody } from './data.ts';
import type { Contest, Side } from './duel.ts';
import { request } from './load.ts';
import { quiet, type Running, start } from './processes.ts';

/** Tickets on the market, and those that can be reserved while measuring. */
const MANY = 100_000;
/** What a market grows from and to, in tickets and in past orders. */
const SMALL = 10_000;
const LARGE = 1_000_000;
const CONNECTIONS = 32;

export interface Ground {
  /** A mongod's address, without a database. */
  mongoUrl: string;
}

export interface Prepared {
  contest: Contest;
  stop(): Promise<void>;
}

const cookie = somebody();

const settings = {
  PORT: '0',
  OPERATIONAL_PORT: '0',
  ...TEST_KEYS,
  PUBLIC_ORIGIN: 'http://localhost:3000',
  LOG_LEVEL: 'warn',
  DRAIN_SECONDS: '0',
  RATE_LIMIT: 'off',
  SEEN_REQUIRED: 'on',
  // All requests are one caller's here: the share of one is not what is measured.
  MAX_REQUESTS: '10000',
  STRIPE_KEY: 'sk_test_nobody_pays_here',
  STRIPE_WEBHOOK_SECRET: 'whsec_nobody_pays_here',
};

/** A connection string that names a database. */
export const inDatabase = (url: string, name: string) => {
  const named = new URL(url);
  named.pathname = `/${name}`;
  return named.href;
};

/** Runs a service on tickets of its own for the time of `work`. */
export async function withService<T>(
  { mongoUrl }: Ground,
  service: 'tickets' | 'orders',
  { name, count, env = {} }: { name: string; count: number; env?: Record<string, string> },
  work: (process: Running, db: Db) => Promise<T>,
): Promise<T> {
  const client = await connect(mongoUrl);
  const db = client.db(name);
  await seedTickets(db, count, { replica: service === 'orders' });
  const process = await suite(service, mongoUrl, name, env);
  try {
    await quiet(process.pid);
    return await work(process, db);
  } finally {
    await process.stop();
    await db.dropDatabase();
    await client.close();
  }
}

type Paths = Record<string, (ground: Ground) => Promise<Prepared>>;

/** Each measured path by its name. */
export const PATHS: Paths = {
  list: (ground) =>
    reads(ground, 'list', {
      path: 'list of 50 out of 100,000 tickets, anonymous',
      floor: 'the same find, JSON',
      aim: 0.85,
      next: () => request('GET', '/api/tickets'),
    }),

  'list-each': (ground) => {
    let asked = 0;
    return reads(ground, 'list-each', {
      path: 'the same, each another page',
      floor: 'the same find, JSON',
      aim: 0.85,
      next: () => request('GET', `/api/tickets?sort=cheapest&minPrice=${1000 + ((asked++ * 7919) % 80_000)}`),
    });
  },

  'growth-list': ({ mongoUrl }) =>
    growth(mongoUrl, 'list', 'tickets', (process) => ({
      process,
      next: () => request('GET', '/api/tickets'),
    })),

  /** For two letters that a quarter of all tickets have a word with, in each order. */
  'growth-search': ({ mongoUrl }) =>
    growth(mongoUrl, 'search', 'tickets', (process) => {
      let asked = 0;
      const sorts = ['newest', 'oldest', 'cheapest', 'dearest'];
      return { process, next: () => request('GET', `/api/tickets?q=ev&sort=${sorts[asked++ % 4]}`) };
    }),

  'growth-reserve': ({ mongoUrl }) => growth(mongoUrl, 'reserve', 'orders', placing),

  ticket: (ground) => {
    let asked = 0;
    return reads(ground, 'ticket', {
      path: 'a ticket by id, anonymous',
      floor: 'findOne by _id, JSON',
      aim: 0.75,
      next: () => request('GET', `/api/tickets/${idAt((asked++ * 7919) % MANY)}`),
    });
  },

  user: async ({ mongoUrl }) => {
    const next = () => request('GET', '/api/users/currentuser', cookie);
    const process = await suite('auth', mongoUrl, 'user');
    const floor = await bare(inDatabase(mongoUrl, 'user'));
    return prepared(undefined, {
      path: 'current user, by the session cookie',
      shape: 'auth',
      floor: 'jsonwebtoken verifies the token of the cookie, JSON; no database',
      aim: 0.75,
      connections: CONNECTIONS,
      sides: { suite: { process, next }, floor: { process: floor, next } },
    });
  },

  reserve: async ({ mongoUrl }) => {
    const client = await connect(mongoUrl);
    await seedTickets(client.db('alone'), MANY, { replica: true });
    const process = await suite('orders', mongoUrl, 'alone');
    const sides = {
      suite: placing(process, client, 'alone'),
      floor: await placingFloor(client, mongoUrl, 'alone'),
    };
    return prepared(client, { ...RESERVE, path: 'reserve a ticket', shape: 'orders', aim: 0.6, sides });
  },

  'reserve-monolith': async ({ mongoUrl }) => {
    const client = await connect(mongoUrl);
    await seedTickets(client.db('orders'), MANY, { replica: true });
    await seedTickets(client.db('tickets'), MANY);
    const process = await suite('monolith', mongoUrl);
    const sides = {
      suite: placing(process, client, 'orders'),
      floor: await placingFloor(client, mongoUrl, 'orders'),
    };
    const path = 'reserve a ticket, tickets, payments and expiration consuming';
    return prepared(client, { ...RESERVE, path, shape: 'monolith', aim: 0.6, sides });
  },
};

const RESERVE = {
  floor: 'find tickets by _id, find live orders, insert with marker, find withdrawn, batched $unset',
  connections: CONNECTIONS,
};

/** A service keeps what it owns in `database`, the monolith in one for each. */
export const suite = (shape: string, mongoUrl: string, database = '', more: Record<string, string> = {}) =>
  start('suite.ts', [shape, database], { ...settings, MONGO_URL: mongoUrl, ...more });
/** The floor's process. */
export const bare = (mongoUrl: string) => start('floor.ts', [], { MONGO_URL: mongoUrl, ...TEST_KEYS });

/** The same service twice: where the market is large, and where it is small. */
async function growth(
  mongoUrl: string,
  what: string,
  shape: 'tickets' | 'orders',
  side: (process: Running, client: MongoClient, database: string) => Side,
): Promise<Prepared> {
  const client = await connect(mongoUrl);
  const nameOf = (count: number) => `growth-${what}-${count}`;
  const seed = async (count: number) => {
    const name = nameOf(count);
    console.error(`  ${count.toLocaleString('en')} tickets${shape === 'orders' ? ' and past orders' : ''} …`);
    await seedTickets(client.db(name), count, { replica: shape === 'orders' });
    if (shape === 'orders') await seedPastOrders(client.db(name), count);
  };
  const serve = async (count: number) =>
    side(await suite(shape, mongoUrl, nameOf(count)), client, nameOf(count));
  await seed(LARGE);
  await seed(SMALL);
  const sides = { suite: await serve(LARGE), floor: await serve(SMALL) };
  return prepared(client, {
    path: `${what} at 1,000,000 tickets${shape === 'orders' ? ' and past orders' : ''}`,
    shape,
    floor: 'the same service with 10,000',
    aim: 0.85,
    connections: CONNECTIONS,
    ...(shape === 'orders' && { longest: 0.4 }), // so that the small market is not sold out
    sides,
  });
}

/** Both sides read the same collection. */
async function reads(
  { mongoUrl }: Ground,
  name: string,
  { next, ...path }: Pick<Contest, 'path' | 'floor' | 'aim'> & { next(): string },
): Promise<Prepared> {
  const client = await connect(mongoUrl);
  await seedTickets(client.db(name), MANY);
  const process = await suite('tickets', mongoUrl, name);
  const floor = await bare(inDatabase(mongoUrl, name));
  const sides = { suite: { process, next }, floor: { process: floor, next } };
  return prepared(client, { ...path, shape: 'tickets', connections: CONNECTIONS, sides });
}

/** Each request reserves another ticket, and is done when its event has been published, consumed and struck off. */
function placing(process: Running, client: MongoClient, database: string): Side {
  let placed = 0;
  const orders = client.db(database).collection('orders');
  return {
    process,
    next: () => {
      if (placed === MANY) throw new Error('no tickets left; measure for fewer seconds');
      return place(idAt(placed++));
    },
    settled: async () => (await orders.findOne({ 'pending.at': { $exists: true } })) === null,
  };
}

/** By somebody else each time, as an account holds a few unpaid orders only. */
export const place = (ticketId: string, buyer = somebody()): string =>
  request('POST', '/api/orders', buyer, JSON.stringify(orderFor([ticketId])));

async function placingFloor(client: MongoClient, mongoUrl: string, database: string): Promise<Side> {
  const name = `${database}-floor`;
  for (const collection of ['orders', 'tickets']) {
    await copyIndexes(client.db(database), client.db(name), collection);
  }
  await seedTickets(client.db(name), MANY, { replica: true });
  return placing(await bare(inDatabase(mongoUrl, name)), client, name);
}

export const prepared = (client: MongoClient | undefined, contest: Contest): Prepared => ({
  contest,
  async stop() {
    await contest.sides.suite.process.stop();
    await contest.sides.floor.process.stop();
    for (const { name } of (await client?.db().admin().listDatabases({ nameOnly: true }))?.databases ?? []) {
      if (!['admin', 'config', 'local'].includes(name)) await client?.db(name).dropDatabase();
    }
    await client?.close();
  },
});
