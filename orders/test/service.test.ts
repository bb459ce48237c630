import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ExpirationComplete } from '@ticketing/common/contracts/expiration';
import {
  PaymentCreated,
  PaymentFailed,
  PaymentRefunded,
  type MoneyBack,
  PaymentStarted,
} from '@ticketing/common/contracts/payment';
import { TicketCreated, TicketDeleted, TicketUpdated } from '@ticketing/common/contracts/ticket';
import { numberOf } from '@ticketing/common/number';
import { envelope } from '@ticketing/common/record';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, eventually, movableClock, tell, testHost, type TestHost } from '@ticketing/common/testing';
import request from 'supertest';
import { orders } from '../src/service.ts';

let host: TestHost;
const movable = movableClock();
let onSleep: (ms: number) => void = () => undefined;
const clock = {
  ...movable,
  sleep(ms: number, signal?: AbortSignal) {
    onSleep(ms);
    return movable.sleep(ms, signal);
  },
};
const events: { type: string; data: Record<string, unknown> }[] = [];
beforeAll(async () => {
  host = await testHost([orders], {
    mongoUrl: process.env['TEST_MONGO_URL'] ?? '',
    clock,
    env: { SWEEP_SECONDS: '1', BUYER_CANCEL_SECONDS: '600', SEEN_REQUIRED: 'on' },
  });
  for (const subject of ['order:created', 'order:updated', 'order:cancelled', 'order:completed']) {
    const handle = async (message: string) =>
      void events.push(JSON.parse(message) as (typeof events)[number]);
    host.bus.subscribe({ subject, group: 'test', handle });
  }
});
afterAll(() => host.destroy());

const api = () => request(host.url);
const person = (roles?: ('user' | 'admin')[]) => {
  const id = systemIds.next();
  return { id, headers: bearer({ id, ...(roles && { roles }) }, 999_999) };
};
const state = (
  fields: {
    id?: string;
    version?: number;
    price?: number;
    currency?: string;
    saleId?: string;
    sellerId?: string;
  } = {},
) => {
  const id = fields.id ?? systemIds.next();
  const at = clock.now();
  return {
    version: 0,
    title: 'Front row',
    price: 2500,
    currency: 'usd',
    sellerId: systemIds.next(),
    createdAt: at,
    updatedAt: at,
    saleId: id,
    ...fields,
    id,
  };
};
const onSale = async (fields: Parameters<typeof state>[0] = {}) => {
  const ticket = state(fields);
  await tell(host.bus, TicketCreated(ticket));
  return ticket;
};
const place = (
  by: ReturnType<typeof person>,
  ticketIds: string[],
  {
    key,
    seen = ticketIds.map((ticketId) => ({ ticketId, version: 0 })),
  }: { key?: string; seen?: object[] } = {},
) => {
  const asked = api().post('/api/orders').set(by.headers);
  return (key === undefined ? asked : asked.set('Idempotency-Key', key)).send({ ticketIds, seen });
};
const placed = async (by = person(), ticket = state()) => {
  await tell(host.bus, TicketCreated(ticket));
  const { body } = await place(by, [ticket.id]).expect(201);
  return { by, ticket, id: body.id as string, body };
};
const read = async (by: ReturnType<typeof person>, id: string) =>
  (await api().get(`/api/orders/${id}`).set(by.headers).expect(200)).body;
const payment = (
  type: typeof PaymentStarted,
  version: number,
  order: { id: string },
  id = systemIds.next(),
  more: MoneyBack & { challenged?: boolean } = {},
) => {
  const status =
    { 'payment:started': 'started', 'payment:created': 'succeeded', 'payment:failed': 'failed' }[
      type.subject
    ] ?? 'refunded';
  const at = clock.now();
  return tell(
    host.bus,
    type({
      id,
      version,
      orderId: order.id,
      userId: systemIds.next(),
      amount: 2500,
      currency: 'usd',
      status: status as 'started',
      createdAt: at,
      updatedAt: at,
      ...more,
    }),
  );
};

describe('placing an order', () => {
  test('reserves the ticket for a quarter of an hour and tells so', async () => {
    const by = person();
    const ticket = await onSale();
    const { body, headers } = await place(by, [ticket.id]).expect(201);
    expect(headers).toMatchObject({ etag: '"0"', location: `/api/orders/${body.id}` });
    expect(body).toMatchObject({
      version: 0,
      status: 'created',
      total: 2500,
      currency: 'usd',
      userId: by.id,
      items: [
        { ticketId: ticket.id, ticketVersion: 0, title: 'Front row', price: 2500, sellerId: ticket.sellerId },
      ],
    });
    expect(Math.abs(Date.parse(body.expiresAt) - Date.parse(body.createdAt) - 900_000)).toBeLessThan(1000);
    for (const secret of ['pending', 'payments', 'idempotencyKey', 'requestHash'])
      expect(body).not.toHaveProperty(secret);
    expect(await read(by, body.id)).toEqual(body);
    const told = await eventually(() => events.find(({ data }) => data['id'] === body.id) ?? false);
    const { number, ...state } = body;
    expect(told).toMatchObject({ type: 'order:created', data: state });
    expect(number).toBe(numberOf(body.id));
  });

  test('takes all tickets or none, and names those that are gone', async () => {
    const seller = person().id;
    const [a, b, c] = [await onSale({ sellerId: seller }), state(), state()];
    await onSale({ ...b, saleId: a.saleId });
    await onSale({ ...c, saleId: a.saleId });
    await place(person(), [b.id]).expect(201);
    const loser = await place(person(), [a.id, b.id]).expect(409);
    expect(loser.headers['content-type']).toBe('application/problem+json');
    expect(loser.body).toMatchObject({ detail: 'Already reserved', errors: [{ field: 'ticketIds.1' }] });
    expect(loser.body.errors[0].message).toContain(b.id);
    const both = await place(person(), [a.id, c.id]).expect(201);
    expect(both.body).toMatchObject({ total: 5000, saleId: a.saleId });
  });

  test.each([
    [[], 'ticketIds'],
    [Array.from({ length: 11 }, () => systemIds.next()), 'ticketIds'],
    [['a'.repeat(24), 'a'.repeat(24)], 'ticketIds'],
    [['nonsense'], 'ticketIds.0'],
    [{ $gt: '' }, 'ticketIds'],
  ])('of %j is refused', async (ticketIds, field) => {
    const { body } = await place(person(), ticketIds as string[], { seen: [] }).expect(400);
    expect(body.errors[0].field).toBe(field);
  });

  test('of tickets of two sales is refused, naming the odd one', async () => {
    const { body } = await place(person(), [(await onSale()).id, (await onSale()).id]).expect(400);
    expect(body.errors).toMatchObject([{ field: 'ticketIds.1' }]);
  });

  test("of one's own ticket is refused, naming it, and nothing is reserved or earned", async () => {
    const seller = person();
    const [own, other] = [await onSale({ sellerId: seller.id }), state()];
    await onSale({ ...other, saleId: own.saleId });
    const { body } = await place(seller, [other.id, own.id]).expect(403);
    expect(body).toMatchObject({
      detail: 'You cannot buy your own ticket',
      errors: [{ field: 'ticketIds.1', message: `${own.id} is your own` }],
    });
    await place(person(), [own.id, other.id]).expect(201);
  });

  test('is for those who are signed in', () =>
    api()
      .post('/api/orders')
      .send({ ticketIds: [systemIds.next()] })
      .expect(401));

  test('is refused when the price or version that the buyer saw has moved', async () => {
    const ticket = await onSale();
    await tell(host.bus, TicketUpdated({ ...ticket, version: 1, price: 3000 }));
    for (const seen of [{ price: 2500 }, { version: 0 }, { price: 3000, version: 0 }]) {
      const { body } = await place(person(), [ticket.id], {
        seen: [{ ticketId: ticket.id, ...seen }],
      }).expect(409);
      expect(body.errors).toMatchObject([{ field: 'seen' }]);
    }
    const seen = [{ ticketId: ticket.id, price: 3000, version: 1 }];
    expect((await place(person(), [ticket.id], { seen }).expect(201)).body.total).toBe(3000);
  });

  test('that does not say of each ticket what the buyer saw is refused, where it is required', async () => {
    const [a, b] = [await onSale(), await onSale()];
    const [one, other] = [{ ticketId: a.id, price: 2500 }, { ticketId: b.id }];
    for (const [seen, missing] of [
      [[], [a, b]],
      [[one], [b]],
      [[one, other], [b]],
    ] as const) {
      const { body } = await place(person(), [a.id, b.id], { seen: [...seen] }).expect(400);
      expect(body.errors).toEqual(
        missing.map(({ id }) => ({
          field: 'seen',
          message: `must hold the price or the version of ${id} that you saw`,
        })),
      );
    }
  });

  test('and is taken elsewhere for one release, counted, and told that it ends', async () => {
    const lenient = await testHost([orders], { mongoUrl: process.env['TEST_MONGO_URL'] ?? '', clock });
    try {
      const ticket = state();
      await tell(lenient.bus, TicketCreated(ticket));
      const counted = async () =>
        /^ticketing_orders_unseen_total (\d+)$/m.exec(
          (await request(lenient.operationalUrl).get('/metrics')).text,
        )?.[1];
      const asked = (body: object) =>
        request(lenient.url)
          .post('/api/orders')
          .set(person().headers)
          .send({ ticketIds: [ticket.id], ...body });
      const { headers } = await asked({}).expect(201);
      expect(headers).toMatchObject({
        deprecation: expect.stringMatching(/^@\d{10}$/),
        sunset: expect.any(String),
      });
      expect(Date.parse(headers['sunset']!)).toBeGreaterThan(Number(headers['deprecation']!.slice(1)) * 1000);
      expect(await counted()).toBe('1');
      const seeing = await asked({ seen: [{ ticketId: ticket.id, version: 0 }] }).expect(409);
      expect(seeing.headers).not.toHaveProperty('deprecation');
      expect(await counted()).toBe('1');
    } finally {
      await lenient.destroy();
    }
  });
});

describe('reading your own writes', () => {
  test('a ticket that was offered just now is waited for', async () => {
    const ticket = state();
    const waiting = new Promise<void>((resolve) => {
      onSleep = (ms) => ms === 25 && resolve();
    });
    const answered = place(person(), [ticket.id]).then(({ status }) => status);
    await waiting;
    await tell(host.bus, TicketCreated(ticket));
    expect(await answered).toBe(201);
  });

  test('one that may still be on its way is 503 with Retry-After, one that never was is 404', async () => {
    const { headers } = await place(person(), [systemIds.next()]).expect(503);
    expect(headers['retry-after']).toBe('1');
    const old = `50000000${systemIds.next().slice(8)}`;
    const { body } = await place(person(), [old]).expect(404);
    expect(body.detail).toContain(old);
  });

  test.each([-4, 4])(
    'one whose id is from a clock %i minutes off may still be on its way',
    async (minutes) => {
      const made = Math.floor(clock.now().getTime() / 1000) + minutes * 60;
      await place(person(), [made.toString(16) + systemIds.next().slice(8)]).expect(503);
    },
  );

  test('a withdrawn ticket is no longer on sale', async () => {
    const ticket = await onSale();
    await tell(host.bus, TicketDeleted({ ...ticket, version: 1, deletedAt: clock.now() }));
    const { body } = await place(person(), [ticket.id]).expect(404);
    expect(body.errors).toMatchObject([{ field: 'ticketIds.0' }]);
  });
});

describe('an idempotency key', () => {
  test('gives the same answer to the same request, though the ticket is now taken by it', async () => {
    const by = person();
    const { id } = await onSale();
    const first = await place(by, [id], { key: 'k1' }).expect(201);
    const again = await place(by, [id], { key: 'k1' }).expect(201);
    expect(again.body).toEqual(first.body);
    expect((await api().get('/api/orders').set(by.headers)).body).toHaveLength(1);
  });

  test('gives it even when the order is over, the price has moved or the ticket is gone', async () => {
    const by = person();
    const ticket = await onSale();
    const seen = [{ ticketId: ticket.id, price: 2500 }];
    const { body } = await place(by, [ticket.id], { key: 'k1', seen }).expect(201);
    await api().delete(`/api/orders/${body.id}`).set(by.headers).expect(204);
    await tell(host.bus, TicketUpdated({ ...ticket, version: 1, price: 3000 }));
    expect((await place(by, [ticket.id], { key: 'k1', seen }).expect(201)).body.id).toBe(body.id);
    await place(by, [ticket.id], { key: 'k1', seen: [] }).expect(409);
    await tell(host.bus, TicketDeleted({ ...ticket, version: 2, deletedAt: clock.now() }));
    expect((await place(by, [ticket.id], { key: 'k1', seen }).expect(201)).body.id).toBe(body.id);
  });

  test('with another body is refused', async () => {
    const by = person();
    const [a, b] = [await onSale(), await onSale()];
    await place(by, [a.id], { key: 'k1' }).expect(201);
    for (const asked of [
      place(by, [b.id], { key: 'k1' }),
      place(by, [a.id], { key: 'k1', seen: [{ ticketId: a.id, price: 2500 }] }),
    ]) {
      expect((await asked.expect(409)).body.errors).toMatchObject([{ field: 'idempotency-key' }]);
    }
  });

  test('is of one user', async () => {
    await place(person(), [(await onSale()).id], { key: 'shared' }).expect(201);
    await place(person(), [(await onSale()).id], { key: 'shared' }).expect(201);
  });

  test('makes one order of ten requests at once', async () => {
    const by = person();
    const { id } = await onSale();
    const replies = await Promise.all(Array.from({ length: 10 }, () => place(by, [id], { key: 'k1' })));
    expect(new Set(replies.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(replies[0]!.status).toBe(201);
  });

  test('grants one of several requests at once that differ', async () => {
    const by = person();
    const tickets = await Promise.all(Array.from({ length: 10 }, () => onSale()));
    const replies = await Promise.all(tickets.map(({ id }) => place(by, [id], { key: 'k1' })));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
  });

  test.each([' ', 'a b', 'x'.repeat(256), 'ü'])('%j is none', async (key) => {
    const asked = await fetch(`${host.url}/api/orders`, {
      method: 'POST',
      headers: { ...person().headers, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ ticketIds: [systemIds.next()] }),
    });
    if (key.trim() === '') return; // an empty header may be taken as none
    expect(asked.status).toBe(400);
    expect(await asked.json()).toMatchObject({ errors: [{ field: 'idempotency-key' }] });
  });
});

describe('reading orders', () => {
  test('is for the buyer, the seller and admins', async () => {
    const { id, ticket, by } = await placed();
    const url = `/api/orders/${id}`;
    await api().get(url).expect(401);
    await api().get(url).set(by.headers).expect(200);
    await api()
      .get(url)
      .set(bearer({ id: ticket.sellerId }, 999_999))
      .expect(200);
    await api()
      .get(url)
      .set(person(['admin']).headers)
      .expect(200);
    await api().get(url).set(person().headers).expect(403);
    await api().get(`/api/orders/${systemIds.next()}`).set(by.headers).expect(404);
  });

  test('lists your own, newest first, by status, page by page', async () => {
    const by = person();
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.unshift((await placed(by)).id);
    await placed();
    await api().delete(`/api/orders/${ids[1]}`).set(by.headers).expect(204);
    const list = async (query: object) =>
      (await api().get('/api/orders').set(by.headers).query(query).expect(200)).body.map(
        ({ id }: { id: string }) => id,
      );
    expect(await list({})).toEqual(ids);
    expect(await list({ status: 'cancelled' })).toEqual([ids[1]]);
    const first = await api().get('/api/orders').set(by.headers).query({ limit: 2 });
    const next = /<(.+)>/.exec(first.headers['link'] as string)![1]!;
    expect((await api().get(next).set(by.headers)).body).toMatchObject([{ id: ids[2] }]);
    await api().get('/api/orders').expect(401);
  });
});

describe('while payers wait long for a place at `payments`', () => {
  /** So many payments end, of which `payments` tells with it that there is hardly room. */
  const end = async (times: number, type: typeof PaymentCreated = PaymentCreated) => {
    const at = clock.now();
    for (let n = 0; n < times; n++) {
      const { id, by } = unpaid.pop()!;
      const paid = { id: systemIds.next(), version: 1, orderId: id, userId: by.id, amount: 2500 };
      const status = type === PaymentCreated ? 'succeeded' : 'failed';
      const draft = type({ ...paid, currency: 'usd', status, createdAt: at, updatedAt: at });
      const event = { ...envelope(draft, { source: '/payments' }, at), congested: true };
      await host.bus.publish(draft.type, JSON.stringify(event));
    }
  };
  const unpaid: { id: string; by: ReturnType<typeof person> }[] = [];
  /** How many orders are made until one is refused, and what that one is told. */
  const untilRefused = async () => {
    for (let made = 0; ; made++) {
      const { status, body, headers } = await place(person(), [(await onSale()).id]);
      if (status !== 201) return { made, status, detail: body.detail, again: headers['retry-after'] };
    }
  };

  test.each([
    ['end', PaymentCreated],
    ['fail', PaymentFailed],
  ] as const)(
    'fewer orders are made than payments %s, for two seconds; who repeats a request has its answer',
    async (_how, type) => {
      for (let n = 0; n < 9; n++) unpaid.push(await placed());
      const [by, ticket] = [person(), await onSale()];
      const { body } = await place(by, [ticket.id], { key: 'early' }).expect(201);
      using _ = movable.still();
      await end(1, type);
      const first = await untilRefused();
      expect(first).toMatchObject({ status: 503, detail: expect.stringMatching(/paying/), again: '2' });
      await end(8, type);
      const { made } = await untilRefused();
      // Each is heard of at least once, and may be twice.
      expect(first.made + made).toBeGreaterThanOrEqual(7);
      expect(first.made + made).toBeLessThanOrEqual(2 * 9);
      expect((await place(by, [ticket.id], { key: 'early' }).expect(201)).body.id).toBe(body.id);
      movable.forward(2000);
      await place(person(), [(await onSale()).id]).expect(201);
    },
  );
});

describe('an order that is not paid', () => {
  test('is over when its time is, with or without a timer, and its ticket is for the next', async () => {
    using _ = clock.still();
    const { id, ticket, by } = await placed();
    clock.forward(899_000);
    await tell(host.bus, ExpirationComplete({ orderId: id, expiresAt: clock.now() }));
    expect(await read(by, id)).toMatchObject({ status: 'created' });
    clock.forward(2_000);
    await eventually(async () =>
      expect(await read(by, id)).toMatchObject({ status: 'cancelled', reason: 'expired' }),
    );
    await eventually(() => events.some(({ type, data }) => type === 'order:cancelled' && data['id'] === id));
    await place(person(), [ticket.id]).expect(201);
  });

  test('is over at once when the timer says so', async () => {
    const { id, by } = await placed();
    clock.forward(900_001);
    await tell(host.bus, ExpirationComplete({ orderId: id, expiresAt: clock.now() }));
    expect(await read(by, id)).toMatchObject({ status: 'cancelled', reason: 'expired', version: 1 });
  });

  test('gets its grace once while a payment is in progress', async () => {
    using _ = clock.still();
    const { id, by, body } = await placed();
    await payment(PaymentStarted, 0, { id });
    expect(await read(by, id)).toMatchObject({ status: 'awaiting:payment' });
    clock.forward(901_000);
    const extended = await eventually(async () => {
      const now = await read(by, id);
      return now.expiresAt !== body.expiresAt && now;
    });
    expect(extended).toMatchObject({ status: 'awaiting:payment', extended: true });
    expect(Date.parse(extended.expiresAt) - Date.parse(body.expiresAt)).toBe(15_000);
    clock.forward(15_000);
    await eventually(async () =>
      expect(await read(by, id)).toMatchObject({ status: 'cancelled', reason: 'expired' }),
    );
  });
});

describe('an order whose buyer was sent to the bank', () => {
  test('is held for as long as that may take, and says so at once; then it is over', async () => {
    using _ = clock.still();
    const { id, by } = await placed();
    const paymentId = systemIds.next();
    await payment(PaymentStarted, 0, { id }, paymentId);
    clock.forward(890_000);
    const sent = clock.now().getTime();
    await payment(PaymentStarted, 2, { id }, paymentId, { challenged: true });
    const held = await read(by, id);
    expect(held.status).toBe('awaiting:payment');
    expect(Date.parse(held.expiresAt)).toBeGreaterThanOrEqual(sent + 600_000);
    expect(Date.parse(held.expiresAt)).toBeLessThanOrEqual(clock.now().getTime() + 600_000);
    for (const secret of ['atBank', 'slot']) expect(held).not.toHaveProperty(secret);
    await eventually(() =>
      events.some(({ data }) => data['id'] === id && data['expiresAt'] === held.expiresAt),
    );
    clock.forward(598_000);
    await tell(host.bus, ExpirationComplete({ orderId: id, expiresAt: clock.now() }));
    expect(await read(by, id)).toMatchObject({ status: 'awaiting:payment', expiresAt: held.expiresAt });
    // The bank's yes may be on its way: the grace, once.
    clock.forward(18_000);
    await eventually(async () =>
      expect(await read(by, id)).toMatchObject({ status: 'cancelled', reason: 'expired' }),
    );
  });

  test('is complete when the bank says yes after the time of the hold', async () => {
    const { id, by } = await placed();
    const paymentId = systemIds.next();
    clock.forward(890_000);
    await payment(PaymentStarted, 2, { id }, paymentId, { challenged: true });
    clock.forward(500_000);
    await tell(host.bus, ExpirationComplete({ orderId: id, expiresAt: clock.now() }));
    await payment(PaymentCreated, 3, { id }, paymentId, { challenged: true });
    expect((await read(by, id)).status).toBe('complete');
  });
});

describe('paying', () => {
  test('completes an order, and a repeated or late event changes nothing more', async () => {
    const { id, by } = await placed();
    const paymentId = systemIds.next();
    await payment(PaymentCreated, 1, { id }, paymentId);
    const complete = await read(by, id);
    expect(complete.status).toBe('complete');
    await payment(PaymentStarted, 0, { id }, paymentId);
    await payment(PaymentCreated, 1, { id }, paymentId);
    expect(await read(by, id)).toEqual(complete);
    clock.forward(1_000_000);
    await tell(host.bus, ExpirationComplete({ orderId: id, expiresAt: clock.now() }));
    expect((await read(by, id)).status).toBe('complete');
  });

  test('that failed leaves the order payable', async () => {
    const { id, by } = await placed();
    const paymentId = systemIds.next();
    await payment(PaymentStarted, 0, { id }, paymentId);
    await payment(PaymentFailed, 1, { id }, paymentId);
    expect((await read(by, id)).status).toBe('created');
  });

  test('is news to others only where it changes what they know of the order', async () => {
    const { id, by } = await placed();
    await payment(PaymentFailed, 1, { id });
    expect(await read(by, id)).toMatchObject({ status: 'created', version: 1 });
    await payment(PaymentCreated, 1, { id });
    await payment(PaymentFailed, 1, { id });
    expect(await read(by, id)).toMatchObject({ status: 'complete', version: 3 });
    await api().delete(`/api/orders/${id}`).set(by.headers).expect(204);
    await payment(PaymentStarted, 0, { id });
    const told = () => events.filter(({ data }) => data['id'] === id).map(({ data }) => data['version']);
    await eventually(() => expect(told()).toEqual([0, 2, 4]));
    expect(await read(by, id)).toMatchObject({ status: 'cancelled', version: 5 });
  });

  test('of an order that is not known yet waits in the inbox until it is', async () => {
    const orderId = systemIds.next();
    await payment(PaymentStarted, 0, { id: orderId });
    const inbox = host.database('orders').connection!.collection('inbox');
    await eventually(async () => (await inbox.countDocuments({ status: 'waiting' })) > 0);
    await inbox.deleteMany({});
  });
});

const cancel = (who: { headers: Record<string, string> }, id: string) =>
  api().delete(`/api/orders/${id}`).set(who.headers);

describe('cancelling', () => {
  test('an unpaid order is for its buyer; again is the same', async () => {
    const { id, by, ticket } = await placed();
    await api().delete(`/api/orders/${id}`).expect(401);
    await cancel(person(), id).expect(403);
    await cancel({ headers: bearer({ id: ticket.sellerId }, 999_999) }, id).expect(409);
    await cancel(by, id).expect(204);
    await cancel(by, id).expect(204);
    expect(await read(by, id)).toMatchObject({ status: 'cancelled', reason: 'buyer', version: 1 });
    await cancel(by, systemIds.next()).expect(404);
    await place(person(), [ticket.id]).expect(201);
  });

  test('a paid order is for its buyer within the time, then for its seller and admins; it ends refunded', async () => {
    using _ = clock.still();
    const paid = async () => {
      const order = await placed();
      const paymentId = systemIds.next();
      await payment(PaymentCreated, 1, order, paymentId);
      return { ...order, paymentId };
    };
    const soon = await paid();
    clock.forward(599_000);
    await cancel(soon.by, soon.id).expect(204);
    expect(await read(soon.by, soon.id)).toMatchObject({ status: 'cancelled', reason: 'buyer' });
    await payment(PaymentRefunded, 2, soon, soon.paymentId);
    expect((await read(soon.by, soon.id)).status).toBe('refunded');

    const late = await paid();
    clock.forward(602_000);
    expect((await cancel(late.by, late.id).expect(409)).body.detail).toContain('only its seller');
    await cancel({ headers: bearer({ id: late.ticket.sellerId }, 999_999) }, late.id).expect(204);
    expect(await read(late.by, late.id)).toMatchObject({ status: 'cancelled', reason: 'seller' });

    const third = await paid();
    await cancel(person(['admin']), third.id).expect(204);
    expect(await read(third.by, third.id)).toMatchObject({ status: 'cancelled', reason: 'admin' });
  });
});

test('a paid order says until when its buyer may cancel it, in a list and for its seller too; others do not', async () => {
  using _ = clock.still();
  const { by, id, ticket, body } = await placed();
  expect(body).not.toHaveProperty('cancellableUntil');
  await payment(PaymentCreated, 1, { id });
  const until = new Date(clock.now().getTime() + 600_000).toISOString();
  const seller = { id: ticket.sellerId, headers: bearer({ id: ticket.sellerId }, 999_999) };
  expect(await read(by, id)).toMatchObject({ status: 'complete', cancellableUntil: until });
  expect(await read(seller, id)).toMatchObject({ cancellableUntil: until });
  expect((await api().get('/api/orders').set(by.headers)).body[0]).toMatchObject({ cancellableUntil: until });
  await cancel(by, id).expect(204);
  expect(await read(by, id)).not.toHaveProperty('cancellableUntil');
});

test('one asks for the order that has a ticket, and for what is to be paid', async () => {
  const by = person();
  const [open, paid, over] = [await placed(by), await placed(by), await placed(by)];
  await payment(PaymentCreated, 1, paid);
  await cancel(by, over.id).expect(204);
  const ids = async (query: string, who = by) =>
    (await api().get(`/api/orders?${query}`).set(who.headers).expect(200)).body.map(
      ({ id }: { id: string }) => id,
    );
  expect(await ids('status=unpaid')).toEqual([open.id]);
  expect(await ids(`ticketId=${open.ticket.id}`)).toEqual([open.id]);
  expect(await ids(`ticketId=${paid.ticket.id}`)).toEqual([paid.id]);
  expect(await ids(`ticketId=${paid.ticket.id}&status=unpaid`)).toEqual([]);
  for (const ticketId of [over.ticket.id, systemIds.next()])
    expect(await ids(`ticketId=${ticketId}`)).toEqual([]);
  expect(await ids(`ticketId=${open.ticket.id}`, person())).toEqual([]);
});

test('an order is found by the number that a person reads out, by those whose it is', async () => {
  const { by, id, ticket, body } = await placed();
  expect(body.number).toBe(numberOf(id));
  const seller = { id: ticket.sellerId, headers: bearer({ id: ticket.sellerId }, 999_999) };
  for (const who of [by, seller, person(['admin'])])
    expect(
      await read(who, encodeURIComponent(` ${body.number.toLowerCase().replace('-', ' ')}`)),
    ).toMatchObject({ id });
  const ask = (path: string) => api().get(`/api/orders/${path}`).set(person().headers);
  await ask(body.number).expect(404);
  await ask('ZZZZZ-ZZZZZ').expect(404);
  expect((await ask('3D4VR-6HK2').expect(400)).body.errors[0].field).toBe('id');
});

test('a ticket withdrawn in the moment it was reserved ends the order, and says why', async () => {
  const { id, by, ticket } = await placed();
  await tell(host.bus, TicketDeleted({ ...ticket, version: 1, deletedAt: clock.now() }));
  expect(await read(by, id)).toMatchObject({ status: 'cancelled', reason: 'ticket-withdrawn' });
});

test('an order is watched by its buyer alone', async () => {
  const [by, other] = [person(), person()];
  const stop = new AbortController();
  const texts = await Promise.all(
    [by, other].map(async ({ headers }) => {
      const response = await fetch(`${host.url}/api/orders/stream`, { headers, signal: stop.signal });
      const seen = { text: '' };
      void (async () => {
        for await (const chunk of response.body!) seen.text += Buffer.from(chunk as Uint8Array).toString();
      })().catch(() => undefined);
      return seen;
    }),
  );
  const { id } = await placed(by);
  const { id: second } = await placed(other);
  await eventually(() => texts[0]!.text.includes(id) && texts[1]!.text.includes(second));
  expect(texts[0]!.text).not.toContain(second);
  expect(texts[1]!.text).not.toContain(id);
  expect(texts[0]!.text).not.toContain('requestHash');
  await api().get('/api/orders/stream').expect(401);
  stop.abort();
});

test.each(['bearer', 'cookie'])('a stream of orders ends when the token of its %s does', async (kind) => {
  const ahead = (clock.now().getTime() - Date.now()) / 1000;
  const headers = bearer({ id: systemIds.next() }, Math.ceil(ahead) + 60);
  const session = JSON.stringify({ jwt: headers.authorization.slice('Bearer '.length) });
  const response = await fetch(`${host.url}/api/orders/stream`, {
    headers:
      kind === 'bearer'
        ? headers
        : { cookie: `ticketing-session=${Buffer.from(session).toString('base64')}` },
  });
  expect(response.status).toBe(200);
  let ended = false;
  const reading = response.text().then(() => (ended = true));
  await clock.sleep(600);
  expect(ended).toBe(false);
  clock.forward(61_000);
  await reading;
});

describe('selling', () => {
  const sale = async (seller: string, price = 2500, currency = 'usd') => {
    const order = await placed(person(), state({ sellerId: seller, price, currency }));
    const paymentId = systemIds.next();
    await payment(PaymentCreated, 1, order, paymentId);
    return { ...order, paymentId };
  };
  const get = async (path: string, who: ReturnType<typeof person>) =>
    (await api().get(path).set(who.headers).expect(200)).body;
  const today = () => clock.now().toISOString().slice(0, 10);

  test('a seller sees the orders of their tickets, newest first, by status, page by page', async () => {
    const seller = person();
    const list = async (query: string) =>
      (await get(`/api/orders?${query}`, seller)).map(({ id }: { id: string }) => id);
    const first = await sale(seller.id);
    const second = await placed(person(), state({ sellerId: seller.id }));
    const third = await sale(seller.id);
    await placed(seller);
    expect(await list('as=seller')).toEqual([third.id, second.id, first.id]);
    expect(await list('as=seller&status=complete')).toEqual([third.id, first.id]);
    expect(await list('as=buyer')).toHaveLength(1);
    expect(await list('')).toHaveLength(1);
    expect(await get('/api/orders?as=seller', second.by)).toEqual([]);
    const { headers } = await api().get('/api/orders?as=seller&limit=2').set(seller.headers);
    const next = /<(.+)>/.exec(headers['link'] as string)![1]!;
    expect(await get(next, seller)).toMatchObject([{ id: first.id }]);
  });

  test('what was earned in another currency than the market’s stands apart', async () => {
    const seller = person();
    await sale(seller.id, 2500);
    await sale(seller.id, 5120, 'kwd');
    const undone = await sale(seller.id, 700, 'kwd');
    await payment(PaymentRefunded, 2, undone, undone.paymentId, { refundedAmount: 700 });
    const earned = await get('/api/orders/earnings', seller);
    expect(earned).toMatchObject({ currency: 'usd', earned: 2500, sold: 1, refunded: 0 });
    expect(earned.others).toEqual([
      {
        currency: 'kwd',
        earned: 5120,
        sold: 1,
        refunded: 700,
        days: [{ date: today(), amount: 5120, sold: 1 }],
      },
    ]);
  });

  test('a seller sees what was earned in all and on each day, without what was given back', async () => {
    const seller = person();
    const sold = [await sale(seller.id, 2500)];
    const before = today();
    clock.forward(24 * 3600_000);
    sold.push(await sale(seller.id, 3000), await sale(seller.id, 500));
    const undone = await sale(seller.id, 9000);
    await api().delete(`/api/orders/${undone.id}`).set(seller.headers).expect(204);
    const expired = await placed(person(), state({ sellerId: seller.id }));
    const earned = () => get('/api/orders/earnings', seller);
    const { days, ...all } = await earned();
    expect(all).toEqual({ currency: 'usd', earned: 6000, sold: 3, refunded: 9000, others: [] });
    expect(days).toEqual([
      { date: before, amount: 2500, sold: 1 },
      { date: today(), amount: 3500, sold: 2 },
    ]);
    await payment(PaymentRefunded, 2, undone, undone.paymentId);
    expect(await earned()).toEqual({ days, ...all });
    expect((await get('/api/orders/earnings?days=1', seller)).days).toEqual(days.slice(1));
    const told: { completedAt: string; total: number }[] = await Promise.all(
      sold.map(({ id }) => get(`/api/orders/${id}`, seller)),
    );
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kathmandu']) {
      const { format } = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
      const byDate = Object.groupBy(told, ({ completedAt }) => format(new Date(completedAt)));
      expect((await get(`/api/orders/earnings?zone=${zone}`, seller)).days).toEqual(
        Object.entries(byDate).map(([date, orders = []]) => ({
          date,
          amount: orders.reduce((sum, { total }) => sum + total, 0),
          sold: orders.length,
        })),
      );
    }
    expect(await get('/api/orders/earnings', expired.by)).toMatchObject({ earned: 0, days: [] });
    await api().get('/api/orders/earnings').expect(401);
  });

  test('what went back in part is not earned, and of two sellers each bears their share', async () => {
    const [one, other] = [person(), person()];
    const [a, b] = [state({ sellerId: one.id, price: 1000 }), state({ sellerId: other.id, price: 500 })];
    await onSale(a);
    await onSale({ ...b, saleId: a.saleId });
    const buyer = person();
    const { body } = await place(buyer, [a.id, b.id]).expect(201);
    const paymentId = systemIds.next();
    await payment(PaymentCreated, 1, body, paymentId);
    await payment(PaymentCreated, 2, body, paymentId, { refundedAmount: 300, refundedElsewhere: 300 });
    expect(await get(`/api/orders/${body.id}`, buyer)).toMatchObject({
      status: 'complete',
      refundedAmount: 300,
      refundedElsewhere: 300,
    });
    expect(await get('/api/orders/earnings', one)).toMatchObject({ earned: 800, sold: 1, refunded: 200 });
    expect(await get('/api/orders/earnings', other)).toMatchObject({ earned: 400, sold: 1, refunded: 100 });
  });

  test('an order whose payment is disputed cannot be undone before the bank decides', async () => {
    const [buyer, admin] = [
      person(),
      { ...person(), headers: bearer({ id: systemIds.next(), roles: ['admin'] }) },
    ];
    const { id } = await placed(buyer);
    const paymentId = systemIds.next();
    const dispute = (status: 'open' | 'won') => ({ dispute: { status, amount: 2500 } });
    await payment(PaymentCreated, 1, { id }, paymentId);
    await payment(PaymentCreated, 2, { id }, paymentId, dispute('open'));
    for (const { headers } of [buyer, admin]) {
      const { body } = await api().delete(`/api/orders/${id}`).set(headers).expect(409);
      expect(body.detail).toMatch(/is disputed/);
    }
    await payment(PaymentCreated, 3, { id }, paymentId, dispute('won'));
    await api().delete(`/api/orders/${id}`).set(admin.headers).expect(204);
    expect(await get(`/api/orders/${id}`, buyer)).toMatchObject({ status: 'cancelled', ...dispute('won') });
  });

  test.each(['won', 'lost'] as const)(
    'an order that was over before its dispute began holds no ticket, and tells it: %s',
    async (outcome) => {
      const { by, id, ticket } = await placed();
      const paymentId = systemIds.next();
      await payment(PaymentCreated, 1, { id }, paymentId);
      await api().delete(`/api/orders/${id}`).set(by.headers).expect(204);
      const refund = { status: 'pending', amount: 2500 } as const;
      const tells = (status: 'open' | 'won' | 'lost') => ({ refund, dispute: { status, amount: 2500 } });
      await payment(PaymentCreated, 2, { id }, paymentId, tells('open'));
      expect(await read(by, id)).toMatchObject({ status: 'cancelled', ...tells('open') });
      await place(person(), [ticket.id]).expect(201);
      const refunded = {
        ...tells(outcome),
        refundedAmount: 2500,
        refund: { ...refund, status: 'succeeded' },
      };
      await payment(PaymentRefunded, 3, { id }, paymentId, refunded as MoneyBack);
      expect(await read(by, id)).toMatchObject({ status: 'refunded', dispute: { status: outcome } });
    },
  );

  test('a refund that failed later leaves a cancelled order, and says how it stands', async () => {
    const buyer = person();
    const { id } = await placed(buyer);
    const paymentId = systemIds.next();
    await payment(PaymentCreated, 1, { id }, paymentId);
    await api().delete(`/api/orders/${id}`).set(buyer.headers).expect(204);
    const refund = { status: 'succeeded', amount: 2500 } as const;
    await payment(PaymentRefunded, 3, { id }, paymentId, { refundedAmount: 2500, refund });
    const before = await get(`/api/orders/${id}`, buyer);
    expect(before).toMatchObject({ status: 'refunded', refundedAmount: 2500 });
    await payment(PaymentCreated, 4, { id }, paymentId, { refund: { status: 'failed', amount: 2500 } });
    const after = await get(`/api/orders/${id}`, buyer);
    expect(after).toMatchObject({ status: 'cancelled', refund: { status: 'failed', amount: 2500 } });
    expect(after).not.toHaveProperty('refundedAmount');
  });

  test('of an order with tickets of two sellers each earns their own', async () => {
    const [one, other] = [person(), person()];
    const [a, b] = [state({ sellerId: one.id, price: 1000 }), state({ sellerId: other.id, price: 700 })];
    await onSale(a);
    await onSale({ ...b, saleId: a.saleId });
    const { body } = await place(person(), [a.id, b.id]).expect(201);
    await payment(PaymentCreated, 1, body);
    expect(await get('/api/orders/earnings', one)).toMatchObject({ earned: 1000, sold: 1 });
    expect(await get('/api/orders/earnings', other)).toMatchObject({ earned: 700, sold: 1 });
  });
});
