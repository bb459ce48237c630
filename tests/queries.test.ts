import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemIds } from '@ticketing/common/runtime';
import request from 'supertest';
import {
  bearer,
  changeStreams,
  eventually,
  patiently,
  type TestHost,
  testHost,
  unrepeating,
} from '@ticketing/common/testing';
import { orders } from '@ticketing/orders/service';
import { tickets } from '@ticketing/tickets/service';
import { orderFor } from '@ticketing/suite/api';
import { commands } from '@ticketing/tickets/commands';
import { ticketModel } from '@ticketing/tickets/model';
import { formerEdits } from '@ticketing/tickets/words-former';
import { idAt, insertTickets, own, seedTickets, ticketAt } from './bench/data.ts';
import { expectFrugal, expectIndexed, type Profiled, readsOf as readsIn } from './queries/profile.ts';

/**
 * What the database did for each request, by its own profiler: an index that fits, no sorting, and no more documents
 * read than returned. So a list costs the same among a thousand tickets and among a million.
 */
const TICKETS = 3000;
const PAGE = 50;
const buyer = bearer({ id: idAt(9999) });
const sellerId = idAt(9998);
const seller = bearer({ id: sellerId });
const SOLD = 10;
let suite: TestHost;

const databaseOf = (service: string) => suite.database(service).connection!.db!;

beforeAll(async () => {
  suite = await testHost([tickets, orders], {
    mongoUrl: process.env['TEST_MONGO_URL']!,
    clock: unrepeating,
    env: { UNPAID_ORDERS_LIMIT: '100', UNPAID_TICKETS_LIMIT: '100', SEEN_REQUIRED: 'on' },
  });
  await seedTickets(databaseOf('tickets'), TICKETS);
  await seedTickets(databaseOf('orders'), TICKETS, { replica: true });
  const market = databaseOf('tickets').collection<{ _id: string }>('tickets');
  const every = async (step: number, first: number, change: object, of = market) => {
    const ids = Array.from({ length: TICKETS / step }, (_, n) => idAt(first + n * step));
    await of.updateMany({ _id: { $in: ids } }, { $set: change });
  };
  await every(10, 0, { status: 'sold' });
  await every(10, 1, { deletedAt: new Date() });
  await every(2, 0, { sellerId }, databaseOf('orders').collection('tickets'));
  // As many unpaid orders as nobody may have by default.
  for (let n = 2; n < 2 + PAGE + 2; n++) {
    const place = request(suite.app).post('/api/orders').set(buyer);
    await place.send(orderFor([idAt(n)])).expect(201);
  }
  await eventually(async () => {
    expect(
      await databaseOf('orders')
        .collection('orders')
        .findOne({ 'pending.at': { $exists: true } }),
    ).toBeNull();
  });
});

afterAll(() => suite.destroy());

/** The reads that a service's database did while `work` ran. */
const readsOf = (service: string, collection: string, work: () => Promise<unknown>) =>
  readsIn(databaseOf(service), collection, work);

const api = (path: string, body: object) => request(suite.app).post(path).set(buyer).send(body);
const page = (path: string, who = buyer) => request(suite.app).get(path).set(who).expect(200);

test.each([
  '/api/tickets',
  '/api/tickets?sort=oldest',
  '/api/tickets?sort=cheapest',
  '/api/tickets?sort=dearest',
  '/api/tickets?status=available',
  '/api/tickets?status=sold',
  '/api/tickets?status=available&sort=cheapest',
  '/api/tickets?status=available&sort=dearest&maxPrice=50000',
  '/api/tickets?minPrice=2000&maxPrice=50000&sort=cheapest',
  `/api/tickets?sellerId=${idAt(7)}`,
  `/api/tickets?saleId=${idAt(7)}`,
  `/api/tickets/${idAt(7)}`,
])('GET %s reads what it shows', async (path) => {
  const reads = await readsOf('tickets', 'tickets', () => page(path));
  expect(reads).toHaveLength(1);
  expectFrugal(reads);
});

describe('the market by its sales', () => {
  const ONE = PAGE + 1;
  /** What the list itself read, and beside it the look at all tickets of the sales on the page. */
  const salesOf = async (path: string) => {
    const reads = await readsOf('tickets', 'tickets', () => page(path));
    const look = ({ planSummary }: Profiled) => planSummary === 'IXSCAN { saleId: 1, _id: -1 }';
    return { reads, looks: reads.filter(look), lists: reads.filter((read) => !look(read)) };
  };

  test.each(['', '?sort=oldest', '?sort=cheapest', '?sort=dearest', '?status=available', '?status=sold'])(
    'GET /api/tickets/sales%s reads what it shows, twice, on each page',
    async (query) => {
      let path = `/api/tickets/sales${query}`;
      for (let turned = 0; turned < 3; turned++) {
        const { reads, looks, lists } = await salesOf(path);
        expectFrugal(reads);
        expect(looks).toMatchObject([{ nreturned: ONE }]);
        // What costs as much as the last one of the page before is read for itself.
        expect(lists.map(({ nreturned }) => nreturned).sort()).toEqual(
          turned > 0 && /cheapest|dearest/.test(query) ? [0, ONE] : [ONE],
        );
        path = next(await page(path));
      }
    },
  );

  test.each(['', '&sort=cheapest', '&sort=dearest'])(
    'where the part that is not available begins, it reads what it shows of each part%s',
    async (sort) => {
      expectFrugal((await salesOf(`/api/tickets/sales?cursor=1&limit=${PAGE}${sort}`)).reads);
      const begun = next(await page(`/api/tickets/sales?cursor=1&limit=${PAGE}${sort}`));
      expectFrugal((await salesOf(begun)).reads);
    },
  );

  test('a search among them looks no further than it must, and what is found is counted so far', async () => {
    for (const query of [
      ...['', '&sort=oldest', '&sort=cheapest', '&sort=dearest'].map((sort) => `q=ev${sort}`),
      'q=ev&minPrice=2000',
      'minPrice=2000&maxPrice=50000',
      'minPrice=2000&maxPrice=50000&sort=dearest',
    ]) {
      let path = `/api/tickets/sales?${query}`;
      for (let turned = 0; turned < 3; turned++) {
        const { reads } = await salesOf(path);
        expect(reads.length).toBeLessThanOrEqual(3);
        expectIndexed(reads);
        for (const { docsExamined } of reads)
          expect({ path, few: docsExamined < 5 * PAGE }).toEqual({ path, few: true });
        path = next(await page(path));
      }
      const [counted, ...others] = await readsOf('tickets', 'tickets', () =>
        page(`/api/tickets/sales/count?${query}`),
      );
      expect(others).toEqual([]);
      expectIndexed([counted!]);
      expect(counted!.docsExamined).toBeLessThan(TICKETS);
    }
    const [counted] = await readsOf('tickets', 'tickets', () => page('/api/tickets/sales/count'));
    expect(counted!.docsExamined).toBeLessThan(1200);
  });

  test('of a sale that changed its own tickets are read', async () => {
    const { reads } = await salesOf(`/api/tickets/sales?saleIds=${idAt(7)},${idAt(8)}`);
    expect(reads.map(({ planSummary, docsExamined }) => [planSummary, docsExamined])).toEqual([
      ['IXSCAN { saleId: 1, _id: -1 }', 2],
      ['IXSCAN { _id: 1 }', 2],
    ]);
  });
});

test.each(['newest', 'oldest', 'cheapest', 'dearest'])(
  'the third page, %s first, costs what the first does',
  async (sort) => {
    let path = `/api/tickets?sort=${sort}`;
    for (let turned = 0; turned < 2; turned++) path = next(await page(path));
    expectFrugal(await readsOf('tickets', 'tickets', () => page(path)));
  },
);

test('a price range in order of age looks no further than it must', async () => {
  const reads = await readsOf('tickets', 'tickets', () => page('/api/tickets?minPrice=2000&maxPrice=50000'));
  expect(reads).toHaveLength(1);
  expect(reads[0]!.planSummary).toBe('IXSCAN { _id: -1, price: 1 }');
  // Half of all prices are in the range.
  expect(reads[0]!.docsExamined).toBeLessThan(3 * PAGE);
});

test('tickets without a letter or a digit are not looked at again and again for want of keys', async () => {
  const Tickets = suite.database('tickets').store(ticketModel);
  const { makeFindable } = commands({ Tickets, clock: unrepeating, ids: systemIds } as never);
  const market = databaseOf('tickets').collection<{ _id: string }>('tickets');
  const ids = Array.from({ length: 200 }, (_, n) => idAt(1_000_000 + n));
  await market.insertMany(ids.map((_id) => ({ ...ticketAt(0), ...own({ title: '!!!' }), _id })));
  const reads = await readsOf('tickets', 'tickets', () => makeFindable());
  expect(reads).toMatchObject([{ planSummary: expect.stringMatching(/^IXSCAN/), docsExamined: 0 }]);
  await market.deleteMany({ _id: { $in: ids } });
});

test('what pods of the release before may have edited is looked for among what was edited, not what was held', async () => {
  const [begun, clock] = [new Date(), { ...unrepeating, now: () => new Date(Date.now() + 1) }];
  const righted = formerEdits(suite.database('tickets').store(ticketModel), clock);
  const market = databaseOf('tickets').collection<{ _id: string }>('tickets');
  const ids = Array.from({ length: 200 }, (_, n) => idAt(2_000_000 + n));
  await market.insertMany(ids.map((_id) => ({ ...ticketAt(0), ...own(ticketAt(0)), _id, updatedAt: begun })));
  await market.updateOne({ _id: ids[7]! }, { $set: { title: 'Edited', version: 1 } });
  const reads = await readsOf('tickets', 'tickets', async () => expect(await righted()).toBe(1));
  expect(reads).toMatchObject([{ planSummary: 'IXSCAN { updatedAt: 1, _id: 1 }', nreturned: 1 }]);
  await market.deleteMany({ _id: { $in: ids } });
});

describe('a search for two letters that a quarter of all words begin with', () => {
  const search = async (query: string) => {
    const reads = await readsOf('tickets', 'tickets', () => page(`/api/tickets?q=ev${query}`));
    expect(reads).toHaveLength(1);
    return reads;
  };

  test.each(['newest', 'oldest', 'cheapest', 'dearest'])(
    'reads what it shows, %s first, on each page',
    async (sort) => {
      expectFrugal(await search(`&sort=${sort}`));
      let path = `/api/tickets?q=ev&sort=${sort}`;
      for (let turned = 0; turned < 2; turned++) path = next(await page(path));
      expectFrugal(await readsOf('tickets', 'tickets', () => page(path)));
    },
  );

  test.each(['', '&sort=oldest', '&sort=cheapest', '&sort=dearest'])(
    'with another that is in all, a state and a price looks no further than it must%s',
    async (sort) => {
      for (const filter of [
        '+do',
        '&status=available',
        '&minPrice=2000&maxPrice=50000',
        '+doors&status=available&minPrice=2000',
      ]) {
        const [read] = await search(`${filter}${sort}`);
        expect(read).toMatchObject({ planSummary: expect.stringMatching(/^IXSCAN/) });
        expect(read!.hasSortStage ?? false).toBe(false);
        expect({ filter, docsExamined: read!.docsExamined < 5 * PAGE }).toEqual({
          filter,
          docsExamined: true,
        });
      }
    },
  );

  test('with a word that is nowhere reads nothing', async () => {
    for (const query of ['+unicorn', '+doors+unicorn+seven', '+!?+東京'])
      expect(await search(query)).toMatchObject([{ docsExamined: 0, nreturned: 0 }]);
  });
});

const next = ({ headers }: request.Response) => /<(.+)>/.exec(headers['link'] ?? '')![1]!;

test.each(['/api/orders', '/api/orders?status=created', '/api/orders?status=unpaid'])(
  'GET %s reads what it shows',
  async (path) => {
    expectFrugal(await readsOf('orders', 'orders', () => page(path)));
  },
);

test.each(['', '&status=created'])('GET /api/orders?as=seller%s reads what it shows', async (filter) => {
  expectFrugal(await readsOf('orders', 'orders', () => page(`/api/orders?as=seller${filter}`, seller)));
});

test("one's own order of a ticket is found by the index that sells it once, one by its number without a look at others of its second", async () => {
  const { body } = await page(`/api/orders?ticketId=${idAt(5)}`, buyer);
  const kept = databaseOf('orders').collection<{ _id: string; pending?: unknown; items?: unknown }>('orders');
  const { pending: _pending, items: _items, ...alike } = (await kept.findOne({ _id: body[0].id }))!;
  const [second, end] = [body[0].id.slice(0, 8), Number.parseInt(body[0].id.slice(-6), 16)];
  await kept.insertMany(
    Array.from({ length: 300 }, (_, n) => ({
      ...alike,
      _id: `${second}${String(n).padStart(10, '0')}${((end + 1 + n) & 0xffffff).toString(16).padStart(6, '0')}`,
      status: 'cancelled',
      items: [],
    })),
  );
  const reads = await readsOf('orders', 'orders', async () => {
    expect((await page(`/api/orders?ticketId=${idAt(5)}`, buyer)).body).toEqual(body);
    expect((await page(`/api/orders/${body[0].number}`)).body).toEqual(body[0]);
  });
  expect(reads).toMatchObject([
    { planSummary: 'IXSCAN { saleId: 1, items.ticketId: 1 }', docsExamined: 1 },
    { planSummary: 'IXSCAN { _id: 1 }', docsExamined: 1, nreturned: 1 },
  ]);
});

test('what a seller earned is summed up from the orders that were paid, and from no others', async () => {
  const placed = databaseOf('orders').collection('orders');
  const paid = (await placed.find({ 'items.sellerId': sellerId }).limit(SOLD).toArray()).map(
    ({ _id }) => _id,
  );
  await placed.updateMany({ _id: { $in: paid } }, { $set: { status: 'complete', completedAt: new Date() } });
  const reads = await readsOf('orders', 'orders', () => page('/api/orders/earnings', seller));
  expect(reads).toMatchObject([{ planSummary: 'IXSCAN { items.sellerId: 1 }', docsExamined: SOLD }]);
});

test('reserving reads its tickets and their holders by index', async () => {
  const place = () => api('/api/orders', orderFor([idAt(1000)]));
  expectFrugal(await readsOf('orders', 'tickets', () => place().expect(201)));
  expectFrugal(await readsOf('orders', 'orders', () => place().expect(409)));
});

test('reserving looks by index at what its account holds unpaid, and held before without buying', async () => {
  const kept = databaseOf('orders').collection('orders');
  const { pending: _pending, ...past } = (await kept.findOne({ 'items.ticketId': idAt(1000) }))!;
  const over = { ...past, status: 'cancelled', reason: 'expired' };
  await kept.insertMany(
    Array.from({ length: 300 }, (_, n) => ({
      ...over,
      _id: idAt(5_000_000 + n) as never,
      items: [{ ticketId: idAt(n < 2 ? 1008 : 6000 + n) }],
      expiresAt: new Date(Date.now() - (n === 0 ? 24 * 3600_000 : 0)),
    })),
  );
  const reads = await readsOf('orders', 'orders', () =>
    api('/api/orders', orderFor([idAt(1008)])).expect(201),
  );
  // Before the insert, as it is known here that this account placed orders, and after it.
  expect(reads).toHaveLength(2);
  expectFrugal(reads);
});

test('a list and a reservation examine as many documents among ten times as many tickets', async () => {
  const examined = (reads: readonly Profiled[]) =>
    reads.map(({ keysExamined, docsExamined }) => [keysExamined, docsExamined]);
  const cost = async (ticket: number) => {
    const place = () => api('/api/orders', orderFor([idAt(ticket)])).expect(201);
    const list = await readsOf('tickets', 'tickets', () => page('/api/tickets?status=sold'));
    const search = await readsOf('tickets', 'tickets', () => page('/api/tickets?q=ev'));
    const sales = await readsOf('tickets', 'tickets', () => page('/api/tickets/sales'));
    return {
      sales: sales.map(({ docsExamined }) => docsExamined),
      list: examined(list),
      search: examined(search),
      reserve: examined(await readsOf('orders', 'tickets', place)),
    };
  };
  const before = await cost(1004);
  await insertTickets(databaseOf('tickets'), TICKETS, 9 * TICKETS, ({ title }) => ({
    ...own({ title }),
    status: 'sold',
  }));
  await insertTickets(databaseOf('orders'), TICKETS, 9 * TICKETS, () => ({}));
  expect(await cost(1006)).toEqual(before);
});

test('while nobody listens nothing follows the changes; one change stream of each does for all who do', async () => {
  const open = () =>
    Promise.all(
      ['tickets', 'orders'].map(async (name) => (await changeStreams(suite.database(name), name)).length),
    );
  expect(await open()).toEqual([0, 0]);
  const away = new AbortController();
  const listen = async (path: string) => {
    const { body } = await fetch(`${suite.url}${path}`, { headers: buyer, signal: away.signal });
    let text = '';
    const decoder = new TextDecoder();
    void (async () => {
      for await (const chunk of body!) text += decoder.decode(chunk as Uint8Array, { stream: true });
    })().catch(() => undefined);
    return () => text;
  };
  const heard = await Promise.all(
    ['/api/tickets/stream', '/api/orders/stream'].flatMap((path) => [listen(path), listen(path)]),
  );
  await api('/api/orders', orderFor([idAt(1010)])).expect(201);
  for (const text of heard) await eventually(() => text().includes(idAt(1010)));
  expect(await open()).toEqual([1, 1]);
  away.abort();
});

test('who comes too late costs two reads, and a crowd of them fewer', async () => {
  let buyers = 0;
  const place = (status: number) => {
    const buyer = bearer({ id: idAt(buyers++) });
    return patiently(() =>
      request(suite.app)
        .post('/api/orders')
        .set(buyer)
        .send(orderFor([idAt(1002)])),
    ).then((reply) => expect(reply.status).toBe(status));
  };
  await place(201);
  const reads = async (collection: string, crowd: number) =>
    (await readsOf('orders', collection, () => Promise.all(Array.from({ length: crowd }, () => place(409)))))
      .length;
  expect(await reads('tickets', 1)).toBe(1);
  expect(await reads('orders', 1)).toBe(1);
  expect(await reads('tickets', 50)).toBeLessThan(50);
  expect(await reads('orders', 50)).toBeLessThan(50);
});
