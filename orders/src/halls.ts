import { isLive, LIVE, type OrderItem, type OrderStatus } from '@ticketing/common/contracts/order';
import type { Log } from '@ticketing/common/log';
import { placeOf } from '@ticketing/common/places';
import { remember } from '@ticketing/common/remember';
import type { Clock, Random } from '@ticketing/common/runtime';
import type { Store } from '@ticketing/common/store';
import type { Order } from './domain.ts';
import { FRESH, hallFeed } from './hall-feed.ts';
import { allowanceOf } from './domain/allowances.ts';
import { type Bitmap, choosePlaces } from './domain/choice.ts';
import { isHeld, type KnownEvent, type Offer } from './domain/places.ts';

/** So many events are kept in mind at a time; those that were asked for longest ago go. */
const KEPT = 200;

/** What of an order tells who has what. */
export interface Holding {
  _id: string;
  status: OrderStatus;
  items: readonly Pick<OrderItem, 'ticketId'>[];
  allowances?: readonly string[];
}
export const HOLDING = { status: 1, items: 1, allowances: 1 } as const;

/**
 * What seems to be taken of an event (occupancy, inventory): a hint of this process. It may be wrong both ways, which costs
 * whoever believed it a retry; the indexes of the orders have the last word.
 */
export interface Hall {
  /** Takes what an order holds, or frees what it held. */
  know(order: Holding): void;
  isTaken(poolId: string, place: number): boolean;
  readonly used: ReadonlyMap<string, ReadonlySet<number>>;
  /** Chooses for each line; of places that were named, those. Undefined when there seem to be too few. */
  choose(offer: Offer): number[][] | undefined;
  /** What a number of places can still be had of, for each pool. */
  left(event: KnownEvent): { poolId: string; left: number }[];
  /** Looks at the database, unless that was done within a second. */
  refresh(): Promise<void>;
  readonly isFresh: boolean;
  /** Grows with whatever changes here. */
  readonly moves: number;
}

interface Deps {
  Orders: Pick<Store<Order>, 'find' | 'watch'>;
  Events: Pick<Store<KnownEvent>, 'findOne'>;
  clock: Clock;
  random: Random;
  log: Pick<Log, 'warn'>;
}

export type Halls = ReturnType<typeof halls>;

export function halls({ Orders, Events, clock, random, log }: Deps) {
  const open = new Map<string, Hall>();
  const known = new Map<string, { event: KnownEvent; at: number }>();
  const feed = hallFeed({ Orders, clock, log, take: (order) => open.get(order.saleId)?.know(order) });

  return {
    /** An event as this service knows it: read whole when its version has moved, as a stadium's has 80 kB. */
    async event(id: string, { anew = false } = {}): Promise<KnownEvent | null> {
      const at = clock.now().getTime();
      const before = known.get(id);
      if (before && !anew && at - before.at < FRESH) return before.event;
      const newest = before && (await Events.findOne({ _id: id }, { projection: { version: 1 } }));
      const event =
        before && newest?.version === before.event.version ? before.event : await Events.findOne({ _id: id });
      if (event) remember(known, id, { event, at }, KEPT);
      return event;
    },

    of(eventId: string): Hall {
      feed.wanted();
      const hall = open.get(eventId) ?? hallOf(eventId, { Orders, clock, random, feed });
      remember(open, eventId, hall, KEPT);
      return hall;
    },

    close: () => feed.close(),

    /** An order changed in this process. */
    know(order: Holding & { saleId: string }): void {
      open.get(order.saleId)?.know(order);
    },
  };
}

type HallDeps = Pick<Deps, 'Orders' | 'clock' | 'random'> & { feed: ReturnType<typeof hallFeed> };

function hallOf(saleId: string, { Orders, clock, random, feed }: HallDeps): Hall {
  let pools = new Map<string, Bitmap>();
  let used = new Map<string, Set<number>>();
  let lookedAt = -Infinity;
  let looking: Promise<void> | undefined;

  const bitmap = (poolId: string, place: number): Bitmap => {
    const before = pools.get(poolId);
    if (before && place < before.length) return before;
    const larger = new Uint8Array(Math.max(1024, 2 * (place + 1)));
    larger.set(before ?? []);
    pools.set(poolId, larger);
    return larger;
  };
  const mark = (poolId: string, place: number, taken: boolean) => {
    bitmap(poolId, place)[place] = taken ? 1 : 0;
  };
  let moves = 0;
  const know = ({ status, items, allowances = [] }: Holding) => {
    const taken = isLive(status);
    moves += 1;
    for (const { ticketId } of items) {
      const { poolId, number } = placeOf(ticketId);
      mark(poolId, number, taken);
    }
    for (const { of, k } of allowances.map(allowanceOf)) {
      const those = used.get(of) ?? new Set();
      used.set(of, those);
      if (taken) those.add(k);
      else those.delete(k);
    }
  };
  const look = async () => {
    const at = clock.now().getTime();
    const live = await Orders.find({ saleId, status: { $in: LIVE } }, { projection: HOLDING });
    pools = new Map();
    used = new Map();
    for (const order of live) know(order);
    lookedAt = at;
  };
  const isFresh = () => clock.now().getTime() - lookedAt < FRESH || feed.knowsSince(lookedAt);

  return {
    know,
    isTaken: (poolId, place) => pools.get(poolId)?.[place] === 1,
    get used() {
      return used;
    },
    choose({ event, lines, team }) {
      const tried = new Map([...pools].map(([id, taken]) => [id, taken.slice()]));
      const takenOf = (poolId: string, capacity: number): Bitmap => {
        const before = tried.get(poolId);
        if (before && before.length >= capacity) return before;
        const larger = new Uint8Array(capacity);
        larger.set(before ?? []);
        tried.set(poolId, larger);
        return larger;
      };
      for (const { pool, places = [] } of lines)
        for (const place of places) takenOf(pool.id, pool.capacity)[place] = 1;
      const chosen: number[][] = [];
      for (const { pool, count, places } of lines) {
        const taken = takenOf(pool.id, pool.capacity);
        const wanted = { pool, count };
        const notForAll = [...event.internal.held, ...(event.marks ?? [])];
        const found =
          places ??
          choosePlaces({ ...wanted, except: notForAll }, taken, random) ??
          // Places that somebody needs go last; those that are held back only to the team's guests.
          choosePlaces({ ...wanted, except: team ? [] : event.internal.held }, taken, random);
        if (!found) return undefined;
        for (const place of found) taken[place] = 1;
        chosen.push([...found]);
      }
      return chosen;
    },
    left: (event) =>
      event.pools.map(({ id, capacity }) => {
        const taken = pools.get(id);
        let left = 0;
        for (let place = 0; place < capacity; place++)
          if (!taken?.[place] && !isHeld(event, id, place)) left += 1;
        return { poolId: id, left };
      }),
    async refresh() {
      if (isFresh()) return;
      looking ??= look().finally(() => {
        looking = undefined;
      });
      await looking;
    },
    get moves() {
      return moves;
    },
    get isFresh() {
      return isFresh();
    },
  };
}
