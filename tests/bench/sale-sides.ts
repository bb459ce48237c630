import type { Db, MongoClient } from 'mongodb';
import { startMongod } from '@ticketing/engines/run';
import { LIVE } from '@ticketing/common/contracts/order';
import { eventually } from '@ticketing/common/testing';
import type { Shape } from '../suite.ts';
import { open } from './connection.ts';
import { connect, copyIndexes, signedIn } from './data.ts';
import { engineCounts, stillness } from './engine.ts';
import { request } from './load.ts';
import { inDatabase, suite } from './paths.ts';
import { cpu, start } from './processes.ts';
import { openSide } from './purchase-suite.ts';
import { known, onSale, type OnSale, wanted } from './sale-event.ts';

/** `orders` with its mongod and nothing else, which nobody hears; or the whole suite. */
export type SaleShape = 'orders' | Shape;

export interface Size {
  seats: number;
  standing: number;
}

/** Who sells, with all that is measured. */
export interface SaleSide {
  port: number;
  open(size: Size): Promise<OnSale>;
  /** Milliseconds of processor of each process and engine so far. */
  used(): Promise<Record<string, number>>;
  commands(): Promise<Record<string, number>>;
  settled(): Promise<void>;
  /** Of the orders that hold places of an event, as the database has them. */
  holding(eventId: string): Promise<{ order: string; user: string; places: string[] }[]>;
  /** Milliseconds to publish an event of so many places, each time; undefined where nobody does. */
  publish(places: number, times: number): Promise<number[]>;
  /** Whether orders can be paid here. */
  paysBy: string | undefined;
  floor(places: number): Promise<Floor>;
  stop(): Promise<void>;
}

export interface Floor {
  orders: number;
  seconds: number;
  /** Milliseconds of processor for each order. */
  client: number;
  mongod: number;
}

/** As in production; in the bench otherwise, all of a crowd would be at work at a time. */
const USUAL = { MAX_REQUESTS: '128' };

export const openSale = (shape: SaleShape): Promise<SaleSide> =>
  shape === 'orders' ? alone() : whole(shape);

const bought = (db: Db) => async (eventId: string) => {
  const live = await db
    .collection<{ _id: string; userId: string; items: { ticketId: string }[] }>('orders')
    .find({ saleId: eventId, status: { $in: [...LIVE] } }, { projection: { userId: 1, items: 1 } })
    .toArray();
  return live.map(({ _id, userId, items }) => ({
    order: _id,
    user: userId,
    places: items.map(({ ticketId }) => ticketId),
  }));
};

async function alone(): Promise<SaleSide> {
  const mongod = await startMongod();
  const client = await connect(mongod.url);
  const db = client.db('sale');
  const process = await suite('orders', mongod.url, 'sale', USUAL);
  return {
    port: process.port,
    async open({ seats, standing }) {
      const event = known(seats, standing);
      await db.collection<{ _id: string }>('events').insertOne(event);
      return onSale({ ...event, id: event._id });
    },
    used: async () => ({ orders: await cpu(process.pid), mongod: await cpu(mongod.pid) }),
    commands: async () => (await engineCounts(client)).commands,
    settled: () => stillness(client),
    holding: bought(db),
    publish: () => Promise.resolve([]),
    paysBy: undefined,
    floor: (places) => floorOn(client, db, { url: mongod.url, used: () => cpu(mongod.pid) }, places),
    async stop() {
      await process.stop();
      await client.close();
      await mongod.stop();
    },
  };
}

async function whole(shape: Shape): Promise<SaleSide> {
  const side = await openSide('suite', shape, undefined, USUAL);
  const { mongoUrl } = side.suite.running;
  const client = await connect(mongoUrl);
  const db = client.db('orders');
  const organizer = signedIn().header;
  const connection = await open(side.port);
  const send = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const reply = await connection.ask(request(method, path, organizer, body && JSON.stringify(body)));
    if (reply.status >= 300) throw new Error(`${method} ${path}: answered ${reply.status} ${reply.body}`);
    return { ms: reply.ms, body: JSON.parse(reply.body) as Parameters<typeof onSale>[0] };
  };
  const published = async (size: Size) => {
    const { body } = await send('POST', '/api/events', wanted(size.seats, size.standing));
    return send('POST', `/api/events/${body.id}/publish`);
  };
  await side.pay('memory');
  return {
    port: side.port,
    async open(size) {
      const { body } = await published(size);
      await eventually(() => send('GET', `/api/orders/places?eventId=${body.id}`));
      return onSale(body);
    },
    used: async () => (await side.count()).cpu,
    commands: async () => (await engineCounts(client)).commands,
    settled: side.settled,
    holding: bought(db),
    async publish(places, times) {
      const taken: number[] = [];
      for (let nth = 0; nth < times; nth++) taken.push((await published({ seats: places, standing: 0 })).ms);
      return taken;
    },
    paysBy: 'a provider in memory',
    floor: (places) =>
      floorOn(
        client,
        db,
        { url: mongoUrl, used: async () => (await side.count()).cpu['mongod'] ?? NaN },
        places,
      ),
    async stop() {
      connection.close();
      await client.close();
      await side.stop();
    },
  };
}

/** The floor's process on the same mongod, with the same indexes. */
async function floorOn(
  client: MongoClient,
  like: Db,
  mongod: { url: string; used(): Promise<number> },
  places: number,
): Promise<Floor> {
  const name = 'sale-floor';
  await copyIndexes(like, client.db(name), 'orders');
  const url = inDatabase(mongod.url, name);
  const process = await start('sale-floor.ts', [], { MONGO_URL: url, PLACES: String(places) });
  try {
    const used = () => Promise.all([cpu(process.pid), mongod.used()]);
    const before = await used();
    const reply = await fetch(`http://127.0.0.1:${process.port}/`, { method: 'POST' });
    const { orders, seconds } = (await reply.json()) as { orders: number; seconds: number };
    const after = await used();
    return {
      orders,
      seconds,
      client: (after[0] - before[0]) / orders,
      mongod: (after[1] - before[1]) / orders,
    };
  } finally {
    await process.stop();
    await client.db(name).dropDatabase();
  }
}
