import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AccountChanged, AccountCreated } from '@ticketing/common/contracts/account';
import {
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  type OrderStatus,
} from '@ticketing/common/contracts/order';
import { systemClock, systemIds } from '@ticketing/common/runtime';
import { bearer, eventually, movableClock, tell, testHost, type TestHost } from '@ticketing/common/testing';
import request from 'supertest';
import type { Ticket } from '../src/domain.ts';
import { ticketModel } from '../src/model.ts';
import { tickets } from '../src/service.ts';
import { formerEdits } from '../src/words-former.ts';

let host: TestHost;
const clock = movableClock();
const events: { type: string; data: Record<string, unknown> }[] = [];
beforeAll(async () => {
  host = await testHost([tickets], { mongoUrl: process.env['TEST_MONGO_URL'] ?? '', clock });
  for (const subject of ['ticket:created', 'ticket:updated', 'ticket:deleted']) {
    const handle = async (message: string) =>
      void events.push(JSON.parse(message) as (typeof events)[number]);
    host.bus.subscribe({ subject, group: 'test', handle });
  }
});
afterAll(() => host.destroy());

const seller = () => bearer({ id: systemIds.next() });
const api = () => request(host.url);
const offer = async (by = seller(), fields: object = {}) => {
  const { body } = await api()
    .post('/api/tickets')
    .set(by)
    .send({ title: 'Front row', price: 2500, ...fields })
    .expect(201);
  return body as { id: string; saleId: string; sellerId: string; version: number };
};
const heard = (type: string, id: string) =>
  eventually(() => {
    const event = events.find((one) => one.type === type && one.data['id'] === id);
    if (!event) throw new Error(`${type} of ${id} was not heard`);
    return event;
  });
const order = (ticketId: string, version: number, status: OrderStatus, id = 'a'.repeat(24)) => {
  const now = new Date();
  const type = { cancelled: OrderCancelled, complete: OrderCompleted }[status as string] ?? OrderCreated;
  return type({
    id,
    version,
    status,
    userId: systemIds.next(),
    saleId: ticketId,
    items: [{ ticketId, ticketVersion: 0, title: 'Front row', price: 2500, sellerId: systemIds.next() }],
    total: 2500,
    currency: 'usd',
    expiresAt: now,
    createdAt: now,
    updatedAt: now,
  });
};

test('places of events are passed over: they are no tickets of ours', async () => {
  const [place, listing] = [systemIds.next(), await offer()];
  const { data, ...draft } = order(listing.id, 0, 'created', systemIds.next());
  const [item] = data['items'] as object[];
  const items = [{ ...item, ticketId: place, kind: 'place', tierId: systemIds.next() }, item];
  await tell(host.bus, { ...draft, data: { ...data, items } });
  const market = host.database('tickets').connection!;
  await eventually(async () =>
    expect(await market.collection('tickets').findOne({ _id: listing.id as never })).toMatchObject({
      status: 'reserved',
    }),
  );
  expect(await market.collection('inbox').countDocuments({ status: { $ne: 'done' } })).toBe(0);
});

describe('what a ticket is for', () => {
  const date = { local: '2096-06-01T20:00', zone: 'Europe/Berlin' };
  const found = async (query: string) =>
    ((await api().get(`/api/tickets?limit=200&${query}`).expect(200)).body as { id: string }[]).map(
      ({ id }) => id,
    );
  const patch = (id: string, by: ReturnType<typeof bearer>, body: object) =>
    api().patch(`/api/tickets/${id}`).set(by).send(body);

  test('is shown, announced, and found by its words', async () => {
    const by = seller();
    const said = { event: 'Zauberflöte', place: 'Staatsoper Wuppertal', date };
    const { id } = await offer(by, said);
    const shown = { ...said, date: { ...date, at: '2096-06-01T18:00:00.000Z' } };
    expect((await api().get(`/api/tickets/${id}`)).body).toMatchObject(shown);
    expect((await heard('ticket:created', id)).data).toMatchObject(shown);
    for (const q of ['zauberflote', 'wupper', 'front+staatsoper'])
      expect(await found(`q=${q}`)).toContain(id);
    const { body } = await patch(id, by, { event: 'Tosca', place: null, date: null }).expect(200);
    expect(body).toMatchObject({ event: 'Tosca', version: 1 });
    for (const gone of ['place', 'date']) expect(body).not.toHaveProperty(gone);
    expect(await found('q=tosca')).toContain(id);
    expect(await found('q=wupper')).not.toContain(id);
    expect((await heard('ticket:updated', id)).data).toMatchObject({ event: 'Tosca', version: 1 });
  });

  test('is put on its tickets again where another release or a hold left them without their words', async () => {
    const { id } = await offer(seller(), { event: 'Götterdämmerung' });
    const market = host.database('tickets').connection!.collection('tickets');
    await market.updateOne({ _id: id as never }, { $unset: { words: '' } });
    await eventually(async () => expect(await found('q=gotterdam')).toContain(id));
  });

  test('takes it off the market when its date is over, where its seller still finds it', async () => {
    const id = systemIds.next();
    const by = bearer({ id });
    const [soon, late] = [await offer(by, { date }), await offer(by)];
    expect(await found('')).toEqual(expect.arrayContaining([soon.id, late.id]));
    clock.forward(new Date('2096-06-01T18:00:00Z').getTime() - Date.now());
    try {
      const market = await found('');
      expect(market).toContain(late.id);
      expect(market).not.toContain(soon.id);
      for (const query of [`sellerId=${id}`, `saleId=${soon.saleId}`])
        expect(await found(query)).toContain(soon.id);
      expect((await api().get(`/api/tickets/${soon.id}`).expect(200)).body).toMatchObject({
        status: 'available',
      });
      const over = await api()
        .post('/api/tickets')
        .set(by)
        .send({ title: 'Late', price: 2500, date })
        .expect(400);
      expect(over.body.errors).toMatchObject([{ field: 'date.local', message: 'is over' }]);
      await patch(soon.id, by, { price: 3000 }).expect(200);
    } finally {
      clock.forward(Date.now() - new Date('2096-06-01T18:00:00Z').getTime());
    }
  });

  test.each([
    [{ event: 'x'.repeat(101) }, 'event'],
    [{ place: '' }, 'place'],
    [{ date: '2096-06-01T20:00' }, 'date'],
    [{ date: { local: '2096-06-01', zone: 'Europe/Berlin' } }, 'date.local'],
    [{ date: { local: '2096-02-30T20:00', zone: 'Europe/Berlin' } }, 'date.local'],
    [{ date: { local: '2096-06-01T20:00' } }, 'date.zone'],
    [{ date: { ...date, zone: 'Mars/Base' } }, 'date.zone'],
  ])('%j is refused, naming %s', async (fields, field) => {
    for (const ask of [
      api()
        .post('/api/tickets')
        .set(seller())
        .send({ title: 'Front row', price: 2500, ...fields }),
      patch(systemIds.next(), seller(), fields),
    ])
      expect((await ask.expect(400)).body.errors).toMatchObject([{ field }]);
  });
});

describe('the seller’s name', () => {
  const shown = async (id: string) => (await api().get(`/api/tickets/${id}`).expect(200)).body as Ticket;

  test('stands on all tickets of the account, old and new, as it was last chosen', async () => {
    const id = systemIds.next();
    const by = bearer({ id });
    const old = await offer(by);
    const before = await shown(old.id);
    expect(before).not.toHaveProperty('sellerName');
    await tell(host.bus, AccountChanged({ id, version: 3, name: 'Ada', zone: 'Asia/Tokyo' }));
    await tell(host.bus, AccountCreated({ id, version: 0 }));
    const named = await shown(old.id);
    expect(named).toMatchObject({ sellerName: 'Ada', version: 0 });
    // A reader tells states apart by that.
    expect(named.updatedAt > before.updatedAt).toBe(true);
    expect(await offer(by)).toMatchObject({ sellerName: 'Ada' });
    const { body: market } = await api().get(`/api/tickets?sellerId=${id}`).expect(200);
    expect(market).toMatchObject([{ sellerName: 'Ada' }, { sellerName: 'Ada' }]);
    await tell(host.bus, AccountChanged({ id, version: 4 }));
    expect(await shown(old.id)).not.toHaveProperty('sellerName');
  });
});

describe('offering a ticket', () => {
  test('puts it on sale for everybody and announces it', async () => {
    const by = seller();
    const { body, headers } = await api()
      .post('/api/tickets')
      .set(by)
      .send({ title: '  Front row ', description: 'With a view', price: 2500 })
      .expect(201);
    expect(body).toMatchObject({
      version: 0,
      title: 'Front row',
      price: 2500,
      currency: 'usd',
      status: 'available',
    });
    expect(body.saleId).toBe(body.id);
    expect(headers).toMatchObject({ etag: '"0"', location: `/api/tickets/${body.id}` });
    const read = await api().get(headers['location']!).expect(200);
    expect(read.body).toEqual(body);
    expect(read.body).not.toHaveProperty('holds');
    expect(read.body).not.toHaveProperty('pending');
    const { status: _, ...told } = body as Record<string, unknown>;
    expect((await heard('ticket:created', body.id as string)).data).toEqual(told);
  });

  test('is for those who are signed in', () =>
    api().post('/api/tickets').send({ title: 'x', price: 50 }).expect(401));

  test.each([
    [{ title: '', price: 2500 }, 'title'],
    [{ title: ' ', price: 2500 }, 'title'],
    [{ title: 'x'.repeat(141), price: 2500 }, 'title'],
    [{ title: 'x', price: 49 }, 'price'],
    [{ title: 'x', price: 100_000_000 }, 'price'],
    [{ title: 'x', price: 99.5 }, 'price'],
    [{ title: 'x', price: '2500' }, 'price'],
    [{ title: 'x' }, 'price'],
    [{ title: 'x', price: 50, description: 'y'.repeat(2001) }, 'description'],
    [{ title: 'x', price: 50, status: 'sold' }, 'status'],
    [{ title: 'x', price: 50, saleId: 'none' }, 'saleId'],
  ])('%j is refused, naming %s', async (body, field) => {
    const refused = await api().post('/api/tickets').set(seller()).send(body).expect(400);
    expect(refused.body.errors).toMatchObject([{ field }]);
  });

  test.each([50, 99_999_999])('%i cents is a price', (price) =>
    api()
      .post('/api/tickets')
      .set(seller())
      .send({ title: 'x'.repeat(140), price })
      .expect(201),
  );

  test('joins the sale of an earlier ticket of the same seller, and of nobody else', async () => {
    const by = seller();
    const { id } = await offer(by);
    expect(await offer(by, { saleId: id })).toMatchObject({ saleId: id });
    const body = { title: 'x', price: 50, saleId: id };
    const refused = await api().post('/api/tickets').set(seller()).send(body).expect(403);
    expect(refused.body.errors).toMatchObject([{ field: 'saleId' }]);
  });
});

describe('offering a ticket under an idempotency key', () => {
  const sell = (by: ReturnType<typeof seller>, body: object, key = 'k1') =>
    api().post('/api/tickets').set(by).set('idempotency-key', key).send(body);
  const seat = { title: 'Seat 7', price: 2500 };

  test('makes one of ten requests at once, and tells them all of it', async () => {
    const by = seller();
    const replies = await Promise.all(Array.from({ length: 10 }, () => sell(by, seat)));
    expect(new Set(replies.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(replies[0]!.status).toBe(201);
    expect(replies[0]!.body).not.toHaveProperty('idempotencyKey');
    const { body } = await api().get(`/api/tickets?sellerId=${replies[0]!.body.sellerId}`).expect(200);
    expect(body).toHaveLength(1);
  });

  test('another body is refused, another key or seller makes another ticket', async () => {
    const by = seller();
    const { id } = (await sell(by, seat).expect(201)).body;
    const refused = await sell(by, { ...seat, price: 3000 }).expect(409);
    expect(refused.body.errors).toMatchObject([{ field: 'idempotency-key' }]);
    expect((await sell(by, seat, 'k2').expect(201)).body.id).not.toBe(id);
    expect((await sell(seller(), seat).expect(201)).body.id).not.toBe(id);
  });
});

describe('changing a ticket', () => {
  test('moves its version and tells everybody', async () => {
    const by = seller();
    const { id } = await offer(by, { description: 'old' });
    const edited = await api()
      .patch(`/api/tickets/${id}`)
      .set(by)
      .set('If-Match', '"0"')
      .send({ price: 3000 });
    expect(edited.status).toBe(200);
    expect(edited.headers['etag']).toBe('"1"');
    expect(edited.body).toMatchObject({ version: 1, price: 3000, title: 'Front row', description: 'old' });
    expect((await heard('ticket:updated', id)).data).toMatchObject({ version: 1, price: 3000 });
    const replaced = await api()
      .put(`/api/tickets/${id}`)
      .set(by)
      .send({ title: 'Row 2', price: 50 })
      .expect(200);
    expect(replaced.body).toMatchObject({ version: 2, title: 'Row 2' });
    expect(replaced.body).not.toHaveProperty('description');
  });

  test('to what it already is changes nothing', async () => {
    const by = seller();
    const { id } = await offer(by);
    const same = await api().patch(`/api/tickets/${id}`).set(by).send({ price: 2500 }).expect(200);
    expect(same.body.version).toBe(0);
  });

  test.each([
    ['"0"', 412],
    ['W/"0"', 412],
    ['"1"', 200],
    ['W/"1"', 200],
    ['"1-gzip"', 200],
    ['W/"1-br"', 200],
    ['"1--gzip"', 200],
    ['"1;gzip"', 200],
    ['"0-gzip"', 412],
    ['"11"', 412],
    ['"0", "1"', 200],
    ['W/"7-gzip" ,"1"', 200],
    ['"0","7"', 412],
    ['*', 200],
    ['0', 400],
    ['"x"', 400],
    ['"1-gzip', 400],
    ['"1" "2"', 400],
    ['"1",*', 400],
    ['"1-"2"', 400],
  ])('of version 1 with If-Match %s is answered %i', async (tag, status) => {
    const by = seller();
    const { id } = await offer(by);
    await api().patch(`/api/tickets/${id}`).set(by).send({ price: 3000 }).expect(200);
    const outcome = await api()
      .patch(`/api/tickets/${id}`)
      .set(by)
      .set('If-Match', tag)
      .send({ price: 4000 });
    expect(outcome.status).toBe(status);
    if (status !== 200) expect(outcome.body.errors).toMatchObject([{ field: 'if-match' }]);
  });

  test('is refused to strangers, allowed to admins, and impossible for what is not there', async () => {
    const { id } = await offer();
    const admin = bearer({ id: systemIds.next(), roles: ['user', 'admin'] });
    await api().patch(`/api/tickets/${id}`).send({ price: 3000 }).expect(401);
    await api().patch(`/api/tickets/${id}`).set(seller()).send({ price: 3000 }).expect(403);
    await api().delete(`/api/tickets/${id}`).set(seller()).expect(403);
    await api().patch(`/api/tickets/${id}`).set(admin).send({ price: 3000 }).expect(200);
    await api().patch(`/api/tickets/${systemIds.next()}`).set(admin).send({ price: 3000 }).expect(404);
    await api().patch(`/api/tickets/${id}`).set(admin).send({}).expect(400);
  });

  test('of two at once from the same version, one is stale', async () => {
    const by = seller();
    const { id } = await offer(by);
    const edits = await Promise.all(
      [3000, 4000].map((price) =>
        api().patch(`/api/tickets/${id}`).set(by).set('If-Match', '"0"').send({ price }),
      ),
    );
    expect(edits.map(({ status }) => status).sort()).toEqual([200, 412]);
  });
});

test('a withdrawn ticket leaves the market for good, and a tombstone tells so', async () => {
  const by = seller();
  const { id, sellerId } = await offer(by);
  await api().delete(`/api/tickets/${id}`).set(by).set('If-Match', '"7"').expect(412);
  await api().delete(`/api/tickets/${id}`).set(by).set('If-Match', '"0"').expect(204);
  expect((await heard('ticket:deleted', id)).data).toMatchObject({
    version: 1,
    deletedAt: expect.any(String),
  });
  await api().get(`/api/tickets/${id}`).expect(404);
  await api().delete(`/api/tickets/${id}`).set(by).expect(404);
  await api().patch(`/api/tickets/${id}`).set(by).send({ price: 3000 }).expect(404);
  expect((await api().get('/api/tickets').query({ sellerId })).body).toEqual([]);
});

describe('a ticket that an order holds', () => {
  test('cannot be changed or withdrawn until the order lets go; its version does not move', async () => {
    const by = seller();
    const { id } = await offer(by);
    const url = `/api/tickets/${id}`;
    const is = async (status: string) => {
      const { body, headers } = await api().get(url).expect(200);
      expect(body).toMatchObject({ status, version: 0 });
      expect(headers['etag']).toBe('"0"');
    };
    const locked = async (detail: string) => {
      const edit = await api().patch(url).set(by).send({ price: 3000 }).expect(409);
      expect(edit.body.detail).toBe(detail);
      await api().delete(url).set(by).expect(409);
    };
    await tell(host.bus, order(id, 0, 'created'));
    await is('reserved');
    await locked('The ticket is reserved');
    await tell(host.bus, order(id, 1, 'complete'));
    await is('sold');
    await locked('The ticket is sold');
    await tell(host.bus, order(id, 2, 'cancelled'));
    await tell(host.bus, order(id, 0, 'created')); // a late repeat
    await is('available');
    await api().patch(url).set(by).send({ price: 3000 }).expect(200);
  });

  test('shows what was bought, at its version, when an edit came before the news; the edit counts when it lets go', async () => {
    const by = seller();
    const { id } = await offer(by);
    const url = `/api/tickets/${id}`;
    const edit = { title: 'Balcony', price: 3000 };
    await api().patch(url).set(by).send(edit).expect(200);
    await tell(host.bus, order(id, 0, 'created'));
    await tell(host.bus, order(id, 1, 'complete'));
    const { body, headers } = await api().get(url).expect(200);
    expect(body).toMatchObject({ title: 'Front row', price: 2500, status: 'sold', version: 0 });
    expect(headers['etag']).toBe('"0"');
    const change = (version: number) =>
      api().patch(url).set(by).set('If-Match', `"${version}"`).send({ price: 1000 });
    expect((await change(0).expect(409)).body.detail).toBe('The ticket is sold');
    await change(1).expect(412);
    // Who has not heard of it yet hears what the seller offers.
    const kept = await host
      .database('tickets')
      .connection!.collection<Ticket>('tickets')
      .findOne({ _id: id });
    expect(ticketModel.announce(kept!)?.data).toMatchObject({ ...edit, version: 1 });
    await tell(host.bus, order(id, 2, 'cancelled'));
    expect((await api().get(url)).body).toMatchObject({ ...edit, status: 'available', version: 1 });
    await change(1).expect(200);
  });
});

describe('the market', () => {
  const by = seller();
  let sellerId: string;
  const list = async (query: Record<string, string | number>) => {
    const { body } = await api()
      .get('/api/tickets')
      .query({ sellerId, ...query })
      .expect(200);
    return (body as { title: string }[]).map(({ title }) => title);
  };
  beforeAll(async () => {
    const first = await offer(by, { title: 'Opera, stalls', price: 9000, description: 'near the stage' });
    sellerId = first.sellerId;
    await offer(by, { title: 'Opera "gallery"', price: 3000, saleId: first.id });
    const reserved = await offer(by, { title: 'Rock', price: 3000 });
    const sold = await offer(by, { title: 'Jazz', price: 5000 });
    await tell(host.bus, order(reserved.id, 0, 'created'));
    await tell(host.bus, order(sold.id, 0, 'complete'));
  });

  test.each([
    [{}, ['Jazz', 'Rock', 'Opera "gallery"', 'Opera, stalls']],
    [{ sort: 'oldest' }, ['Opera, stalls', 'Opera "gallery"', 'Rock', 'Jazz']],
    [{ sort: 'cheapest' }, ['Opera "gallery"', 'Rock', 'Jazz', 'Opera, stalls']],
    [{ sort: 'dearest' }, ['Opera, stalls', 'Jazz', 'Rock', 'Opera "gallery"']],
    [{ status: 'available' }, ['Opera "gallery"', 'Opera, stalls']],
    [{ status: 'reserved' }, ['Rock']],
    [{ status: 'sold' }, ['Jazz']],
    [{ minPrice: 5000 }, ['Jazz', 'Opera, stalls']],
    [{ maxPrice: 3000 }, ['Rock', 'Opera "gallery"']],
    [{ minPrice: 3001, maxPrice: 8999 }, ['Jazz']],
    [{ minPrice: 0 }, ['Jazz', 'Rock', 'Opera "gallery"', 'Opera, stalls']],
    [{ q: 'opera' }, ['Opera "gallery"', 'Opera, stalls']],
    [{ q: 'OPERA stage' }, ['Opera, stalls']],
    [{ q: '"gallery"' }, ['Opera "gallery"']],
    [{ q: '-opera' }, ['Opera "gallery"', 'Opera, stalls']], // no word is left out
    [{ q: 'ope' }, ['Opera "gallery"', 'Opera, stalls']],
    [{ q: 'op ne st', sort: 'cheapest' }, ['Opera, stalls']],
    [{ q: 'o' }, []], // a letter is a word of its own
    [{ q: 'óp', maxPrice: 3000, status: 'available' }, ['Opera "gallery"']],
    [{ q: 'pera' }, []],
    [{ q: 'nothing such' }, []],
    [{ q: '"\\' }, []],
  ])('%j', async (query, titles) => expect(await list(query)).toEqual(titles));

  test('by sale', async () => {
    const { body } = await api().get('/api/tickets').query({ sellerId, sort: 'oldest' });
    expect(await list({ saleId: body[0].id as string })).toEqual(['Opera "gallery"', 'Opera, stalls']);
  });

  test('page by page, with filters and search kept', async () => {
    const first = await api().get('/api/tickets').query({ sellerId, q: 'opera', limit: 1 }).expect(200);
    const next = /^<(.+)>; rel="next"$/.exec(first.headers['link'] as string)![1]!;
    const second = await api().get(next).expect(200);
    expect([...first.body, ...second.body].map(({ title }) => title)).toEqual([
      'Opera "gallery"',
      'Opera, stalls',
    ]);
    expect(second.headers).not.toHaveProperty('link');
  });
});

test('an operator can have everything published again', async () => {
  const { id } = await offer();
  await heard('ticket:created', id);
  events.length = 0;
  const operations = host.database('tickets').connection!.collection<{ _id: string }>('operations');
  await operations.insertOne({
    _id: 'again',
    kind: 'republish',
    status: 'waiting',
    since: new Date(0),
  } as never);
  await heard('ticket:created', id);
  await eventually(
    async () =>
      ((await operations.findOne({ _id: 'again' })) as never as { status: string }).status === 'done',
  );
});

test('a change of a ticket arrives at those who watch the market', async () => {
  const stop = new AbortController();
  const response = await fetch(`${host.url}/api/tickets/stream`, { signal: stop.signal });
  let text = '';
  const reading = (async () => {
    for await (const chunk of response.body!) text += Buffer.from(chunk as Uint8Array).toString();
  })().catch(() => undefined);
  const { id } = await offer(seller(), { title: 'Watched' });
  await eventually(() => text.includes('"title":"Watched"'));
  await tell(host.bus, order(id, 0, 'created'));
  await eventually(() => text.includes('"status":"reserved"'));
  stop.abort();
  await reading;
});

describe('what a search finds a ticket by', () => {
  const find = async (q: string, sellerId: string) =>
    ((await api().get('/api/tickets').query({ q, sellerId }).expect(200)).body as { title: string }[]).map(
      ({ title }) => title,
    );
  const kept = () => host.database('tickets').connection!.db!.collection<{ _id: string }>('tickets');

  test('is given to tickets of before by itself', async () => {
    const { id, sellerId } = await offer(seller(), { title: '東京ドーム公演', description: 'Große Bühne' });
    await kept().updateOne({ _id: id }, { $unset: { words: '' } });
    for (const q of ['公演', 'buhn grosse'])
      await eventually(async () => expect(await find(q, sellerId)).toHaveLength(1));
  });

  test('follows an edit, also one by the release before', async () => {
    const by = seller();
    const { id, sellerId } = await offer(by, { title: 'Moonlight' });
    await api().patch(`/api/tickets/${id}`).set(by).send({ title: 'Sunrise' }).expect(200);
    expect([await find('moon', sellerId), await find('sun', sellerId)]).toEqual([[], ['Sunrise']]);
    const former = formerEdits(host.database('tickets').store(ticketModel), systemClock);
    await kept().updateOne(
      { _id: id },
      { $set: { title: 'Starlight', updatedAt: new Date() }, $inc: { version: 1 } },
    );
    await former();
    expect([await find('sun', sellerId), await find('star', sellerId)]).toEqual([[], ['Starlight']]);
  });

  test('is that of what was bought, where an edit slipped in', async () => {
    const by = seller();
    const { id, sellerId } = await offer(by, { title: 'Front row' });
    await api().patch(`/api/tickets/${id}`).set(by).send({ title: 'Balcony' }).expect(200);
    const buying = 'b'.repeat(24);
    await tell(host.bus, order(id, 0, 'created', buying));
    await eventually(async () => expect(await find('front', sellerId)).toEqual(['Front row']));
    expect(await find('balcony', sellerId)).toEqual([]);
    await tell(host.bus, order(id, 1, 'cancelled', buying));
    await eventually(async () => expect(await find('balcony', sellerId)).toEqual(['Balcony']));
  });

  test('is nobody\u2019s to see', async () => {
    const { id } = await offer();
    expect((await api().get(`/api/tickets/${id}`)).body).not.toHaveProperty('words');
    expect((await api().get('/api/tickets')).body[0]).not.toHaveProperty('words');
  });
});
