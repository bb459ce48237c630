import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OrderStatus } from '@ticketing/common/contracts/order';
import { isRejection } from '@ticketing/common/rejection';
import { replicate } from '@ticketing/common/replicate';
import { systemClock, systemIds } from '@ticketing/common/runtime';
import { defineService } from '@ticketing/common/service';
import type { Store } from '@ticketing/common/store';
import { testHost, type TestHost } from '@ticketing/common/testing';
import type { Records } from '@ticketing/common/record';
import fc from 'fast-check';
import { z } from 'zod';
import { commands, type Commands } from '../src/commands.ts';
import { holdOf, type KnownAccount, type Ticket, type TicketStatus } from '../src/domain.ts';
import { accountModel, ticketModel } from '../src/model.ts';

let host: TestHost;
let Tickets: Records<Ticket>;
let Accounts: Store<KnownAccount>;
let act: Commands;
const bare = defineService({
  name: 'tickets',
  config: z.object({}),
  setup({ db, records, clock, ids }) {
    Tickets = records(ticketModel);
    Accounts = db.store(accountModel);
    act = commands({ Tickets, Accounts, clock, ids, currency: 'usd' });
    return {};
  },
});
beforeAll(async () => {
  host = await testHost([bare], { mongoUrl: process.env['TEST_MONGO_URL'] ?? '' });
});
afterAll(() => host.destroy());

const seller = { id: systemIds.next(), roles: ['user' as const] };
const offered = async (): Promise<Ticket> => {
  const ticket = await act.offer(seller.id, { title: 'Seat', price: 2500 });
  if (isRejection(ticket)) throw new Error(ticket.message);
  return ticket;
};
/** What each version of a ticket offered. */
const TERMS = [
  { ticketVersion: 0, title: 'Seat', price: 2500 },
  { ticketVersion: 1, title: '$price', price: 9900 },
] as const;
const bought = ({ _id }: Ticket, version: 0 | 1 = 0) => ({ ticketId: _id, ...TERMS[version] });
const load = async ({ _id }: Ticket): Promise<Ticket> => (await Tickets.findOne({ _id }))!;

const LIVES: readonly (readonly OrderStatus[])[] = [
  ['created'],
  ['created', 'cancelled'],
  ['created', 'awaiting:payment', 'created', 'cancelled'],
  ['created', 'awaiting:payment', 'complete'],
  ['created', 'awaiting:payment', 'complete', 'cancelled', 'refunded'],
];

interface News {
  order: number;
  version: number;
  status: OrderStatus;
}

const arrivals = fc.array(fc.constantFrom(...LIVES), { minLength: 1, maxLength: 4 }).chain((lives) => {
  const history = lives.flatMap((life, order) =>
    life.map((status, version): News => ({ order, version, status })),
  );
  return fc.record({
    news: fc
      .array(fc.constantFrom(...history), { maxLength: 8 })
      .chain((repeats) => fc.shuffledSubarray([...history, ...repeats], { minLength: 1 })),
    orders: fc.constant(lives.length),
  });
});

const newestOf = (news: readonly News[]) =>
  news.reduce(
    (newest, one) =>
      (newest.get(one.order)?.version ?? -1) < one.version ? newest.set(one.order, one) : newest,
    new Map<number, News>(),
  );
const derived = (news: readonly News[]): TicketStatus => {
  const holds = [...newestOf(news).values()].map(({ status }) => holdOf(status));
  if (holds.includes('sold')) return 'sold';
  return holds.includes('reserved') ? 'reserved' : 'available';
};

test('after each event a ticket is what the newest versions of its orders say', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async ({ news, orders }) => {
      const ticket = await offered();
      const ids = Array.from({ length: orders }, () => systemIds.next());
      for (const [at, { order, version, status }] of news.entries()) {
        expect(await act.hold(bought(ticket), { id: ids[order]!, version, status })).toBeUndefined();
        const now = await load(ticket);
        expect(now.status).toBe(derived(news.slice(0, at + 1)));
        expect(now.version).toBe(0);
      }
    }),
    { numRuns: 40 },
  );
});

test('after an edit that slipped in a held ticket shows what was bought, one that is let go what is offered', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async ({ news, orders }) => {
      const ticket = await offered();
      await act.edit(seller, ticket._id, { title: '$price', price: 9900 });
      const ids = Array.from({ length: orders }, () => systemIds.next());
      for (const [at, { order, version, status }] of news.entries()) {
        await act.hold(bought(ticket, order % 2 === 0 ? 0 : 1), { id: ids[order]!, version, status });
        const { title, price, edited, ...now } = await load(ticket);
        expect(now.version).toBe(1);
        const holders = [...newestOf(news.slice(0, at + 1))]
          .filter(([, { status }]) => holdOf(status) === now.status)
          .map(([order]) => order % 2);
        const shown = price === 2500 ? 0 : 1;
        expect(title).toBe(TERMS[shown].title);
        if (holders.length === 0) expect(shown).toBe(1);
        else expect(holders).toContain(shown);
        const { ticketVersion: _, ...offer } = TERMS[1];
        expect(edited).toEqual(shown === 0 ? { after: 0, ...offer } : undefined);
        expect(now).not.toHaveProperty('held');
      }
    }),
    { numRuns: 40 },
  );
});

test('all events at once lead to the same', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async ({ news, orders }) => {
      const ticket = await offered();
      const ids = Array.from({ length: orders }, () => systemIds.next());
      await Promise.all(
        news.map(({ order, version, status }) =>
          act.hold(bought(ticket), { id: ids[order]!, version, status }),
        ),
      );
      const now = await load(ticket);
      expect(now.status).toBe(derived(news));
      for (const [order, { version }] of newestOf(news))
        expect(now.holds[ids[order]!]!.version).toBe(version);
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['edit', (racing: Commands, id: string) => racing.edit(seller, id, { price: 3000 })],
  ['withdrawal', (racing: Commands, id: string) => racing.withdraw(seller, id)],
] as const)(
  'a hold that comes between the reading and the writing of an %s stops it',
  async (_name, change) => {
    const ticket = await offered();
    const interrupted: Records<Ticket> = {
      ...Tickets,
      async findOne(...wanted) {
        const found = await Tickets.findOne(...wanted);
        await act.hold(bought(ticket), { id: 'a'.repeat(24), version: 0, status: 'created' });
        return found;
      },
    };
    const racing = commands({
      Tickets: interrupted,
      Accounts,
      clock: systemClock,
      ids: systemIds,
      currency: 'usd',
    });
    expect(await change(racing, ticket._id)).toMatchObject({
      code: 'conflict',
      message: 'The ticket is reserved',
    });
    expect(await load(ticket)).toMatchObject({ status: 'reserved', price: 2500, version: 0 });
  },
);

test('holds of orders that let go long ago are forgotten, live ones never', async () => {
  const ticket = await offered();
  const dead = systemIds.next();
  const live = systemIds.next();
  await act.hold(bought(ticket), { id: dead, version: 1, status: 'cancelled' });
  await act.hold(bought(ticket), { id: live, version: 0, status: 'created' });
  const inAYear = { now: () => new Date(Date.now() + 365 * 24 * 3600_000), sleep: systemClock.sleep };
  const later = commands({ Tickets, Accounts, clock: inAYear, ids: systemIds, currency: 'usd' });
  await later.hold(bought(ticket), { id: systemIds.next(), version: 0, status: 'cancelled' });
  const now = await load(ticket);
  expect(now.holds).not.toHaveProperty(dead);
  expect(now.holds).toHaveProperty(live);
  expect(now.status).toBe('reserved');
});

test('a hold of a ticket that is not here yet is refused, to be tried again', async () => {
  const order = { id: systemIds.next(), version: 0, status: 'created' as const };
  expect(await act.hold({ ...TERMS[0]!, ticketId: systemIds.next() }, order)).toMatchObject({
    code: 'not-found',
  });
});

describe('the name on every ticket is the newest of its seller', () => {
  const tell = async (sellerId: string, version: number, name?: string) => {
    await replicate(Accounts, { id: sellerId, version, ...(name && { name }) });
    await act.callSeller(sellerId);
  };
  const shown = async (sellerId: string) =>
    (await Tickets.find({ sellerId })).map(({ sellerName }) => sellerName);

  test('however its news meets what is put on sale', async () => {
    const names = ['Ada', 'Ben', undefined, 'Cleo'];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 2, maxLength: 6 }), async (order) => {
        const sellerId = systemIds.next();
        await Promise.all(
          order.flatMap((version) => [
            tell(sellerId, version, names[version]),
            act.offer(sellerId, { title: 'Seat', price: 2500 }),
          ]),
        );
        expect(await shown(sellerId)).toEqual(order.map(() => names[Math.max(...order)]));
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['while one is put on sale', (by: Commands, id: string) => by.offer(id, { title: 'Seat', price: 2500 })],
    ['while the news before is written', (by: Commands, id: string) => by.callSeller(id)],
  ])('also where it changes %s', async (_when, run) => {
    const sellerId = systemIds.next();
    await act.offer(sellerId, { title: 'Seat', price: 2500 });
    await tell(sellerId, 0, 'Ada');
    let reads = 0;
    const interrupted: Store<KnownAccount> = {
      ...Accounts,
      async findOne(...wanted) {
        const found = await Accounts.findOne(...wanted);
        if (reads++ === 0) await tell(sellerId, 1, 'Ben');
        return found;
      },
    };
    await run(
      commands({ Tickets, Accounts: interrupted, clock: systemClock, ids: systemIds, currency: 'usd' }),
      sellerId,
    );
    expect(new Set(await shown(sellerId))).toEqual(new Set(['Ben']));
  });
});
