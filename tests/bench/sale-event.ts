import type { EventState } from '@ticketing/common/contracts/event';
import { systemIds } from '@ticketing/common/runtime';

const DAY = 24 * 3600_000;
/** Rows of a hall differ in length; as so many together have 200 seats, any hall is a number of those. */
const LENGTHS = [37, 41, 43, 39, 40];
const ROWS_OF_BLOCK = 50;
/** Nobody may have more of a tier. */
export const LIMIT = 6;

/** What is on sale, as those who ask know it. */
export interface OnSale {
  eventId: string;
  seated: Tier;
  general: Tier;
}
export interface Tier {
  id: string;
  poolId: string;
  price: number;
  capacity: number;
  /** Where rows end, in numbers of places; a general tier has none. */
  ends: readonly number[];
}

const rowsOf = (seats: number) =>
  Array.from({ length: (seats / 200) * LENGTHS.length }, (_, row) => ({
    label: String((row % ROWS_OF_BLOCK) + 1),
    seats: LENGTHS[row % LENGTHS.length] ?? 0,
  }));

/** A hall as its organizer draws it: a multiple of 200 seats in blocks, and room to stand. */
export const wanted = (seats: number, standing: number, currency?: string) => {
  const rows = rowsOf(seats);
  const blocks = Array.from({ length: Math.ceil(rows.length / ROWS_OF_BLOCK) }, (_, block) => ({
    name: `Block ${block + 1}`,
    rows: rows.slice(block * ROWS_OF_BLOCK, (block + 1) * ROWS_OF_BLOCK),
  }));
  return {
    title: 'A stadium sells out',
    category: 'concert',
    organizer: { name: 'The stadium' },
    venue: { name: 'Stadium', city: 'Bern', country: 'CH' },
    zone: 'Europe/Zurich',
    starts: '2096-06-01T20:00',
    ends: '2096-06-01T23:00',
    ...(currency !== undefined && { currency }),
    pools: [{ blocks }, ...(standing > 0 ? [{ capacity: standing }] : [])],
    tiers: [
      { name: 'Seated', pool: 0, price: 5000, limit: LIMIT },
      ...(standing > 0 ? [{ name: 'Standing', pool: 1, price: 2500, limit: LIMIT }] : []),
    ],
  };
};

type Sold = Pick<EventState, 'id' | 'tiers' | 'pools'>;

/** What is sold of an event as it was answered, or as it is kept. */
export function onSale({ id: eventId, tiers, pools }: Sold): OnSale {
  const of = (at: number): Tier => {
    const [tier, pool] = [tiers[at], pools[at]];
    if (!tier || !pool) throw new Error('the event has two tiers');
    let end = 0;
    const ends = (pool.blocks ?? []).flatMap(({ rows }) => rows.map(({ seats }) => (end += seats)));
    return { id: tier.id, poolId: pool.id, price: tier.price, capacity: pool.capacity, ends };
  };
  return { eventId, seated: of(0), general: of(1) };
}

/** The same as `orders` keeps it, where nobody runs `events`. */
export function known(seats: number, standing: number): Omit<EventState, 'id'> & { _id: string } {
  const { title, category, organizer, venue, zone, pools, tiers } = wanted(seats, standing);
  const now = new Date();
  const poolIds = [1, 2].map((nth) => `${systemIds.next().slice(0, 8)}0000000${nth}`);
  return {
    _id: systemIds.next(),
    version: 1,
    status: 'published',
    title,
    category,
    organizer,
    venue,
    zone,
    startsAt: new Date(now.getTime() + DAY),
    endsAt: new Date(now.getTime() + 2 * DAY),
    currency: 'usd',
    pools: pools.map((pool, at) => ({ id: poolIds[at] ?? '', capacity: seats, ...pool })),
    tiers: tiers.map(({ name, price, limit, pool }) => ({
      id: systemIds.next(),
      name,
      price,
      limit,
      poolId: poolIds[pool] ?? '',
    })),
    createdAt: now,
    updatedAt: now,
    internal: { ownerId: systemIds.next(), team: [], held: [], codes: [] },
  };
}
