import { loadavg } from 'node:os';
import { signedIn } from './data.ts';
import { load, median, quantile, request } from './load.ts';
import { type Crowd, crowd, orderOf, type Person } from './sale-crowd.ts';
import { LIMIT, type OnSale } from './sale-event.ts';
import { beyondLimit, impossible, singles, soldTwice, torn, wronglySoldOut } from './sale-history.ts';
import { type Floor, openSale, type SaleShape, type SaleSide, type Size } from './sale-sides.ts';
import { pool } from './shop.ts';

interface Wanted extends Size {
  /** Groups that come in a second. */
  perSecond: number;
  /** Orders that are paid in the end. */
  paid: number;
  /** Seconds for which people go on coming when all is sold. */
  seconds: number;
  /** Seconds after which nobody comes any more. */
  longest: number;
}

export interface Sold {
  shape: SaleShape;
  onSale: OnSale;
  /** The load average before. */
  busy: number;
  floor: Floor;
  crowd: Crowd;
  /** Orders that were made, and places that they took. */
  orders: number;
  places: number;
  /** Milliseconds of processor for each order, by process and engine, with all who hear of it. */
  cpu: Record<string, number>;
  /** Commands of the database for each order, by kind. */
  commands: Record<string, number>;
  /** Seconds from the first request until nothing was written any more. */
  settledAfter: number;
  /** Who asked when all was sold. */
  losers: { count: number; p50: number; p99: number; cpu: Record<string, number>; commands: number };
  wrong: Record<'twice' | 'beyond' | 'impossible' | 'soldOut' | 'missing', number>;
  singles: number;
  torn: number;
  paid: { count: number; seconds: number; cpu: number } | undefined;
  published: number[];
}

const CONNECTIONS = 32;
/** Events of so many places are published so often. */
const STADIUM = 100_000;
const PUBLISHED = 20;

/** Somebody else each time, who was signed in before the sale begins. */
const queueOf = (count: number) => {
  const people = Array.from({ length: count }, signedIn);
  return () => people.pop() ?? signedIn();
};

const less = (after: Record<string, number>, before: Record<string, number>, of: number) =>
  Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, (value - (before[name] ?? 0)) / of]),
  );

/** One sale from its first request until it is paid. */
export async function sale(shape: SaleShape, wanted: Wanted): Promise<Sold> {
  const side = await openSale(shape);
  try {
    const places = wanted.seats + wanted.standing;
    const busy = loadavg()[0] ?? 0;
    const floor = await side.floor(places);
    const published = await side.publish(STADIUM, PUBLISHED);
    const onSale = await side.open(wanted);
    const nextPerson = queueOf(places / 2);
    await side.settled();
    const before = { cpu: await side.used(), commands: await side.commands() };
    const start = performance.now();
    const told = await crowd({ port: side.port, onSale, nextPerson, ...wanted });
    await side.settled();
    const settledAfter = (performance.now() - start) / 1000;
    const cpu = less(await side.used(), before.cpu, told.taken.length);
    const commands = less(await side.commands(), before.commands, told.taken.length);
    const held = await side.holding(onSale.eventId);
    const losers = await lost(side, onSale, nextPerson, wanted.seconds);
    const gone = new Set(told.given.map(({ order }) => order));
    const kept = told.taken.filter(({ order }) => !gone.has(order));
    const known = new Set(held.map(({ order }) => order));
    return {
      shape,
      onSale,
      busy,
      floor,
      crowd: told,
      orders: told.taken.length,
      places: told.taken.reduce((sum, one) => sum + one.places.length, 0),
      cpu,
      commands,
      settledAfter,
      losers,
      wrong: {
        twice: soldTwice(held, onSale) + soldTwice(kept, onSale),
        beyond: beyondLimit(held, LIMIT),
        impossible: impossible(told).length,
        soldOut: wronglySoldOut(told, onSale),
        missing: kept.filter(({ order }) => !known.has(order)).length + held.length - kept.length,
      },
      singles: singles(told, onSale.seated),
      torn: torn(told.taken, onSale.seated),
      paid: side.paysBy === undefined ? undefined : await pay(side, told, wanted.paid),
      published,
    };
  } finally {
    await side.stop();
  }
}

/** Who comes when all is sold: answered at once, at no cost of the database but the look for a repeat's key. */
async function lost(side: SaleSide, onSale: OnSale, nextPerson: () => Person, seconds: number) {
  const people = Array.from({ length: 2000 }, nextPerson);
  let asked = 0;
  const next = () => {
    const person = people[asked++ % people.length]!;
    const tier = asked % 5 === 0 ? onSale.general : onSale.seated;
    return orderOf(onSale, { tier, count: 1 + (asked % LIMIT), places: undefined }, person, `late-${asked}`);
  };
  const before = { cpu: await side.used(), commands: await side.commands() };
  const { replies } = await load({ port: side.port, connections: CONNECTIONS, seconds, next });
  const after = { cpu: await side.used(), commands: await side.commands() };
  const odd = replies.find(({ status }) => status !== 409 && status !== 503);
  if (odd) throw new Error(`the sold-out sale answered ${odd.status}`);
  const times = replies.filter(({ status }) => status === 409).map(({ ms }) => ms);
  const { getMore: _, ...commands } = less(after.commands, before.commands, replies.length);
  return {
    count: times.length,
    p50: median(times),
    p99: quantile(times, 0.99),
    cpu: less(after.cpu, before.cpu, replies.length),
    commands: Object.values(commands).reduce((sum, one) => sum + one, 0),
  };
}

/** So many of the orders are paid by those who made them. */
async function pay(side: SaleSide, { taken, given, people }: Crowd, count: number) {
  const gone = new Set(given.map(({ order }) => order));
  const open = taken.filter(({ order }) => !gone.has(order)).slice(0, count);
  const { ask, close } = pool(side.port);
  const before = await side.used();
  const start = performance.now();
  let paid = 0;
  const turn = async () => {
    for (let one = open.pop(); one; one = open.pop()) {
      const body = JSON.stringify({ orderId: one.order, paymentMethod: 'pm_card_visa' });
      const reply = await ask(request('POST', '/api/payments', people.get(one.user)!.header, body));
      if (reply.status !== 201) throw new Error(`a payment: ${reply.status} ${reply.body}`);
      paid += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, turn));
  const seconds = (performance.now() - start) / 1000;
  await side.settled();
  close();
  const cpu = Object.values(less(await side.used(), before, paid)).reduce((sum, one) => sum + one, 0);
  return { count: paid, seconds, cpu };
}
