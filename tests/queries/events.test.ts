import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { searchKeys } from '@ticketing/common/search';
import {
  bearer,
  eventually,
  movableClock,
  patiently,
  type TestHost,
  testHost,
  unrepeating,
} from '@ticketing/common/testing';
import { events } from '@ticketing/events/service';
import { orders } from '@ticketing/orders/service';
import request from 'supertest';
import { idAt } from '../bench/data.ts';
import { expectFrugal, expectIndexed, profiled, readsOf } from './profile.ts';

/** As of tickets (queries.test.ts): what events, and the places in `orders`, ask of their databases costs the same however many there are. */
const EVENTS = 3000;
const PAGE = 50;
const DAY = 24 * 3600_000;
const organizer = bearer({ id: idAt(1) });
const { now, still } = movableClock();
const clock = { ...unrepeating, now };
let suite: TestHost;

const databaseOf = (service: string) => suite.database(service).connection!.db!;
const api = () => request(suite.app);
const post = (path: string, by: { authorization: string }, body: object = {}) =>
  api().post(path).set(by).send(body);
const wanted = {
  title: 'Evening of songs',
  category: 'concert',
  organizer: { name: 'The hall' },
  venue: { name: 'Hall', city: 'Bern', country: 'CH' },
  zone: 'Europe/Zurich',
  starts: '2096-12-24T19:00',
  ends: '2096-12-24T22:00',
  pools: [{ capacity: 40 }],
  tiers: [{ name: 'Standing', pool: 0, price: 2500, limit: 4 }],
};
interface Made {
  id: string;
  tiers: [{ id: string }];
}
const published = async (by = organizer): Promise<Made> => {
  const { body } = await post('/api/events', by, wanted).expect(201);
  return (await post(`/api/events/${body.id}/publish`, by).expect(200)).body as Made;
};
/** In `orders`, too. */
const onSale = async (by = organizer) => {
  const event = await published(by);
  await eventually(async () => (await api().get(`/api/orders/places?eventId=${event.id}`)).status === 200);
  return event;
};
const order = ({ id, tiers: [tier] }: Made, by: { authorization: string }, more: object = {}) =>
  post('/api/orders', by, { eventId: id, lines: [{ tierId: tier.id, quantity: 1, price: 2500 }], ...more });

beforeAll(async () => {
  suite = await testHost([events, orders], { mongoUrl: process.env['TEST_MONGO_URL']!, clock, calm: true });
  const { id } = await published();
  const kept = databaseOf('events').collection<{ _id: string; internal: object }>('events');
  const like = (await kept.findOne({ _id: id }))!;
  const { pending: _pending, ...one } = like as typeof like & { pending?: object };
  const at = Date.now();
  const cities = ['bern', 'basel', 'luzern', 'genf', 'chur'];
  const categories = ['concert', 'theatre', 'comedy', 'sports'];
  await kept.insertMany(
    Array.from({ length: EVENTS }, (_, n) => {
      const starts = new Date(at + ((n % 600) - 200) * DAY);
      const title = `Evening ${n} of songs`;
      return {
        ...one,
        _id: idAt(n),
        title,
        words: searchKeys({ title: `${title} Hall ${cities[n % 5]}` }),
        cityKey: cities[n % 5],
        category: categories[n % 4],
        startsAt: starts,
        endsAt: new Date(starts.getTime() + 3 * 3600_000),
        publishedAt: new Date(at - n * 1000),
        status: n % 10 === 0 ? 'draft' : n % 10 === 1 ? 'cancelled' : 'published',
        prices: [n % 3 === 0 ? 0 : 1000 + n],
        internal: {
          ...one.internal,
          ownerId: idAt(n % 30),
          team: [
            { userId: idAt(n % 30), role: 'owner' },
            { userId: idAt(30 + (n % 7)), role: 'door' },
          ],
        },
      };
    }),
  );
});
afterAll(() => suite.destroy());

const page = (path: string, by = organizer) => api().get(path).set(by).expect(200);
const list = (path: string) => readsOf(databaseOf('events'), 'events', () => page(path));
const next = ({ headers }: request.Response) => /<(.+)>/.exec(headers['link'] ?? '')![1]!;

describe('a list of events', () => {
  test.each(['?', '?sort=newest', '?category=sports', '?city=Bern', '?q=even', '?q=even&sort=newest'])(
    '%s reads what it shows, on each page',
    async (query) => {
      let path = `/api/events${query}`;
      for (let turned = 0; turned < 3; turned++) {
        if (turned > 0) path = next(await page(path));
        const reads = await list(path);
        expect(reads).toHaveLength(1);
        expectFrugal(reads);
      }
    },
  );

  test.each([
    '?category=sports&city=Bern',
    '?category=sports&sort=newest',
    '?city=bern&sort=newest',
    '?q=even&city=Bern&category=concert',
    '?free=true',
    '?currency=usd',
    '?minPrice=2000&maxPrice=500000',
    `?from=${new Date(Date.now() + 10 * DAY).toISOString()}&to=${new Date(Date.now() + 300 * DAY).toISOString()}`,
    '?as=team',
    '?as=team&sort=newest',
    '?as=team&category=sports',
    '?as=team&q=even',
  ])('%s looks no further than it must', async (query) => {
    const reads = await list(`/api/events${query}`);
    expect(reads).toHaveLength(1);
    expectIndexed(reads);
    expect(reads[0]!.docsExamined).toBeLessThan(25 * PAGE);
  });

  test('of what is over, long ago or just so, is no longer looked through', async () => {
    const before = (await list('/api/events'))[0]!;
    const kept = databaseOf('events').collection<{ _id: string }>('events');
    const one = (await kept.findOne({ status: 'published', startsAt: { $lt: new Date() } }))!;
    const old = Array.from({ length: 2000 }, (_, n) => ({
      ...one,
      _id: idAt(1_000_000 + n),
      startsAt: new Date(Date.now() - 500 * DAY),
      endsAt: new Date(Date.now() - 499 * DAY),
    }));
    await kept.insertMany(old);
    expect((await list('/api/events'))[0]).toMatchObject({ docsExamined: before.docsExamined });
    expect((await list('/api/events'))[0]!.keysExamined).toBeLessThanOrEqual(before.keysExamined + 1);
    await kept.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } });
  });
});

/**
 * Those that look for something: what the service's own jobs do at a start is no request's doing, and what follows changes
 * reads those of everybody, as many as there are.
 */
const looking = (ops: Awaited<ReturnType<typeof profiled>>) =>
  ops.filter(
    ({ op, command, ...done }) => op !== 'insert' && 'planSummary' in done && !('getMore' in command),
  );

test('whatever becomes of an event, nothing of it is looked for without an index', async () => {
  const helper = bearer({ id: idAt(9001) });
  const ops = await profiled(databaseOf('events'), async () => {
    const { body } = await post('/api/events', organizer, wanted).set('idempotency-key', 'one').expect(201);
    await post('/api/events', organizer, wanted).set('idempotency-key', 'one').expect(201);
    const path = `/api/events/${body.id}`;
    await api()
      .put(path)
      .set(organizer)
      .send({ ...wanted, title: 'Another' })
      .expect(200);
    await post(`${path}/publish`, organizer).expect(200);
    await page(path);
    const { body: code } = await post(`${path}/codes`, organizer, { code: 'EARLY', percent: 10 }).expect(201);
    for (const [said, status] of [
      ['EARLY', 200],
      ['LATE', 404],
    ] as const)
      await api().post(`${path}/codes/check`).send({ code: said }).expect(status);
    await api().delete(`${path}/codes/${code.id}`).set(organizer).expect(204);
    const { body: link } = await post(`${path}/team/links`, organizer, { role: 'door' }).expect(201);
    await post('/api/events/team', helper, { token: link.token }).expect(200);
    const { starts, ends } = wanted;
    const { body: copy } = await post(`${path}/copy`, organizer, { starts, ends }).expect(201);
    await api().delete(`/api/events/${copy.id}`).set(organizer).expect(204);
    await post(`${path}/cancel`, organizer).expect(200);
  });
  expect(looking(ops).length).toBeGreaterThan(10);
  expectIndexed(looking(ops));
  const examined = looking(ops).map(({ docsExamined }) => docsExamined);
  // His drafts are counted.
  expect(Math.max(...examined)).toBeLessThanOrEqual(101);
});

describe('places', () => {
  /** Markers of orders are taken away some time after they were made. */
  const allTold = () =>
    eventually(
      async () =>
        (await databaseOf('orders')
          .collection('orders')
          .countDocuments({ 'pending.at': { $exists: true } })) === 0,
    );

  test('of an event are read, held, paid elsewhere, shown, given up and ended by an index', async () => {
    const buyer = bearer({ id: idAt(9002) });
    const event = await onSale();
    const other = await onSale(bearer({ id: idAt(2) }));
    for (let n = 0; n < 30; n++) await order(other, bearer({ id: idAt(7000 + n) })).expect(201);
    await allTold();
    const path = `eventId=${event.id}`;
    const ops = await profiled(databaseOf('orders'), async () => {
      await page(`/api/orders/places?${path}`);
      const { body } = await order(event, buyer).expect(201);
      await order(event, buyer, { code: 'NO-SUCH' }).expect(400);
      const box = { lines: [{ tierId: event.tiers[0].id, quantity: 1, price: 2500 }], for: 'box-office' };
      await order(event, organizer, box).expect(201);
      await page('/api/orders', buyer);
      await page('/api/orders?as=seller', organizer);
      await page(`/api/orders/${body.id}`, organizer);
      await page(`/api/orders/sales?${path}`, organizer);
      await page(`/api/orders/placed?${path}`, organizer);
      await page(`/api/orders/placed?${path}&q=example`, organizer);
      await page(`/api/orders/placed?${path}&q=${body.number}`, organizer);
      await page(`/api/orders/placed/csv?${path}`, organizer);
      await api().delete(`/api/orders/${body.id}`).set(buyer).expect(204);
      await order(event, buyer).expect(201);
      // Others took what is remembered as free.
      const kept = databaseOf('orders').collection<{ _id: string; allowances: string[] }>('orders');
      const held = (await kept.findOne({ saleId: event.id, status: 'created' }))!;
      await kept.updateOne({ _id: held._id }, { $set: { allowances: [`${event.tiers[0].id}/x/0`] } });
      await order(event, buyer).expect(201);
      await post(`/api/events/${event.id}/cancel`, organizer).expect(200);
      await eventually(async () =>
        expect((await api().get(`/api/orders/endings/${event.id}`).set(organizer)).body).toMatchObject({
          left: expect.any(Number),
        }),
      );
    });
    expect(looking(ops).length).toBeGreaterThan(10);
    expectIndexed(looking(ops));
    // Nothing of another event.
    for (const { docsExamined, command } of looking(ops))
      expect({ command, few: docsExamined <= 6 }).toEqual({ command, few: true });
  });

  test('of an event are listed, searched and taken as a spreadsheet, and no more orders are read than are shown, or are of the event', async () => {
    const event = await onSale();
    const kept = databaseOf('orders').collection<{ _id: string }>('orders');
    await order(event, bearer({ id: idAt(9003) })).expect(201);
    await allTold();
    const { _id: _one, ...alike } = (await kept.findOne({ saleId: event.id } as object))!;
    const many = Array.from({ length: 1000 }, (_, n) => ({
      ...alike,
      _id: idAt(3_000_000 + n),
      saleId: event.id,
      status: n % 10 ? 'refunded' : 'cancelled',
      items: [{ kind: 'place', ticketId: `p${n}`, tierId: event.tiers[0].id, title: 'x', price: 0 }],
      words: ['example', `buyer${n}`],
    }));
    await kept.insertMany(many);
    const reads = (path: string) =>
      readsOf(databaseOf('orders'), 'orders', () => page(`/api/orders/${path}`, organizer));
    for (const query of [
      '',
      '&status=cancelled',
      '&q=example',
      '&q=buyer77',
      '&q=nobody',
      '&q=buyer7+example',
    ]) {
      let path = `placed?eventId=${event.id}${query}&limit=20`;
      for (let turned = 0; turned < 2; turned++) {
        const answer = await page(`/api/orders/${path}`, organizer);
        const read = await reads(path);
        if (query.includes('q=')) expectIndexed(read);
        else expectFrugal(read);
        for (const { docsExamined } of read) expect(docsExamined).toBeLessThanOrEqual(1001);
        if (!answer.headers['link']) break;
        path = next(answer).replace('/api/orders/', '');
      }
    }
    const all = await reads(`placed/csv?eventId=${event.id}`);
    expect(all).toHaveLength(6);
    expectFrugal(all);
    expectIndexed(await reads(`sales?eventId=${event.id}`));
    await kept.deleteMany({ saleId: event.id } as object);
  });

  test('who comes when all are gone costs no operation but the look for what a repeat made, and a crowd shares that', async () => {
    const event = await onSale();
    await post(`/api/events/${event.id}/codes`, organizer, { code: 'EARLY', percent: 10 }).expect(201);
    for (let n = 0; n < 10; n++) {
      const lines = [{ tierId: event.tiers[0].id, quantity: 4, price: 2500 }];
      await order(event, bearer({ id: idAt(8000 + n) }), { lines }).expect(201);
    }
    await allTold();
    const crowd = 60;
    const lose = (keyed: boolean) =>
      Promise.all(
        Array.from({ length: crowd }, async (_, n) => {
          const buyer = bearer({ id: idAt(8100 + n) });
          const reply = await patiently(() =>
            order(event, buyer, n % 2 ? { code: 'EARLY' } : {}).set(keyed ? { 'idempotency-key': 'k' } : {}),
          );
          expect([reply.status, reply.body.detail]).toEqual([409, 'Sold out']);
        }),
      );
    // Within a moment, as a process looks once a second whether an event has changed.
    using _moment = still();
    await eventually(
      async () => (await order(event, bearer({ id: idAt(8200) }), { code: 'EARLY' })).status === 409,
    );
    const asked = async (keyed: boolean) =>
      (await profiled(databaseOf('orders'), () => lose(keyed))).filter(({ op }) => op !== 'getmore');
    expect(await asked(false)).toEqual([]);
    const looks = await asked(true);
    expectIndexed(looks);
    for (const { command } of looks) expect(JSON.stringify(command['filter'])).toContain('idempotencyKey');
    expect(looks.length).toBeLessThan(crowd / 2);
  });
});
