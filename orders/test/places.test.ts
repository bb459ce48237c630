import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AdmissionChanged, type AdmissionState } from '@ticketing/common/contracts/admission';
import {
  EventCancelled,
  EventChanged,
  EventPublished,
  type EventState,
} from '@ticketing/common/contracts/event';
import { LIVE } from '@ticketing/common/contracts/order';
import { PaymentCreated, PaymentRefunded } from '@ticketing/common/contracts/payment';
import { placeId, placeOf } from '@ticketing/common/places';
import { systemIds } from '@ticketing/common/runtime';
import {
  bearer,
  changeStreams,
  eventually,
  movableClock,
  patiently,
  tell,
  testHost,
  type TestHost,
} from '@ticketing/common/testing';
import { orders } from '../src/service.ts';
import { eventWith, type Given, rows } from '@ticketing/common/testing-event';

const mongoUrl = process.env['TEST_MONGO_URL'] ?? '';
const clock = movableClock();
const env = {
  SWEEP_SECONDS: '1',
  UNPAID_ORDERS_LIMIT: '100',
  UNPAID_TICKETS_LIMIT: '1000',
  UNPAID_ORDERS_OF_SALE_LIMIT: '100',
};
let host: TestHost;
/** Another process over the same database: the hints are its own. */
let second: TestHost;
const told: { type: string; data: Record<string, unknown> }[] = [];
beforeAll(async () => {
  host = await testHost([orders], { mongoUrl, clock, env });
  const { databaseName } = host.database('orders').connection!.db!;
  second = await testHost([orders], {
    mongoUrl: mongoUrl.replace(/\/(\?|$)/, `/${databaseName}$1`),
    clock,
    env,
  });
  for (const subject of ['order:created', 'order:updated', 'order:cancelled', 'order:completed'])
    host.bus.subscribe({
      subject,
      group: 'test',
      handle: async (message) => void told.push(JSON.parse(message) as (typeof told)[number]),
    });
});
afterAll(async () => {
  await second.destroy();
  await host.destroy();
});

interface Answer {
  status: number;
  body: {
    id: string;
    status: string;
    reason?: string;
    version: number;
    total: number;
    items: { ticketId: string; price: number; seat?: object }[];
    detail: string;
    errors: { field: string; message: string }[];
  } & Record<string, unknown>;
}
const person = () => ({ id: systemIds.next() });
const ask = async (
  method: string,
  path: string,
  by: { id: string },
  body?: object,
  headers: object = {},
): Promise<Answer> => {
  const reply = await patiently(() =>
    fetch(`${host.url}${path}`, {
      method,
      headers: { ...bearer(by, 999_999), ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }),
  );
  const text = await reply.text();
  return { status: reply.status, body: (text ? JSON.parse(text) : {}) as Answer['body'] };
};
const published = async (given: Given = {}) => {
  const event = eventWith(given);
  await tell(host.bus, EventPublished(event));
  return event;
};
/** An order of so many places of the first tier at what it costs, unless said otherwise. */
const place = (
  event: EventState,
  by = person(),
  { line = {}, ...body }: { line?: object; code?: string; for?: string; lines?: object[] } = {},
  headers: object = {},
) => {
  const [tier] = event.tiers;
  const one = { tierId: tier!.id, price: tier!.price, ...line };
  const lines = [{ ...('places' in one ? {} : { quantity: 1 }), ...one }];
  return ask('POST', '/api/orders', by, { eventId: event.id, lines, ...body }, headers);
};
const collection = () => host.database('orders').connection!.collection('orders');
const liveOf = async (event: EventState) =>
  collection()
    .find({ saleId: event.id, status: { $in: [...LIVE] } })
    .toArray();
const placesOf = async (event: EventState) =>
  (await liveOf(event)).flatMap(({ items }) =>
    (items as { ticketId: string }[]).map(({ ticketId }) => ticketId),
  );

describe('an order of places', () => {
  test('holds so many, at the price that the buyer saw', async () => {
    const event = await published({ capacity: 10 });
    const buyer = person();
    const { status, body } = await place(event, buyer, { line: { quantity: 3 } });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: {
        status: 'created',
        total: 7500,
        saleId: event.id,
        currency: 'usd',
        event: { title: event.title },
      },
    });
    expect(body.items).toHaveLength(3);
    expect(body.items[0]).toMatchObject({
      kind: 'place',
      tierId: event.tiers[0]!.id,
      title: 'Evening of songs · Standing',
      price: 2500,
      sellerId: event.internal.ownerId,
      ticketVersion: 0,
    });
    for (const secret of ['allowances', 'slot', 'payments']) expect(body).not.toHaveProperty(secret);
    await eventually(() => told.some(({ type, data }) => type === 'order:created' && data['id'] === body.id));
  });

  test('of seats that were chosen holds those, with their names', async () => {
    const event = await published({ pools: [rows(4, 4)] });
    const poolId = event.pools[0]!.id;
    const { body } = await place(event, person(), { line: { places: [5, 6] } });
    expect(body.items).toMatchObject([
      { ticketId: placeId(poolId, 5), seat: { block: 'A', row: '2', seat: '2' } },
      { ticketId: placeId(poolId, 6), seat: { block: 'A', row: '2', seat: '3' } },
    ]);
    const again = await place(event, person(), { line: { places: [6, 7] } });
    expect(again).toMatchObject({ status: 409, body: { errors: [{ field: 'lines.0.places.0' }] } });
    const beside = await place(event, person(), { line: { quantity: 4 } });
    expect(beside.body.items.map(({ ticketId }) => ticketId)).toEqual(
      [0, 1, 2, 3].map((n) => placeId(poolId, n)),
    );
  });

  test.each([
    [{}, 'ticketIds'],
    [{ lines: [] }, 'eventId'],
    [{ eventId: systemIds.next(), lines: [] }, 'lines'],
    [{ eventId: systemIds.next(), lines: [{ tierId: systemIds.next(), quantity: 1 }] }, 'lines.0.price'],
    [
      { eventId: systemIds.next(), lines: [{ tierId: systemIds.next(), quantity: 0, price: 1 }] },
      'lines.0.quantity',
    ],
    [
      { eventId: systemIds.next(), lines: [{ tierId: systemIds.next(), places: [-1], price: 1 }] },
      'lines.0.places.0',
    ],
    [
      {
        eventId: systemIds.next(),
        lines: [{ tierId: systemIds.next(), quantity: 1, places: [1], price: 1 }],
      },
      'lines.0.places',
    ],
    [
      {
        eventId: systemIds.next(),
        lines: [{ tierId: systemIds.next(), quantity: 1, price: 1 }],
        code: 'ÄÖÜ-1',
      },
      'code',
    ],
    [{ eventId: systemIds.next(), ticketIds: [], lines: [] }, 'ticketIds'],
  ])('%j is refused by its field', async (body, field) => {
    const answer = await ask('POST', '/api/orders', person(), body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((one) => one.field)).toContain(field);
  });

  test('is refused when its price has changed, also right after the news', async () => {
    const event = await published();
    await place(event);
    const dearer = { ...event, version: 1, tiers: [{ ...event.tiers[0]!, price: 3000 }] };
    await tell(host.bus, EventChanged(dearer));
    expect((await place(dearer)).body.total).toBe(3000);
    const { status, body } = await place(event);
    expect({ status, field: body.errors[0]!.field }).toEqual({ status: 409, field: 'lines.0.price' });
  });

  test('of more than ten, of one place twice, of a place that there is not, or of one that is held back, is refused', async () => {
    const event = await published({ capacity: 20, held: [{ from: 3, to: 4 }] });
    const refused = async (line: object, status: number, field: string) =>
      expect(await place(event, person(), { line })).toMatchObject({ status, body: { errors: [{ field }] } });
    await refused({ quantity: 11 }, 400, 'lines');
    await refused({ places: [1, 1] }, 400, 'lines.0.places.1');
    await refused({ places: [20] }, 409, 'lines.0.places.0');
    await refused({ places: [1, 3] }, 409, 'lines.0.places.1');
    for (const places of [[0], [1]])
      expect((await place(event, person(), { line: { places } })).status).toBe(201);
    await refused({ quantity: 10, price: 1 }, 409, 'lines.0.price');
  });

  test('is made while its tier is on sale, of an event that is published and not over', async () => {
    const soon = new Date(clock.now().getTime() + 3600_000);
    const before = new Date(clock.now().getTime() - 3600_000);
    for (const given of [
      { tiers: [{ opensAt: soon }] },
      { tiers: [{ closesAt: before }] },
      { endsAt: before },
    ])
      expect((await place(await published(given))).status).toBe(409);
    expect((await place(await published({ tiers: [{ opensAt: before, closesAt: soon }] }))).status).toBe(201);
    const event = await published();
    expect((await place(event, { id: event.internal.ownerId })).status).toBe(403);
    expect((await place(event, person(), { line: { tierId: systemIds.next() } })).status).toBe(404);
  });

  test('under the same key is the same, also when all is sold', async () => {
    const event = await published({ capacity: 1 });
    const buyer = person();
    const headers = { 'idempotency-key': 'k1' };
    const first = await place(event, buyer, {}, headers);
    expect((await place(event, person())).body.detail).toBe('Sold out');
    expect(await place(event, buyer, {}, headers)).toEqual(first);
  });

  test('that ended frees its places', async () => {
    const event = await published({ capacity: 1 });
    const buyer = person();
    const { body } = await place(event, buyer);
    expect((await place(event)).status).toBe(409);
    expect((await ask('DELETE', `/api/orders/${body.id}`, buyer)).status).toBe(204);
    expect((await place(event)).status).toBe(201);
  });
});

describe('codes', () => {
  const tier = { id: 'a'.repeat(24), name: 'Friends', hidden: true, price: 1000 };

  test('show hidden tiers, and take off what they say', async () => {
    const event = await published({
      tiers: [{}, tier],
      codes: [
        { code: 'FRIENDS', tierIds: [tier.id] },
        { code: 'TENTH', percent: 10 },
        { code: 'FIVE-OFF', amount: 500 },
      ],
    });
    const hidden = { tierId: tier.id, price: 1000 };
    expect((await place(event, person(), { line: hidden })).status).toBe(404);
    expect((await place(event, person(), { line: hidden, code: 'TENTH' })).status).toBe(404);
    expect((await place(event, person(), { line: hidden, code: 'friends' })).status).toBe(201);
    expect((await place(event, person(), { code: 'tenth' })).body.total).toBe(2250);
    expect((await place(event, person(), { code: 'five-off', line: { price: 2000 } })).body.total).toBe(2000);
    for (const [code, field] of [
      ['NO-SUCH', 'code'],
      ['FRIENDS', 'code'],
    ])
      expect(await place(event, person(), { code: code! })).toMatchObject({
        status: 400,
        body: { errors: [{ field }] },
      });
  });

  test('that take all off make a free order, those that leave too little to charge are refused', async () => {
    const event = await published({
      codes: [
        { code: 'WHOLE', percent: 100 },
        { code: 'NEARLY', percent: 99 },
        { code: 'HALF', amount: 2475 },
      ],
    });
    expect((await place(event, person(), { code: 'WHOLE' })).body).toMatchObject({
      status: 'complete',
      total: 0,
    });
    for (const code of ['NEARLY', 'HALF'])
      expect(await place(event, person(), { code })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'lines', message: expect.stringContaining('must be at least 50 cents') }] },
      });
    // What is paid is the total.
    const two = await place(event, person(), { code: 'HALF', line: { quantity: 2 } });
    expect(two.body).toMatchObject({ status: 'created', total: 50 });
  });

  test('are not to be guessed: of a thousand tries twenty are looked at, and nobody else is refused', async () => {
    const event = await published({ capacity: 10, codes: [{ code: 'TENTH', percent: 10 }] });
    const guesser = person();
    const statuses: number[] = [];
    for (let n = 0; n < 1000; n += 10)
      statuses.push(
        ...(await Promise.all(
          Array.from({ length: 10 }, (_, m) => place(event, guesser, { code: `GUESS-${n + m}` })),
        ).then((replies) => replies.map(({ status }) => status))),
      );
    expect(statuses.filter((status) => status === 400)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(980);
    expect((await place(event, guesser, { code: 'TENTH' })).status).toBe(429);
    expect((await place(event, guesser)).status).toBe(201);
    expect((await place(event, person(), { code: 'TENTH' })).body.total).toBe(2250);
  });
});

describe('a total of nothing', () => {
  test('is complete when it is placed, and tells so', async () => {
    const event = await published({ tiers: [{ price: 0 }] });
    const buyer = person();
    const { body } = await place(event, buyer);
    expect(body).toMatchObject({ status: 'complete', version: 0, total: 0 });
    expect(body['completedAt']).toBe(body['expiresAt']);
    await eventually(() =>
      told.some(({ type, data }) => type === 'order:completed' && data['id'] === body.id),
    );
    expect(body['cancellableUntil']).toBeUndefined();
    const refused = await ask('DELETE', `/api/orders/${body.id}`, buyer);
    expect(refused).toMatchObject({
      status: 409,
      body: { detail: 'Tickets of an event are given back one by one: POST /api/admissions/returns' },
    });
    await tell(host.bus, AdmissionChanged(admissionOf(body, 0, { status: 'returned', back: 0 })));
    await eventually(async () =>
      expect((await ask('GET', `/api/orders/${body.id}`, buyer)).body).toMatchObject({
        status: 'cancelled',
        reason: 'returned',
      }),
    );
  });
});

describe('guests and the box office', () => {
  test('are for owner and managers, complete at once, also of what is held back, more than ten', async () => {
    const [manager, door] = [person(), person()];
    const event = await published({
      capacity: 30,
      held: [{ from: 0, to: 9 }],
      team: [
        { userId: manager.id, role: 'manager' },
        { userId: door.id, role: 'door' },
      ],
      tiers: [{ limit: 2 }],
    });
    const guests = { for: 'guests', line: { quantity: 12, price: 0 } };
    for (const other of [door, person()]) expect((await place(event, other, guests)).status).toBe(403);
    const held = await place(
      event,
      { id: event.internal.ownerId },
      { for: 'box-office', line: { places: [0, 1] } },
    );
    expect(held).toMatchObject({
      status: 201,
      body: { status: 'complete', total: 5000, paidElsewhere: true },
    });
    const free = await place(event, manager, guests);
    expect(free).toMatchObject({ status: 201, body: { status: 'complete', total: 0 } });
    // What is held back goes first.
    const taken = free.body.items.map(({ ticketId }) => placeOf(ticketId).number);
    expect(taken).toEqual(expect.arrayContaining([2, 3, 4, 5, 6, 7, 8, 9]));
    expect(taken).toHaveLength(12);
    const earned = await ask('GET', '/api/orders/earnings', { id: event.internal.ownerId });
    expect(earned.body).toMatchObject({ earned: 0, sold: 14 });
    expect((await place(event, manager, { ...guests, line: { quantity: 1, price: 1 } })).status).toBe(409);
    expect((await place(event, manager, { for: 'guests', line: { quantity: 101, price: 0 } })).status).toBe(
      400,
    );
    expect((await ask('DELETE', `/api/orders/${held.body.id}`, manager)).status).toBe(204);
  });
});

describe('the database decides', () => {
  /** As a crowd that comes to several processes, none of which knows of the others. */
  const crowd = async <T>(size: number, each: (n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: size }, (_, n) => each(n)));
  const anywhere = async (n: number, event: EventState, by: { id: string }, body: object) => {
    const url = n % 2 ? second.url : host.url;
    const reply = await patiently(() =>
      fetch(`${url}/api/orders`, {
        method: 'POST',
        headers: { ...bearer(by, 999_999), 'content-type': 'application/json' },
        body: JSON.stringify({ eventId: event.id, ...body }),
      }),
    );
    return { status: reply.status, body: (await reply.json()) as Answer['body'] };
  };

  test('fifty requests at once never get a fifth of four that an account may have', async () => {
    for (let round = 0; round < 4; round++) {
      const event = await published({ capacity: 200, tiers: [{ limit: 4 }] });
      // Both processes know the event, and nothing of the orders at the other.
      for (const { url } of [host, second]) await fetch(`${url}/api/orders/places?eventId=${event.id}`);
      const buyer = person();
      const lines = (n: number) => [{ tierId: event.tiers[0]!.id, quantity: 1 + (n % 4), price: 2500 }];
      const replies = await crowd(50, (n) => anywhere(n + (n >> 2), event, buyer, { lines: lines(n) }));
      expect(await placesOf(event)).toHaveLength(4);
      for (const { status, body } of replies)
        if (status !== 201) expect([status, body.errors[0]!.field]).toEqual([409, 'lines']);
    }
  });

  test('a code of a hundred uses is used a hundred times', async () => {
    const event = await published({
      capacity: 300,
      codes: [{ code: 'HUNDRED', percent: 50, uses: 100, limit: 1 }],
    });
    const lines = [{ tierId: event.tiers[0]!.id, quantity: 1, price: 2500 }];
    const replies = await crowd(140, (n) => anywhere(n, event, person(), { lines, code: 'HUNDRED' }));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(100);
    expect(await placesOf(event)).toHaveLength(100);
    for (const { status, body } of replies)
      if (status !== 201) expect([status, body.errors[0]!.field]).toEqual([409, 'code']);
  });

  test('each place is sold once, and all are', async () => {
    const event = await published({ capacity: 100 });
    const lines = [{ tierId: event.tiers[0]!.id, quantity: 1, price: 2500 }];
    const replies = await crowd(150, (n) => anywhere(n, event, person(), { lines }));
    const sold = await placesOf(event);
    expect(new Set(sold).size).toBe(sold.length);
    expect(sold.length).toBe(100);
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(100);
    for (const { status, body } of replies)
      if (status !== 201) expect([status, body.detail]).toEqual([409, 'Sold out']);
  });

  test('a seat that many choose is one’s', async () => {
    const event = await published({ capacity: 10 });
    const replies = await crowd(40, (n) =>
      anywhere(n, event, person(), { lines: [{ tierId: event.tiers[0]!.id, places: [4, 5], price: 2500 }] }),
    );
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await placesOf(event)).toHaveLength(2);
  });
});

/** What a reader of the stream is told of the pools of an event, message by message. */
function changesAt({ url }: TestHost, eventId: string) {
  const closing = new AbortController();
  let text = '';
  const reading = (async () => {
    const path = `/api/orders/places/stream?eventId=${eventId}`;
    const { body } = await fetch(`${url}${path}`, { signal: closing.signal });
    for await (const piece of body!.pipeThrough(new TextDecoderStream())) text += piece;
  })().catch(() => undefined);
  const changes = () =>
    [...text.matchAll(/^event: change\ndata: (.*)\n\n/gm)].map(
      ([, data]) => (JSON.parse(data!) as { pools: object[] }).pools,
    );
  const close = () => {
    closing.abort();
    return reading;
  };
  return { changes, close, text: () => text };
}

describe('what is left', () => {
  test('is told to anybody, without what is held back', async () => {
    const event = await published({ capacity: 20, held: [{ from: 0, to: 4 }] });
    await place(event, person(), { line: { quantity: 3 } });
    const reply = await fetch(`${host.url}/api/orders/places?eventId=${event.id}`);
    expect(await reply.json()).toEqual({
      eventId: event.id,
      pools: [{ poolId: event.pools[0]!.id, left: 12 }],
    });
    expect((await fetch(`${host.url}/api/orders/places?eventId=${'5'.repeat(24)}`)).status).toBe(404);
  });

  test('is told of many events at once, of those that are known', async () => {
    const events = [await published({ capacity: 20, held: [{ from: 0, to: 4 }] }), await published()];
    await place(events[0]!, person(), { line: { quantity: 3 } });
    const ids = [events[1]!.id, '5'.repeat(24), events[0]!.id, events[1]!.id];
    const reply = await fetch(`${host.url}/api/orders/places/counts?eventIds=${ids.join(',')}`);
    expect(await reply.json()).toEqual([
      { eventId: events[1]!.id, pools: [{ poolId: events[1]!.pools[0]!.id, left: 4, of: 4 }] },
      { eventId: events[0]!.id, pools: [{ poolId: events[0]!.pools[0]!.id, left: 12, of: 15 }] },
    ]);
  });

  test('is told of seats one by one: those that are reserved, sold or held back are gone', async () => {
    const event = await published({ pools: [rows(4, 6)], held: [{ from: 0, to: 1 }] });
    await place(event, person(), { line: { places: [3, 9] } });
    const reply = await fetch(`${host.url}/api/orders/places?eventId=${event.id}`);
    expect(await reply.json()).toEqual({
      eventId: event.id,
      pools: [
        { poolId: event.pools[0]!.id, left: 6, gone: Buffer.from([0b0000_1011, 0b10]).toString('base64') },
      ],
    });
  });
});

describe('what happens elsewhere', () => {
  test('is known here within a second, by the change stream: no look at the orders is needed', async () => {
    const event = await published({ capacity: 6 });
    const path = `/api/orders/places?eventId=${event.id}`;
    const leftAt = async ({ url }: TestHost) =>
      ((await (await fetch(`${url}${path}`)).json()) as { pools: { left: number }[] }).pools[0]!.left;
    const db = host.database('orders').connection!.db!;
    expect([await leftAt(host), await leftAt(second)]).toEqual([6, 6]);
    await eventually(async () => (await changeStreams(host.database('orders'), 'orders')).length >= 2);
    const buyer = person();
    const { body } = await place(event, buyer, { line: { quantity: 5 } });
    await eventually(async () => expect(await leftAt(second)).toBe(1));
    clock.forward(2000);
    await eventually(async () => expect(await leftAt(second)).toBe(1));
    expect((await ask('DELETE', `/api/orders/${body.id}`, buyer)).status).toBe(204);
    await eventually(async () => expect(await leftAt(second)).toBe(6));
    await eventually(async () => {
      await db.command({ profile: 0 });
      await db
        .collection('system.profile')
        .drop()
        .catch(() => undefined);
      await db.command({ profile: 2 });
      for (let n = 0; n < 20; n++) expect(await leftAt(second)).toBe(6);
      await db.command({ profile: 0 });
      const looks = { ns: `${db.databaseName}.orders`, 'command.filter.saleId': event.id };
      expect(await db.collection('system.profile').countDocuments(looks)).toBe(0);
    });
  });

  test('is told live to who looks at the event, each count once', async () => {
    const event = await published({ capacity: 6 });
    expect((await fetch(`${host.url}/api/orders/places/stream?eventId=${'5'.repeat(24)}`)).status).toBe(404);
    const { changes, close, text } = changesAt(second, event.id);
    const counts = () => changes().map(([pool]) => (pool as { left: number }).left);
    await eventually(() => expect(counts()).toEqual([6]));
    await place(event, person(), { line: { quantity: 2 } });
    await eventually(() => expect(counts()).toEqual([6, 4]));
    expect(text()).toContain('event: beat');
    await close();
  });

  test('is told live of seats: the whole to who comes, then which were taken and freed', async () => {
    const event = await published({ pools: [rows(4, 6)] });
    const poolId = event.pools[0]!.id;
    const early = changesAt(second, event.id);
    await eventually(() => expect(early.changes()).toEqual([[{ poolId, left: 10, gone: 'AAA=' }]]));
    const buyer = person();
    const { body } = await place(event, buyer, { line: { places: [3, 9] } });
    const taken = [{ poolId, left: 8, taken: [3, 9] }];
    await eventually(() => expect(early.changes()[1]).toEqual(taken));
    const late = changesAt(second, event.id);
    await eventually(() => expect(late.changes()).toEqual([[{ poolId, left: 8, gone: 'CAI=' }]]));
    expect((await ask('DELETE', `/api/orders/${body.id}`, buyer)).status).toBe(204);
    const freed = [{ poolId, left: 10, freed: [3, 9] }];
    await eventually(() => expect([early.changes()[2], late.changes()[1]]).toEqual([freed, freed]));
    await Promise.all([early.close(), late.close()]);
  });
});

describe('an event that changes', () => {
  test('is shown on its orders as it is now', async () => {
    const event = await published();
    const buyer = person();
    const { body } = await place(event, buyer);
    const startsAt = new Date(event.startsAt.getTime() + 3600_000);
    await tell(host.bus, EventChanged({ ...event, version: 1, startsAt, postponedFrom: event.startsAt }));
    const shown = {
      startsAt: startsAt.toISOString(),
      postponedFrom: event.startsAt.toISOString(),
      version: 1,
    };
    expect((await ask('GET', `/api/orders/${body.id}`, buyer)).body).toMatchObject({ event: shown });
    const list = (await ask('GET', '/api/orders', buyer)).body as unknown as { event: object }[];
    expect(list[0]!.event).toMatchObject(shown);
    expect(JSON.stringify(list)).not.toContain('internal');
  });

  test('that is cancelled ends all its orders, page by page, and says how far it is', async () => {
    const event = await published({ capacity: 300, tiers: [{ price: 0 }] });
    const owner = { id: event.internal.ownerId };
    const buyer = person();
    const [own] = await Promise.all([
      place(event, buyer),
      ...Array.from({ length: 130 }, () => place(event)),
    ]);
    await tell(host.bus, EventCancelled({ ...event, version: 1, status: 'cancelled' }));
    await eventually(async () => expect(await liveOf(event)).toHaveLength(0));
    expect((await ask('GET', `/api/orders/${own!.body.id}`, buyer)).body).toMatchObject({
      status: 'cancelled',
      reason: 'event-cancelled',
      event: { status: 'cancelled' },
    });
    // A process knows an event for a second.
    clock.forward(1100);
    expect((await place(event)).status).toBe(409);
    const path = `/api/orders/endings/${event.id}`;
    expect((await ask('GET', path, buyer)).status).toBe(403);
    await eventually(async () =>
      expect((await ask('GET', path, owner)).body).toMatchObject({ ended: 131, left: 0 }),
    );
    // Decided before the news, in the database after it.
    await collection().updateOne({ saleId: event.id }, { $set: { status: 'complete', reason: null } });
    clock.forward(11_000);
    await eventually(async () => expect((await ask('GET', path, owner)).body).toHaveProperty('doneAt'));
    await eventually(async () => expect(await liveOf(event)).toHaveLength(0));
    // And once more, until the event is over.
    await collection().updateOne({ saleId: event.id }, { $set: { status: 'complete' } });
    clock.forward(31_000);
    await eventually(async () => expect(await liveOf(event)).toHaveLength(0));
  });

  test('that is cancelled ends an order that is paid, which then is given back', async () => {
    const event = await published();
    const buyer = person();
    const { body } = await place(event, buyer);
    const at = clock.now();
    const payment = {
      id: systemIds.next(),
      version: 1,
      orderId: body.id,
      userId: buyer.id,
      amount: 2500,
      currency: 'usd',
    };
    await tell(host.bus, PaymentCreated({ ...payment, status: 'succeeded', createdAt: at, updatedAt: at }));
    await tell(host.bus, EventCancelled({ ...event, version: 1, status: 'cancelled' }));
    // By whichever process has the lease.
    await eventually(async () =>
      expect(await collection().findOne({ _id: body.id as never })).toMatchObject({
        status: 'cancelled',
        reason: 'event-cancelled',
        completedAt: expect.any(Date),
      }),
    );
    expect((await liveOf(event)).length).toBe(0);
  });

  test('shrinks: what is sold stays, nothing more is sold', async () => {
    const event = await published({ capacity: 4 });
    await place(event, person(), { line: { places: [3] } });
    const [pool] = event.pools;
    await tell(host.bus, EventChanged({ ...event, version: 1, pools: [{ ...pool!, capacity: 2 }] }));
    clock.forward(1100);
    const replies = await Promise.all(Array.from({ length: 4 }, () => place(event)));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409]);
    expect(await placesOf(event)).toContain(placeId(pool!.id, 3));
  });
});

/** The admission of one of an order's places, as `admissions` tells of it. */
const admissionOf = (
  { id, userId, items }: Answer['body'],
  n: number,
  given: Partial<AdmissionState>,
): AdmissionState => ({
  id: systemIds.next(),
  version: 1,
  eventId: systemIds.next(),
  orderId: id,
  placeId: items[n]!.ticketId,
  tierId: systemIds.next(),
  holderId: userId as string,
  status: 'valid',
  generation: 1,
  createdAt: clock.now(),
  updatedAt: clock.now(),
  ...given,
});

/** Pays an order, or says of its payment what went back. */
const paid = async (
  { id, userId, total }: Answer['body'],
  refundedAmount = 0,
  payment = systemIds.next(),
) => {
  const at = clock.now();
  const state = { id: payment, orderId: id, userId: userId as string, amount: total, currency: 'usd' };
  const told = { ...state, status: 'succeeded' as const, createdAt: at, updatedAt: at };
  await tell(host.bus, PaymentCreated({ ...told, version: 1 }));
  if (refundedAmount > 0)
    await tell(
      host.bus,
      PaymentCreated({
        ...told,
        version: 1 + refundedAmount,
        refundedAmount,
        refundedElsewhere: refundedAmount,
      }),
    );
};

describe('what is taken back of a paid order', () => {
  const takeBack = ({ id }: Answer['body'], by: { id: string }, ticketIds: string[], more: object = {}) =>
    ask('POST', `/api/orders/${id}/returns`, by, { ticketIds, ...more });
  const idsOf = ({ items }: Answer['body']) => items.map(({ ticketId }) => ticketId);
  /** An order of so many places that is paid, with who sold and who bought it. */
  const bought = async (given: Given, quantity: number, more: Parameters<typeof place>[2] = {}) => {
    const [owner, buyer] = [person(), person()];
    const event = await published({ ...given, team: [{ userId: owner.id, role: 'owner' }] });
    const { body } = await place(event, buyer, { line: { quantity }, ...more });
    const payment = systemIds.next();
    await paid(body, 0, payment);
    return { owner, buyer, event, order: body, payment };
  };

  test('leaves it with what it cost and why, and can be had again at once; a repeat changes nothing', async () => {
    const { owner, buyer, event, order, payment } = await bought({ capacity: 3, tiers: [{ limit: 3 }] }, 3);
    const [first, second_, third] = idsOf(order);
    const { status, body } = await takeBack(order, owner, [second_!], { note: 'The seat is broken' });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        status: 'complete',
        total: 7500,
        items: [{ ticketId: first }, { ticketId: third }],
        returned: [{ ticketId: second_, price: 2500, back: 2500, note: 'The seat is broken' }],
      },
    });
    expect(told.findLast(({ data }) => data['id'] === order.id)).toMatchObject({
      type: 'order:completed',
      data: { version: body.version, returned: [{ ticketId: second_, back: 2500 }] },
    });
    expect((await takeBack(order, owner, [second_!])).body.version).toBe(body.version);
    expect((await place(event, buyer, { line: { quantity: 2 } })).status).toBe(409);
    const again = await place(event, buyer);
    expect(again.body.items).toMatchObject([{ ticketId: second_ }]);
    // Late news of the one before do not free what is another's by now.
    await paid(order, 2500, payment);
    expect((await place(event)).body).toMatchObject({ status: 409, detail: 'Sold out' });
  });

  test('by its holder at `admissions` leaves it for what was decided there, once, also before its payment is heard of', async () => {
    const event = await published({ capacity: 3 });
    const { body } = await place(event, person(), { line: { quantity: 3 } });
    const [first, second_] = idsOf(body);
    const returned = admissionOf(body, 0, { status: 'returned', back: 2000 });
    await tell(host.bus, AdmissionChanged(returned));
    await paid(body);
    const now = () => ask('GET', `/api/orders/${body.id}`, { id: body['userId'] as string });
    await eventually(async () => expect((await now()).body.items).toHaveLength(2));
    await tell(host.bus, AdmissionChanged({ ...returned, version: 2 }));
    // More than it cost goes back for nothing.
    await tell(host.bus, AdmissionChanged(admissionOf(body, 1, { status: 'returned', back: 9999 })));
    await tell(host.bus, AdmissionChanged(admissionOf(body, 2, { status: 'entered' })));
    await eventually(async () => expect((await now()).body.items).toHaveLength(1));
    expect((await now()).body['returned']).toMatchObject([
      { ticketId: first, back: 2000 },
      { ticketId: second_, back: 2500 },
    ]);
  });

  test('ends the order when it is all that was left of it', async () => {
    const { owner, event, order } = await bought({ capacity: 2 }, 2);
    const [first, last] = idsOf(order);
    await takeBack(order, owner, [first!]);
    const { body } = await takeBack(order, owner, [last!]);
    expect(body).toMatchObject({
      status: 'cancelled',
      reason: 'returned',
      items: [{ ticketId: last }],
      returned: [{ ticketId: first }, { ticketId: last }],
    });
    expect(await placesOf(event)).toEqual([]);
    expect((await place(event, person(), { line: { quantity: 2 } })).status).toBe(201);
    expect((await takeBack(order, owner, [last!])).body.version).toBe(body.version);
  });

  test('leaves what was free, also when all that was paid goes back', async () => {
    const [owner, buyer] = [person(), person()];
    const event = await published({
      team: [{ userId: owner.id, role: 'owner' }],
      tiers: [{}, { name: 'Child', price: 0 }],
    });
    const lines = event.tiers.map(({ id, price }) => ({ tierId: id, price, quantity: 1 }));
    const { body } = await place(event, buyer, { lines });
    const payment = systemIds.next();
    await paid(body, 0, payment);
    await takeBack(body, owner, idsOf(body).slice(0, 1));
    const at = clock.now();
    await tell(
      host.bus,
      PaymentRefunded({
        id: payment,
        version: 9,
        orderId: body.id,
        userId: buyer.id,
        amount: 2500,
        currency: 'usd',
        status: 'refunded',
        refundedAmount: 2500,
        createdAt: at,
        updatedAt: at,
      }),
    );
    const shown = await ask('GET', `/api/orders/${body.id}`, buyer);
    expect(shown.body).toMatchObject({ status: 'complete', refundedAmount: 2500, items: [{ price: 0 }] });
    expect(await placesOf(event)).toEqual(idsOf(body).slice(1));
  });

  test('gives back what its code was used for', async () => {
    const { owner, event, order } = await bought({ codes: [{ code: 'HALF', percent: 50, uses: 2 }] }, 2, {
      code: 'HALF',
      line: { quantity: 2, price: 1250 },
    });
    const half = () => place(event, person(), { code: 'HALF', line: { price: 1250 } });
    expect((await half()).status).toBe(409);
    await takeBack(order, owner, idsOf(order).slice(1));
    expect((await half()).status).toBe(201);
    expect((await half()).status).toBe(409);
  });

  test('is for who sold it or an admin to take, of what is paid and not disputed', async () => {
    const { owner, buyer, event, order } = await bought({}, 2);
    const [first] = idsOf(order);
    const admin = { ...person(), roles: ['admin'] };
    for (const by of [buyer, person()]) expect((await takeBack(order, by, [first!])).status).toBe(403);
    const stranger = placeId('f'.repeat(16), 0);
    expect((await takeBack(order, owner, [first!, stranger])).body).toMatchObject({
      status: 400,
      errors: [{ field: 'ticketIds.1', message: `${stranger} is not in this order` }],
    });
    expect((await takeBack(order, owner, [])).body).toMatchObject({ errors: [{ field: 'ticketIds' }] });
    const unpaid = (await place(event)).body;
    expect((await takeBack(unpaid, owner, idsOf(unpaid))).status).toBe(409);
    expect((await takeBack({ ...order, id: systemIds.next() }, owner, [first!])).status).toBe(404);
    expect((await takeBack(order, admin, [first!])).status).toBe(200);
  });

  test('is not what an event or its owner earned', async () => {
    const { owner, event, order, payment } = await bought({ capacity: 9 }, 3);
    await takeBack(order, owner, idsOf(order).slice(0, 1));
    const earned = async () => {
      const { body } = await ask('GET', `/api/orders/sales?eventId=${event.id}`, owner);
      const { body: all } = await ask('GET', '/api/orders/earnings', owner);
      return [body, all].map(({ sold, earned, refunded }) => [sold, earned, refunded]);
    };
    expect(await earned()).toEqual(Array(2).fill([2, 5000, 2500]));
    await paid(order, 2500, payment);
    expect(await earned()).toEqual(Array(2).fill([2, 5000, 2500]));
    await paid(order, 3100, payment);
    expect(await earned()).toEqual(Array(2).fill([2, 4400, 3100]));
    await takeBack(order, owner, idsOf(order).slice(1));
    expect(await earned()).toEqual(Array(2).fill([0, 0, 7500]));
  });
});

describe('how an event sells', () => {
  const sales = (event: EventState, by: { id: string }, more = '') =>
    ask('GET', `/api/orders/sales?eventId=${event.id}${more}`, by);

  test('is told to its owner and managers, and to nobody else', async () => {
    const [owner, manager, door, admin] = [person(), person(), person(), { ...person(), roles: ['admin'] }];
    const event = await published({
      team: [
        { userId: owner.id, role: 'owner' },
        { userId: manager.id, role: 'manager' },
        { userId: door.id, role: 'door' },
      ],
    });
    const ask = async (by: { id: string }) => (await sales(event, by)).status;
    expect(await Promise.all([owner, manager, door, person(), admin].map(ask))).toEqual([
      200, 200, 403, 403, 200,
    ]);
    const { body } = await sales({ ...event, id: systemIds.next() }, owner);
    expect(body).toMatchObject({ status: 404 });
  });

  test('counts by tier what is sold, what is being paid, what was earned, and what went back', async () => {
    const owner = person();
    const event = await published({
      capacity: 40,
      team: [{ userId: owner.id, role: 'owner' }],
      tiers: [{}, { name: 'Box', price: 4000 }],
    });
    const [standing, box] = event.tiers;
    const of = (tier: typeof box, quantity: number, more: object = {}) => ({
      lines: [{ tierId: tier!.id, quantity, price: tier!.price, ...more }],
    });
    await paid((await place(event, person(), of(standing, 2))).body);
    clock.forward(24 * 3600_000 * 2);
    const moved = { ...event, version: 1, endsAt: new Date(clock.now().getTime() + 24 * 3600_000) };
    await tell(host.bus, EventChanged(moved));
    clock.forward(1100);
    const both = await place(event, person(), { lines: [...of(standing, 1).lines, ...of(box, 1).lines] });
    await paid(both.body, 650);
    await place(event, person(), of(box, 3));
    await place(event, owner, { ...of(box, 2, { price: 0 }), for: 'guests' });
    await place(event, owner, { ...of(standing, 3), for: 'box-office' });
    const undone = await place(event, person(), of(standing, 4));
    await paid(undone.body);
    expect((await ask('DELETE', `/api/orders/${undone.body.id}`, owner)).status).toBe(204);
    const expired = person();
    const { body: unpaid } = await place(event, expired, of(box, 1));
    expect((await ask('DELETE', `/api/orders/${unpaid.id}`, expired)).status).toBe(204);
    const other = await published();
    await place(other);

    const { body } = await sales(event, owner);
    const { days, ...all } = body as unknown as { days: { date: string; amount: number; sold: number }[] };
    expect(all).toEqual({
      eventId: event.id,
      currency: 'usd',
      zone: 'Europe/Zurich',
      sold: 9,
      held: 3,
      earned: 5000 + 2250 + 3600,
      elsewhere: 7500,
      refunded: 650 + 10_000,
      tiers: [
        { tierId: standing!.id, sold: 6, held: 0, earned: 5000 + 2250, elsewhere: 7500 },
        { tierId: box!.id, sold: 3, held: 3, earned: 3600, elsewhere: 0 },
      ],
      // What the team placed is among those that are complete, and so is what was paid and given up.
      orders: { complete: 5, unpaid: 1, ended: 1 },
      codes: [],
    });
    expect(days.map(({ amount, sold }) => [amount, sold])).toEqual([
      [5000, 2],
      [5850, 7],
    ]);
    expect((await sales(event, owner, '&days=1')).body['days']).toEqual(days.slice(1));
  });

  test('says how far its codes are used, of what is held, sold, and not of what was let go', async () => {
    const owner = person();
    const event = await published({
      capacity: 40,
      endsAt: new Date(clock.now().getTime() + 24 * 3600_000),
      team: [{ userId: owner.id, role: 'owner' }],
      codes: [
        { code: 'EARLY', percent: 10, uses: 20 },
        { code: 'FRIENDS', percent: 20 },
      ],
    });
    const coded = (by: { id: string }, quantity: number) =>
      place(event, by, { line: { quantity }, code: 'EARLY' });
    const first = await coded(person(), 3);
    expect(first).toMatchObject({ status: 201 });
    await paid(first.body);
    await coded(person(), 2);
    const gone = person();
    const { body } = await coded(gone, 4);
    await ask('DELETE', `/api/orders/${body.id}`, gone);
    await eventually(async () =>
      expect((await sales(event, owner)).body['codes']).toEqual([
        { codeId: event.internal.codes[0]!.id, used: 5, of: 20 },
      ]),
    );
  });
});
