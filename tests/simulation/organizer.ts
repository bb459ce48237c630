import { LIVE, type OrderItem } from '@ticketing/common/contracts/order';
import { placeOf } from '@ticketing/common/places';
import type { EventRecord } from '@ticketing/events/domain/record';
import type { Order } from '@ticketing/orders/domain';
import type { Dice } from './random.ts';

export const CODE = 'HALF';
const [CAPACITY, LIMIT, USES, PRICE] = [5, 2, 2, 2000];
export const CODE_RULE = { code: CODE, percent: 50, uses: USES };

/** What clocks show on the wall of a hall that knows no summer time. */
const wall = (moment: number) => new Date(moment).toISOString().slice(0, 16);
const timesAt = (now: number) => ({ starts: wall(now + 500_000), ends: wall(now + 3_000_000) });

/** What an organizer drafts: few places of which some are held back, sold for money and for nothing, each under a limit. */
export const newEvent = (now: number) => ({
  title: 'Evening',
  category: 'concert',
  organizer: { name: 'The hall' },
  venue: { name: 'Hall', city: 'Reykjavík' },
  zone: 'Atlantic/Reykjavik',
  ...timesAt(now),
  currency: 'usd',
  pools: [{ capacity: CAPACITY, held: held(1) }],
  tiers: [
    { name: 'Standing', pool: 0, price: PRICE, limit: LIMIT },
    { name: 'Young', pool: 0, price: 0, limit: 1 },
  ],
});
const held = (count: number) => [{ from: 0, to: count - 1 }];
type Draft = ReturnType<typeof newEvent>;

/** An event as whoever asks for it is shown it. */
export interface Shown {
  id: string;
  version: number;
  pools: readonly { id: string }[];
  tiers: readonly { id: string; price: number }[];
}

/** An organizer changes their mind about one thing, and says all anew: what they said of others before is as at first. */
export const another = (draft: Draft, { pools, tiers }: Shown, now: number, random: Dice) => {
  const [[pool], [paid, free]] = [draft.pools, draft.tiers];
  const changed = random.pick([
    { pools: [{ ...pool, held: held(1 + random.below(3)) }] },
    { pools: [{ ...pool, capacity: CAPACITY - random.below(3) }] },
    { tiers: [{ ...paid, price: PRICE + 1000 }, free] },
    timesAt(now),
  ]);
  const said = { ...draft, ...changed };
  return {
    ...said,
    pools: said.pools.map((one, n) => ({ ...one, id: pools[n]?.id })),
    tiers: said.tiers.map((one, n) => ({ ...one, id: tiers[n]?.id })),
  };
};

/** Later, and who holds a place may give it back for a while. */
export const later = (now: number) => {
  const { starts, ends } = timesAt(now);
  return { starts, ends, returns: { until: starts } };
};

/** Holders may give back what costs, for three quarters of it. */
export const givenBack = (now: number) => ({ returns: { until: timesAt(now).starts, feePercent: 25 } });

/** So many places, or these, of a tier at the price that was seen. */
export const lineOf = (
  { tiers }: Pick<Shown, 'tiers'>,
  tier: number,
  of: { quantity: number } | { places: number[] },
) => ({
  tierId: tiers[tier]?.id,
  price: tiers[tier]?.price,
  ...of,
});

/** Follows what events say and what is sold of them, and tells what should not have been. */
export function doorkeeper() {
  /** Each version of each event. */
  const said = new Map<string, EventRecord>();
  const orders = new Map<string, Order>();
  const live = (saleId: string) =>
    [...orders.values()].filter(
      (one) => one.saleId === saleId && (LIVE as readonly string[]).includes(one.status),
    );
  const as = (saleId: string, { ticketVersion, tierId }: OrderItem) => {
    const event = said.get(`${saleId}/${ticketVersion}`);
    return { event, tier: event?.tiers.find(({ id }) => id === tierId) };
  };

  return {
    heard(event: EventRecord) {
      said.set(`${event._id}/${event.version}`, structuredClone(event));
    },
    *sold(order: Order) {
      orders.set(order._id, order);
      if (order.items[0]?.kind !== 'place') return;
      const { saleId, userId } = order;
      const of = live(saleId);
      const mine = of.filter((one) => one.userId === userId).flatMap(({ items }) => items);
      for (const [tierId, items] of Map.groupBy(mine, (item) => item.tierId)) {
        const most = as(saleId, items[0] as OrderItem).tier?.limit ?? 0;
        if (items.length > most)
          yield `an account holds ${items.length} places of ${tierId}, where ${most} are allowed`;
      }
      const used = of
        .flatMap(({ items }) => items)
        .filter((item) => item.price < (as(saleId, item).tier?.price ?? 0)).length;
      if (used > USES) yield `a code of ${USES} uses is used ${used} times`;
      for (const item of order.items) {
        const { event, tier } = as(saleId, item);
        if (!event || !tier) yield 'a place was sold of an event that never said so';
        else yield* wrong(item, event, tier.price);
      }
    },
    /** Whether a place can be had of an event as it is now. */
    isFree(event: EventRecord, now: number) {
      if (event.status !== 'published' || event.endsAt.getTime() <= now) return false;
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

function* wrong({ ticketId, price }: OrderItem, { status, pools, internal }: EventRecord, asked: number) {
  const { poolId, number } = placeOf(ticketId);
  if (status !== 'published') yield `a place was sold of an event that is ${status}`;
  if (internal.held.some(({ from, to }) => from <= number && number <= to))
    yield `a place was sold that is held back`;
  if (number >= (pools.find(({ id }) => id === poolId)?.capacity ?? 0))
    yield `a place was sold that there is not`;
  if (price !== asked && price !== asked / 2) yield `a place was sold for ${price}, where ${asked} was asked`;
}
