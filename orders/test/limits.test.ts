import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ExpirationComplete } from '@ticketing/common/contracts/expiration';
import { PaymentCreated } from '@ticketing/common/contracts/payment';
import { TicketCreated } from '@ticketing/common/contracts/ticket';
import { fingerprint } from '@ticketing/common/idempotency';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, movableClock, tell, testHost, type TestHost } from '@ticketing/common/testing';
import request from 'supertest';
import { type Order, takeBack } from '../src/domain.ts';
import { freeSlot, OFTEN, othersFirst, overLimit, type Unbought } from '../src/domain/limits.ts';
import { orders } from '../src/service.ts';

const LIMITS = { orders: 5, ordersOfSale: 2, tickets: 20, pauseSeconds: 1800, holdSeconds: 900 };

describe('what an account may hold unpaid', () => {
  const order = (n: number, tickets = 1, sale = n) => ({
    _id: String(n),
    saleId: String(sale),
    items: Array.from({ length: tickets }, () => ({ ticketId: 'x' })),
  });
  const some = (count: number, tickets = 1) => Array.from({ length: count }, (_, n) => order(n, tickets));

  test.each([
    ['the fifth order fits', order(9), some(4), undefined],
    ['the sixth does not', order(9), some(5), 'more than 5 unpaid orders'],
    ['itself does not count twice', order(4), some(5), undefined],
    ['twenty tickets fit', order(9, 10), some(2, 5), undefined],
    ['twenty-one do not', order(9, 10), some(1, 11), 'more than 20 unpaid tickets'],
  ])('%s', (_what, wanted, unpaid, said) => {
    const refusal = overLimit(wanted, unpaid, LIMITS);
    expect(refusal?.message).toEqual(said && expect.stringContaining(said));
    if (refusal) expect(refusal).toMatchObject({ code: 'conflict', errors: [{ field: 'ticketIds' }] });
  });

  test('a sale has so many places for each account, and one that was left is given again', () => {
    const [first, second] = ['ann/0', 'ann/1'].map((slot, n) => ({ ...order(n, 1, 7), slot }));
    const ask = (unpaid: Parameters<typeof freeSlot>[2]) => freeSlot('ann', order(9, 1, 7), unpaid, LIMITS);
    expect(ask([])).toBe('ann/0');
    expect(ask([first!, { ...order(3), slot: 'ann/1' }])).toBe('ann/1');
    expect(ask([second!])).toBe('ann/0');
    expect(ask([first!, second!])).toMatchObject({
      code: 'conflict',
      message: 'Nobody may have more than 2 unpaid orders of one sale; pay or cancel one first',
    });
  });
});

describe('who held a ticket again and again without buying it', () => {
  const now = new Date('2026-01-01T12:00:00Z');
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
  const held = (from: number, to: number, ran = 900): Unbought => ({
    slot: 'ann/0',
    items: [{ ticketId: 't' }],
    createdAt: ago(from),
    updatedAt: ago(to),
    expiresAt: ago(from - ran),
  });
  const takenBack = (from: number, to: number) => {
    const { slot: _, ...order } = held(from, to);
    return order;
  };
  const asked = (unbought: Unbought[]) => othersFirst(['s', 't'], unbought, now, LIMITS);

  test.each([
    ['once: may reserve it again', [held(900, 0)], undefined],
    ['twice: comes after the others', [held(1900, 1000), held(960, 60)], 29],
    ['twice, given up just in time: as well', [held(1800, 901), held(900, 1)], 30],
    ['twice, a while ago: may again', [held(3700, 2800), held(2701, 1801)], undefined],
    ['a few times for minutes: may again', [held(500, 400), held(300, 200), held(100, 50)], undefined],
    ['for a second, but very often: not', Array.from({ length: OFTEN }, (_, n) => held(n + 2, n + 1)), 30],
    ['twice, what was taken back: may again', [takenBack(1900, 1000), takenBack(960, 60)], undefined],
    ['taken back, but very often: not', Array.from({ length: OFTEN }, () => takenBack(2, 1)), 30],
    ['and payments told of it late: counts to its end', [held(1900, 0), held(960, 0)], 29],
  ])('%s', (_what, unbought, minutes) => {
    const refusal = asked(unbought);
    expect(refusal?.message).toEqual(
      minutes && expect.stringContaining(`others come first for ${minutes} minutes`),
    );
    if (refusal) expect(refusal).toMatchObject({ code: 'conflict', errors: [{ field: 'ticketIds.1' }] });
    if (minutes !== undefined) expect(refusal?.retryAfter).toBeGreaterThan((minutes - 1) * 60);
  });
});

describe('at once, in two processes', () => {
  const clock = movableClock();
  const hosts: TestHost[] = [];
  let options: Parameters<typeof testHost>[1];
  beforeAll(async () => {
    const mongoUrl = new URL(process.env['TEST_MONGO_URL'] ?? '');
    mongoUrl.pathname = `/limits-${systemIds.next()}`;
    options = { mongoUrl: String(mongoUrl), clock, env: { SWEEP_SECONDS: '1', MAX_REQUESTS: '1000' } };
    hosts.push(await testHost([orders], options));
    hosts.push(await testHost([orders], { ...options, bus: hosts[0]!.bus }));
  });
  afterAll(async () => {
    for (const host of hosts) await host.destroy();
  });

  let turn = 0;
  const api = () => request(hosts[turn++ % hosts.length]!.url);
  const somebody = () => bearer({ id: systemIds.next() }, 999_999);
  const onSale = async (saleId?: string) => {
    const [id, at] = [systemIds.next(), clock.now()];
    const fixed = {
      version: 0,
      title: 'Front row',
      price: 2500,
      currency: 'usd',
      createdAt: at,
      updatedAt: at,
    };
    await tell(
      hosts[0]!.bus,
      TicketCreated({ ...fixed, id, saleId: saleId ?? id, sellerId: systemIds.next() }),
    );
    return id;
  };
  const many = async (count: number, saleId?: string) => {
    const ids: string[] = [];
    while (ids.length < count) ids.push(await onSale(saleId));
    return ids;
  };
  const place = (by: ReturnType<typeof somebody>, ticketIds: string[], key?: string) => {
    const asked = api().post('/api/orders').set(by);
    return (key === undefined ? asked : asked.set('Idempotency-Key', key)).send({
      ticketIds,
      seen: ticketIds.map((ticketId) => ({ ticketId, version: 0 })),
    });
  };
  const unpaidOf = async (by: ReturnType<typeof somebody>) =>
    ((await api().get('/api/orders').set(by).expect(200)).body as { status: string; items: [] }[]).filter(
      ({ status }) => status === 'created',
    );

  test('forty reservations of one account leave five; who is refused is told why, and may go on after paying', async () => {
    const ann = somebody();
    const ids = await many(40);
    const replies = await Promise.all(ids.map((id) => place(ann, [id])));
    const unpaid = await unpaidOf(ann);
    const won = replies.filter(({ status }) => status === 201);
    expect(won.length).toBe(unpaid.length);
    expect(won.length).toBeGreaterThan(2);
    expect(won.length).toBeLessThanOrEqual(5);
    for (const { status, body } of replies.filter((reply) => !won.includes(reply))) {
      expect(status).toBe(409);
      expect(body).toMatchObject({
        detail: 'Nobody may have more than 5 unpaid orders; pay or cancel one first',
        errors: [{ field: 'ticketIds', message: 'would make more than 5 unpaid orders' }],
      });
    }
    // What was refused is on sale for others.
    const free = ids.filter((_, n) => replies[n]!.status === 409);
    await place(somebody(), [free[0]!]).expect(201);

    while ((await unpaidOf(ann)).length < 5) await place(ann, [await onSale()]).expect(201);
    const last = await onSale();
    await place(ann, [last], 'k1').expect(409);
    const { body } = won[0]!;
    await api().delete(`/api/orders/${body.id}`).set(ann).expect(204);
    await place(ann, [last], 'k1').expect(201);
    await place(ann, [last], 'k1').expect(201);
    await place(ann, [await onSale()]).expect(409);
  });

  test('what is one too many and not yet answered for is decided by who made it, not by a repeat', async () => {
    const ann = somebody();
    for (const id of await many(4)) await place(ann, [id]).expect(201);
    const [ticketId, another] = (await many(2)) as [string, string];
    const { body: fifth } = await place(ann, [ticketId], 'again').expect(201);
    const orders = hosts[0]!.database('orders').connection!.collection<{ _id: string }>('orders');
    const {
      _id,
      idempotencyKey: _,
      ...made
    } = (await orders.findOne({ _id: fifth.id }))! as unknown as {
      _id: string;
      idempotencyKey: string;
      items: object[];
    };
    // Another process has inserted it, and not counted.
    const items = [{ ...made.items[0], ticketId: another }];
    const sixth = { ...made, _id: systemIds.next(), saleId: another, items };
    await orders.insertOne(sixth);
    const answer = await place(ann, [ticketId], 'again').expect(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(await orders.findOne({ _id: fifth.id })).toMatchObject({ status: 'created', version: 0 });
    // It takes itself back.
    await orders.deleteOne({ _id: sixth._id });
    expect((await place(ann, [ticketId], 'again').expect(201)).body).toMatchObject({ id: fifth.id });
    // And nobody takes back what was answered for.
    const stands = (await orders.findOne({ _id: fifth.id })) as unknown as Order;
    expect(stands).toMatchObject({ confirmed: true, version: 0 });
    expect(takeBack(stands)).toEqual({});
    expect(takeBack({ ...stands, confirmed: false })).toMatchObject({ status: 'cancelled' });
  });

  test('a repeat of what nobody came to count is answered when whoever made it must be dead', async () => {
    const ann = somebody();
    for (const id of await many(5)) await place(ann, [id]).expect(201);
    const orders = hosts[0]!.database('orders').connection!.collection<{ _id: string }>('orders');
    const before = (await unpaidOf(ann))[0] as unknown as { id: string };
    const [ticketId] = await many(1);
    const { _id, ...made } = (await orders.findOne({ _id: before.id }))!;
    const seen = [{ ticketId, version: 0 }];
    const sixth = {
      ...made,
      _id: systemIds.next(),
      saleId: ticketId,
      items: [{ ...(made as unknown as { items: object[] }).items[0], ticketId }],
      idempotencyKey: 'cut-short',
      requestHash: fingerprint({ ticketIds: [ticketId], seen }),
      createdAt: new Date(clock.now().getTime() - 10_000),
    };
    await orders.insertOne(sixth);
    const { body } = await place(ann, [ticketId!], 'cut-short').expect(201);
    expect(body).toMatchObject({ id: sixth._id, status: 'created' });
  });

  test('of one sale there are two orders, and a paid one makes room', async () => {
    const ben = somebody();
    const first = await onSale();
    const ids = [first, ...(await many(9, first))];
    const replies = await Promise.all(ids.map((id) => place(ben, [id])));
    const won = replies.filter(({ status }) => status === 201);
    expect(won).toHaveLength(2);
    for (const { body } of replies.filter((reply) => !won.includes(reply)))
      expect(body.detail).toBe(
        'Nobody may have more than 2 unpaid orders of one sale; pay or cancel one first',
      );
    const at = clock.now();
    const paid = {
      amount: 2500,
      currency: 'usd',
      status: 'succeeded' as const,
      createdAt: at,
      updatedAt: at,
    };
    const { id: orderId, userId } = won[0]!.body;
    await tell(hosts[0]!.bus, PaymentCreated({ ...paid, id: systemIds.next(), version: 1, orderId, userId }));
    const left = ids.filter((_, n) => replies[n]!.status !== 201);
    await place(ben, [left[0]!]).expect(201);
    await place(ben, [left[1]!]).expect(409);
  });

  test('tickets are counted as well, however few the orders are', async () => {
    const cleo = somebody();
    const [a, b, c] = [await onSale(), await onSale(), await onSale()];
    for (const saleId of [a, b]) await place(cleo, [saleId, ...(await many(9, saleId))]).expect(201);
    const { body } = await place(cleo, [c]).expect(409);
    expect(body.errors).toEqual([{ field: 'ticketIds', message: 'would make more than 20 unpaid tickets' }]);
  });

  const runOut = async (by: ReturnType<typeof somebody>, id: string) => {
    const { body } = await place(by, [id]).expect(201);
    clock.forward(900_001);
    await tell(hosts[0]!.bus, ExpirationComplete({ orderId: body.id, expiresAt: clock.now() }));
  };

  test('a ticket that ran out can be reserved again once; then others come first, and its turn comes back', async () => {
    const [dan, id] = [somebody(), await onSale()];
    await runOut(dan, id);
    await runOut(dan, id);
    const { body, headers } = await place(dan, [id]).expect(409);
    expect(body.detail).toBe('You have held it long enough without paying; others come first for 30 minutes');
    expect(body.errors[0].field).toBe('ticketIds.0');
    expect(Number(headers['retry-after'])).toBeGreaterThan(1700);
    await place(dan, [await onSale()]).expect(201);
    const other = await place(somebody(), [id]).expect(201);
    expect(other.body.status).toBe('created');
    clock.forward(1800_000);
    await tell(hosts[0]!.bus, ExpirationComplete({ orderId: other.body.id, expiresAt: clock.now() }));
    await place(dan, [id]).expect(201);
  });

  test('a process that does not know an account looks after its insert; what it takes back counts for nothing', async () => {
    const [eli, id] = [somebody(), await onSale()];
    await runOut(eli, id);
    await runOut(eli, id);
    clock.forward(1000_000);
    hosts.push(await testHost([orders], { ...options, bus: hosts[0]!.bus }));
    turn = 2;
    const { body } = await place(eli, [id], 'k2').expect(409);
    expect(body.detail).toBe('You have held it long enough without paying; others come first for 14 minutes');
    expect(await unpaidOf(eli)).toEqual([]);
    clock.forward(900_000);
    await place(eli, [id], 'k2').expect(201);
  });
});
