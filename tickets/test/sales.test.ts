import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemIds } from '@ticketing/common/runtime';
import { finds } from '@ticketing/common/search';
import { bearer, movableClock, testHost, type TestHost } from '@ticketing/common/testing';
import request from 'supertest';
import type { Ticket, TicketStatus } from '../src/domain.ts';
import { tickets } from '../src/service.ts';

interface Sale {
  id: string;
  ticket: { id: string; title: string; price: number; status: TicketStatus };
  status: TicketStatus;
  left: number;
  of: number;
  from?: number;
  to?: number;
}

let host: TestHost;
const clock = movableClock();
beforeAll(async () => {
  host = await testHost([tickets], { mongoUrl: process.env['TEST_MONGO_URL'] ?? '', clock });
});
afterAll(() => host.destroy());

const kept = () => host.database('tickets').connection!.collection<Ticket>('tickets');
const api = () => request(host.url);
const get = (path: string) => api().get(path).expect(200);

/** Puts on sale together what costs so much, each with its status. */
const sell = async (
  title: string,
  parts: readonly (readonly [number, TicketStatus])[],
  more: object = {},
) => {
  const by = bearer({ id: systemIds.next() });
  const ids: string[] = [];
  for (const [price, status] of parts) {
    const offered = { title, price, ...more, ...(ids[0] !== undefined && { saleId: ids[0] }) };
    const { body } = await api().post('/api/tickets').set(by).send(offered).expect(201);
    ids.push(body.id as string);
    await kept().updateOne({ _id: body.id as string }, { $set: { status } });
  }
  return ids;
};
/** Many more of one sale, as if each had been offered. */
const multiply = async (id: string, count: number, alone: boolean) => {
  const { idempotencyKey: _, ...one } = (await kept().findOne({ _id: id }))!;
  const copies = Array.from({ length: count }, () => {
    const _id = systemIds.next();
    return { ...one, _id, ...(alone && { saleId: _id }) };
  });
  await kept().insertMany(copies);
};

const next = ({ headers }: request.Response) => /<(.+)>/.exec(headers['link'] ?? '')?.[1];
/** All pages of a list. */
const walk = async (path: string): Promise<Sale[]> => {
  const found: Sale[] = [];
  for (let at: string | undefined = path; at !== undefined;) {
    const reply = await get(at);
    found.push(...(reply.body as Sale[]));
    at = next(reply);
  }
  return found;
};

interface Search {
  q?: string;
  minPrice?: number;
  maxPrice?: number;
  status?: TicketStatus;
}
type Order = (a: Ticket, b: Ticket) => number;
const byId: Order = (a, b) => (a._id < b._id ? -1 : 1);
const byPrice: Order = (a, b) => a.price - b.price || byId(a, b);
const ORDERS: Record<string, Order> = {
  newest: (a, b) => byId(b, a),
  oldest: byId,
  cheapest: byPrice,
  dearest: (a, b) => byPrice(b, a),
};
/** The same, worked out from all tickets. */
const workedOut = async (sort: string, { q, minPrice = 0, maxPrice = Infinity, status }: Search) => {
  const fits = ({ title, price }: Ticket) =>
    price >= minPrice && price <= maxPrice && (q === undefined || finds(q, { title }));
  const all = (
    await kept()
      .find({ deletedAt: { $exists: false } })
      .toArray()
  ).filter(fits);
  const order: Order = (a, b) =>
    Number(b.status === 'available') - Number(a.status === 'available') || ORDERS[sort]!(a, b);
  return [...Map.groupBy(all, ({ saleId }) => saleId)]
    .map(([id, parts]) => ({
      id,
      first: parts.filter((one) => status === undefined || one.status === status).sort(order)[0],
      free: parts.filter((one) => one.status === 'available').map(({ price }) => price),
      of: parts.length,
    }))
    .flatMap(({ first, ...sale }) => (first ? [{ first, ...sale }] : []))
    .sort((a, b) => order(a.first, b.first))
    .map(({ id, first, free, of }) => ({
      id,
      ticket: first._id,
      left: free.length,
      of,
      ...(free.length > 0 && { from: Math.min(...free), to: Math.max(...free) }),
    }));
};
const brief = ({ ticket, status: _, ...sale }: Sale) => ({ ...sale, ticket: ticket.id });

describe('the sales of a market', () => {
  const SORTS = Object.keys(ORDERS);
  const SEARCHES: Search[] = [
    {},
    { q: 'cup fin' },
    { minPrice: 3000 },
    { minPrice: 2500, maxPrice: 7000, q: 'final' },
    { status: 'available' },
    { status: 'reserved' },
    { status: 'sold', q: 'cup' },
    { q: 'unicorn' },
  ];

  beforeAll(async () => {
    await sell('Cup final', [
      [7400, 'sold'],
      [7400, 'available'],
      [6000, 'reserved'],
      [8000, 'available'],
    ]);
    await sell('Requiem', [[3900, 'available']]);
    await sell('Cup final, standing', [
      [2500, 'reserved'],
      [2600, 'sold'],
    ]);
    const [first] = await sell('Stadium tour', [[2500, 'available']]);
    await sell('Jazz', [[3200, 'sold']]);
    await sell('Cup of tea', [
      [900, 'available'],
      [3900, 'available'],
    ]);
    await sell('Semi-final', [[3900, 'reserved']]);
    const [gone] = await sell('Withdrawn', [[3900, 'available']]);
    await kept().updateOne({ _id: gone! }, { $set: { deletedAt: new Date() } });
    // More than is read in one go.
    await multiply(first!, 230, false);
    await sell('Cup final, again', [[2500, 'available']]);
  });

  test.each(SORTS.flatMap((sort) => SEARCHES.map((search) => [sort, search] as const)))(
    'stand once each, %s first, with what is left, of %j',
    async (sort, search) => {
      const wanted = await workedOut(sort, search);
      const query = new URLSearchParams({ sort, ...(search as Record<string, string>) });
      for (const limit of [1, 3, 50])
        expect((await walk(`/api/tickets/sales?limit=${limit}&${query}`)).map(brief)).toEqual(wanted);
      const counted = await get(`/api/tickets/sales/count?${query}`);
      expect(counted.body).toEqual({ count: wanted.length, more: false });
    },
  );

  test('say how they stand, and show a whole ticket', async () => {
    const [final, standing] = (await walk('/api/tickets/sales?q=cup+final&sort=oldest')) as [Sale, ...Sale[]];
    expect(final).toMatchObject({ status: 'available', left: 2, of: 4, from: 7400, to: 8000 });
    expect((await get(`/api/tickets/${final.ticket.id}`)).body).toEqual(final.ticket);
    expect(standing).toMatchObject({ status: 'available', left: 1 });
    const [held] = (await walk('/api/tickets/sales?q=standing')) as [Sale];
    expect(held).toMatchObject({
      status: 'reserved',
      left: 0,
      of: 2,
      ticket: { title: 'Cup final, standing' },
    });
    expect(held).not.toHaveProperty('from');
    expect(await walk('/api/tickets/sales?q=jazz')).toMatchObject([{ status: 'sold', left: 0, of: 1 }]);
  });

  test('of which one is sold out between two pages: it comes later, and none is left out', async () => {
    const all = (await walk('/api/tickets/sales?limit=50')).map(({ id }) => id);
    const first = await get('/api/tickets/sales?limit=1');
    const last = (await walk('/api/tickets/sales?status=available')).at(-1)!;
    await kept().updateMany({ saleId: last.id, status: 'available' }, { $set: { status: 'reserved' } });
    const rest = await walk(next(first)!);
    expect([...(first.body as Sale[]), ...rest].map(({ id }) => id).sort()).toEqual(all.sort());
    expect(rest.find(({ id }) => id === last.id)).toMatchObject({ status: 'reserved', left: 0 });
  });
});

describe('single sales that are asked for', () => {
  const only = async (ids: readonly string[], query = '') =>
    (await get(`/api/tickets/sales?saleIds=${ids.join(',')}${query}`)).body as Sale[];

  test('are told as they are now, in order, each once; of those that are gone nothing', async () => {
    const [first, second] = await sell('Asked', [
      [1000, 'available'],
      [1000, 'available'],
    ]);
    const [other] = await sell('Asked, too', [[900, 'available']]);
    const ids = [first!, other!, first!, systemIds.next()];
    expect((await only(ids)).map(({ id, left }) => [id, left])).toEqual([
      [other, 1],
      [first, 2],
    ]);
    expect((await only(ids, '&sort=dearest&limit=1')).map(({ id }) => id)).toEqual([first, other]);
    await kept().updateOne({ _id: second! }, { $set: { status: 'sold' } });
    expect(await only(ids, '&q=too')).toMatchObject([{ id: other, left: 1, of: 1 }]);
    expect(await only([first!])).toMatchObject([{ ticket: { id: first }, left: 1, of: 2 }]);
    await kept().updateMany({ saleId: first! }, { $set: { deletedAt: new Date() } });
    expect(await only([first!])).toEqual([]);
  });

  test('are gone when their date is past', async () => {
    const date = { local: '2096-06-01T20:00', zone: 'Europe/Berlin' };
    const [first] = await sell('Soon over', [[1000, 'available']], { date });
    expect(await only([first!])).toMatchObject([{ id: first }]);
    const until = new Date('2096-06-01T18:00:00Z').getTime() - Date.now();
    clock.forward(until);
    try {
      expect(await only([first!])).toEqual([]);
      expect(await walk('/api/tickets/sales?q=soon')).toEqual([]);
    } finally {
      clock.forward(-until);
    }
  });
});

test('a large market is counted as far as that is soon done', async () => {
  const [first] = await sell('Counted', [[1000, 'available']]);
  await multiply(first!, 999, true);
  const count = async () => (await get('/api/tickets/sales/count?q=counted')).body;
  expect(await count()).toEqual({ count: 1000, more: false });
  await multiply(first!, 1, true);
  expect(await count()).toEqual({ count: 1000, more: true });
});

test('a sale larger than can be looked at in one go is told by its newest, and hides no other', async () => {
  const [large] = await sell('Vast', [[1000, 'available']]);
  await sell('Vast as well', [[1000, 'available']]);
  await multiply(large!, 2100, false);
  const found = await walk('/api/tickets/sales?q=vast');
  expect(new Set(found.map(({ id }) => id)).size).toBe(2);
  expect(found.find(({ id }) => id === large)).toMatchObject({ left: 2000, of: 2000 });
});

test.each([
  ['cursor=2', 'cursor'],
  ['cursor=0.1', 'cursor'],
  [`cursor=0.1.${'g'.repeat(24)}`, 'cursor'],
  ['saleIds=', 'saleIds.0'],
  [`saleIds=${Array.from({ length: 51 }, () => systemIds.next()).join(',')}`, 'saleIds'],
  ['sellerId=0123456789abcdef01234567', 'sellerId'],
])('?%s is refused, naming its field', async (query, field) => {
  const { body } = await api().get(`/api/tickets/sales?${query}`).expect(400);
  expect(body.errors).toMatchObject([{ field }]);
});
