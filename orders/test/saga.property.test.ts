import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LIVE, type OrderStatus } from '@ticketing/common/contracts/order';
import {
  PaymentCreated,
  PaymentFailed,
  PaymentRefunded,
  PaymentStarted,
  type PaymentStatus,
} from '@ticketing/common/contracts/payment';
import { envelope } from '@ticketing/common/record';
import { isRejection } from '@ticketing/common/rejection';
import { bearer, testHost, type TestHost } from '@ticketing/common/testing';
import { systemIds } from '@ticketing/common/runtime';
import { TicketCreated } from '@ticketing/common/contracts/ticket';
import fc from 'fast-check';
import { hearOfPayment, loseTicket, type Order } from '../src/domain.ts';
import { orders } from '../src/service.ts';

const now = new Date('2026-01-01T12:00:00Z');
const id = (n: number) => n.toString(16).padStart(24, '0');

/** What a payment can live through; its version counts along. */
const LIVES: readonly (readonly PaymentStatus[])[] = [
  ['started'],
  ['started', 'failed'],
  ['started', 'succeeded'],
  ['started', 'succeeded', 'refunded'],
];

interface News {
  payment: number;
  version: number;
  status: PaymentStatus;
}

/** One payment at most takes money, and money goes back only once the order was cancelled. */
const saga = fc
  .record({
    cancelled: fc.boolean(),
    lives: fc.array(fc.constantFrom('open', 'failed'), { maxLength: 3 }),
    charged: fc.boolean(),
    repaid: fc.boolean(),
    order: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    repeats: fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
  })
  .map(({ cancelled, lives, charged, repaid, order, repeats }) => {
    const all = [
      ...lives.map((life) => LIVES[life === 'open' ? 0 : 1]!),
      ...(charged ? [LIVES[repaid && cancelled ? 3 : 2]!] : []),
    ];
    const histories = all.map((life, payment) =>
      life.map((status, version): News => ({ payment, version, status })),
    );
    const news = histories
      .flat()
      .flatMap((one) => Array.from({ length: repeats.next().value as number }, () => one))
      .map((one) => ({ one, place: order.next().value as number }))
      .sort((a, b) => a.place - b.place)
      .map(({ one }) => one);
    const firstRefund = news.findIndex(({ status }) => status === 'refunded');
    const latest = firstRefund === -1 ? news.length : firstRefund;
    const cancelAt = cancelled ? Math.round((order.next().value as number) * latest) : undefined;
    return { news, newest: histories.map((history) => history.at(-1)!), cancelAt };
  });

/** The status as the newest versions alone say it. */
const derived = (newest: readonly News[], cancelled: boolean): OrderStatus => {
  const is = (wanted: PaymentStatus) => newest.some(({ status }) => status === wanted);
  if (cancelled) return is('refunded') ? 'refunded' : 'cancelled';
  if (is('succeeded')) return 'complete';
  return is('started') ? 'awaiting:payment' : 'created';
};

const fresh = (): Order => ({
  _id: id(1),
  version: 0,
  createdAt: now,
  updatedAt: now,
  userId: id(2),
  saleId: id(3),
  status: 'created',
  items: [],
  total: 0,
  currency: 'usd',
  expiresAt: now,
  payments: {},
});

test('whatever order payments are heard of in, the order ends as their newest versions say', () => {
  fc.assert(
    fc.property(saga, ({ news, newest, cancelAt }) => {
      let order = fresh();
      const apply = (changes: ReturnType<typeof loseTicket>) => {
        if (isRejection(changes)) throw new Error(changes.message);
        const before = order;
        order = { ...order, ...changes } as Order;
        for (const [key, { version }] of Object.entries(before.payments)) {
          expect(order.payments[key]!.version).toBeGreaterThanOrEqual(version);
        }
        const over = before.status === 'cancelled' || before.status === 'refunded';
        if (over) expect(['cancelled', 'refunded']).toContain(order.status);
      };
      news.forEach(({ payment, version, status }, at) => {
        if (at === cancelAt) apply(loseTicket(order));
        apply(hearOfPayment(id(70 + payment), { version, status }, now, 600)(order));
      });
      if (cancelAt === news.length) apply(loseTicket(order));
      expect(order.status).toBe(derived(newest, cancelAt !== undefined));
      expect(
        Object.values(order.payments)
          .map(({ version }) => version)
          .sort(),
      ).toEqual(newest.map(({ version }) => version).sort());
    }),
    { numRuns: 2000 },
  );
});

let host: TestHost;
beforeAll(async () => {
  host = await testHost([orders], {
    mongoUrl: process.env['TEST_MONGO_URL'] ?? '',
    env: { SEEN_REQUIRED: 'on' },
  });
});
afterAll(() => host.destroy());

const EVENTS = {
  started: PaymentStarted,
  succeeded: PaymentCreated,
  failed: PaymentFailed,
  refunded: PaymentRefunded,
};

test('and so it is in the real service, with all of the events coming at once', async () => {
  const publish = (draft: ReturnType<typeof TicketCreated>, source: string) =>
    host.bus.publish(draft.type, JSON.stringify(envelope(draft, { source }, new Date())));
  const at = { createdAt: new Date(), updatedAt: new Date() };
  await fc.assert(
    fc.asyncProperty(saga, async ({ news, newest, cancelAt }) => {
      const [userId, ticketId] = [systemIds.next(), systemIds.next()];
      const headers = { ...bearer({ id: userId }), 'content-type': 'application/json' };
      const sale = { sellerId: systemIds.next(), saleId: ticketId, price: 2500, currency: 'usd' };
      await publish(TicketCreated({ id: ticketId, version: 0, title: 'Seat', ...sale, ...at }), '/tickets');
      const placed = await fetch(`${host.url}/api/orders`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ ticketIds: [ticketId], seen: [{ ticketId, version: 0 }] }),
      });
      const order = (await placed.json()) as { id: string; version: number };
      const url = `${host.url}/api/orders/${order.id}`;
      const ids = newest.map(() => systemIds.next());
      if (cancelAt !== undefined) await fetch(url, { method: 'DELETE', headers });
      await Promise.all(
        news.map(({ payment, version, status }) =>
          publish(
            EVENTS[status]({
              id: ids[payment]!,
              version,
              status,
              orderId: order.id,
              userId,
              amount: 2500,
              currency: 'usd',
              ...at,
            }),
            '/payments',
          ),
        ),
      );
      const after = (await (await fetch(url, { headers })).json()) as {
        status: OrderStatus;
        version: number;
      };
      expect(after.status).toBe(derived(newest, cancelAt !== undefined));
      expect((LIVE as readonly string[]).includes(after.status)).toBe(cancelAt === undefined);
      expect(after.version).toBeLessThanOrEqual(news.length + 1);
    }),
    { numRuns: 25 },
  );
});
