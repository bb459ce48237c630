import { codeHash } from '@ticketing/common/codes';
import type { EventState } from '@ticketing/common/contracts/event';
import { LIVE, type OrderItem } from '@ticketing/common/contracts/order';
import { placeOf } from '@ticketing/common/places';
import type { Order } from '@ticketing/orders/domain';
import type { Dice } from './random.ts';
import { SETTINGS } from './world.ts';

export const CODE = 'HALF';
export const [CAPACITY, LIMIT, USES] = [5, 2, 2];
export const [PRICE, HALF] = [2000, 1000];
const TIER = 'f'.repeat(24);
const POOL = 'f'.repeat(16);

/** What an organizer publishes: few places of which some are held back, a limit, and a code of few uses. */
export const newEvent = (ownerId: string, number: number, now: number) => ({
  status: 'published',
  title: 'Evening',
  category: 'music',
  organizer: { name: 'The hall' },
  venue: { name: 'Hall', city: 'Bern' },
  zone: 'Europe/Zurich',
  startsAt: new Date(now + 500_000),
  endsAt: new Date(now + 1_000_000),
  currency: 'usd',
  // Each event's own: ids of places are told apart by their pools.
  tiers: [{ id: TIER, name: 'Standing', poolId: poolOf(number), price: PRICE, limit: LIMIT }],
  pools: [{ id: poolOf(number), capacity: CAPACITY }],
  internal: { ownerId, team: [{ userId: ownerId, role: 'owner' }], held: held(number, 1), codes: [] },
});
const poolOf = (number: number) => `${POOL.slice(8)}${number.toString(16).padStart(8, '0')}`;
const held = (number: number, count: number) => [{ poolId: poolOf(number), from: 0, to: count - 1 }];

/** The code is known by a hash that holds the event's id, so it comes with a change. */
export const withCode = (event: ReturnType<typeof newEvent>, id: string) => ({
  internal: {
    ...event.internal,
    codes: [{ id: `c${id.slice(1)}`, hash: codeHash(SETTINGS.CODE_KEY, id, CODE), percent: 50, uses: USES }],
  },
});

/** An organizer changes their mind. */
export const another = (event: ReturnType<typeof newEvent>, number: number, id: string, random: Dice) => {
  const { internal } = withCode(event, id);
  return random.pick([
    { internal: { ...internal, held: held(number, 1 + random.below(3)) } },
    { pools: [{ id: poolOf(number), capacity: CAPACITY - random.below(3) }] },
    { startsAt: new Date(event.startsAt.getTime() + random.below(100_000)) },
  ]);
};

export const lineOf = (quantity: number, places?: number[]) => ({
  tierId: TIER,
  price: PRICE,
  ...(places ? { places } : { quantity }),
});

/** Follows what events say and what is sold of them, and tells what should not have been. */
export function doorkeeper() {
  /** Each version of each event. */
  const said = new Map<string, EventState>();
  const orders = new Map<string, Order>();
  const live = (saleId: string) =>
    [...orders.values()].filter(
      (one) => one.saleId === saleId && (LIVE as readonly string[]).includes(one.status),
    );

  return {
    heard(event: EventState & { _id: string }) {
      said.set(`${event._id}/${event.version}`, structuredClone(event));
    },
    *sold(order: Order) {
      orders.set(order._id, order);
      const of = live(order.saleId);
      const items = of.flatMap(({ userId, items }) => items.map((item) => ({ ...item, userId })));
      const event = said.get(`${order.saleId}/${order.items[0]?.ticketVersion}`);
      if (order.items[0]?.kind !== 'place' || !event) return;
      const mine = items.filter(({ userId }) => userId === order.userId);
      if (mine.length > LIMIT) yield `an account holds ${mine.length} places, where ${LIMIT} are allowed`;
      const used = items.filter(({ price }) => price === HALF).length;
      if (used > USES) yield `a code of ${USES} uses is used ${used} times`;
      for (const item of order.items) yield* wrong(item, event);
    },
    /** Whether so many places can be had of an event as it is now. */
    isFree(event: EventState & { _id: string }) {
      if (event.status !== 'published') return false;
      const taken = new Set(
        live(event._id).flatMap(({ items }) => items.map(({ ticketId }) => placeOf(ticketId).number)),
      );
      const [pool] = event.pools;
      return Array.from({ length: pool?.capacity ?? 0 }, (_, n) => n).some(
        (n) => !taken.has(n) && !event.internal.held.some(({ from, to }) => from <= n && n <= to),
      );
    },
  };
}

function* wrong({ ticketId }: OrderItem, { pools, internal }: EventState) {
  const { poolId, number } = placeOf(ticketId);
  if (internal.held.some(({ from, to }) => from <= number && number <= to))
    yield `a place was sold that is held back`;
  if (number >= (pools.find(({ id }) => id === poolId)?.capacity ?? 0))
    yield `a place was sold that there is not`;
}
