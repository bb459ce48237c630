import { isLive, LIVE, type OrderItem, type OrderStatus } from '@ticketing/common/contracts/order';
import type { Log } from '@ticketing/common/log';
import { placeOf } from '@ticketing/common/places';
import { remember } from '@ticketing/common/remember';
import type { Clock, Random } from '@ticketing/common/runtime';
import type { Store } from '@ticketing/common/store';
import type { Order } from './domain.ts';
import { FRESH, hallFeed } from './hall-feed.ts';
import { allowanceOf, type Used } from './domain/allowances.ts';
import {
  AMONG,
  AMONG_MORE,
  type Bitmap,
  chooseForBuyers,
  chooseForGuests,
  mark,
  type Room,
  roomOf,
} from './domain/choice.ts';
import type { KnownEvent, Offer } from './domain/places.ts';
import { type Count, countOf, wholeText } from './domain/told.ts';

/** So many events are kept in mind at a time; those that were asked for longest ago go. */
const KEPT = 200;

/** Of so many tries, weighed by how late they are, it is told how many are refused. */
const TRIES = 16;

/** What lists show is as old as that at most, in milliseconds, of so many events. */
const BRIEF = 10_000;
const BRIEFS = 10_000;

/** What of an order tells who has what. */
export interface Holding {
  _id: string;
  status: OrderStatus;
  items: readonly Pick<OrderItem, 'ticketId'>[];
  /** What left it. */
  returned?: readonly Pick<OrderItem, 'ticketId'>[];
  allowances?: readonly string[];
  freed?: readonly string[];
}
export const HOLDING = { status: 1, items: 1, returned: 1, allowances: 1, freed: 1 } as const;

/**
 * What seems to be taken of an event (occupancy, inventory): a hint of this process. It may be wrong both ways, which costs
 * whoever believed it a retry; the indexes of the orders have the last word.
 */
export interface Hall {
  /** Takes what an order holds, or frees what it held. */
  know(order: Holding): void;
  isTaken(poolId: string, place: number): boolean;
  readonly used: Used;
  /** Chooses for each line; of places that were named, those. Undefined when there seem to be too few. */
  choose(offer: Offer): number[][] | undefined;
  /** What was chosen stands, or an index refused it: where most is refused, others choose too, and it is chosen among more. */
  met(refused: boolean): void;
  /** What is left of each pool: the same value until something changes. */
  counted(event: KnownEvent): Counted;
  /** Looks at the database, unless that was done within a second. */
  refresh(): Promise<void>;
  readonly isFresh: boolean;
}

/** An order in few bytes: of two that are alike, one may free what the other has, as any hint may. */
const shortOf = (orderId: string) => Number.parseInt(orderId.slice(-12), 16);

/** What is told of all pools, and its bytes: encoded once, however many read it. */
export interface Counted {
  readonly pools: readonly Count[];
  readonly whole: Buffer;
}

type Left = Pick<Count, 'poolId' | 'left'>;

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
  const briefs = new Map<string, { at: number; left: Promise<Left[]> }>();
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

    /** For lists, which ask of many events: it pushes out no hall in which somebody buys. */
    brief(event: KnownEvent): Promise<Left[]> {
      const at = clock.now().getTime();
      const before = briefs.get(event._id);
      if (before && at - before.at < BRIEF) return before.left;
      const hall = open.get(event._id) ?? hallOf(event._id, { Orders, clock, random, feed });
      const left = hall
        .refresh()
        .then(() => hall.counted(event).pools.map(({ poolId, left }) => ({ poolId, left })));
      remember(briefs, event._id, { at, left }, BRIEFS);
      left.catch(() => briefs.delete(event._id));
      return left;
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
  /** By which order each place of a pool is taken: what an order let go of may be another's by now. */
  let holders = new Map<string, number[]>();
  /** What is limited by account or code, and by which order each number is used. */
  let used = new Map<string, Map<number, string>>();
  /** The pools of an event as it was last asked about. */
  let rooms = new Map<string, Room>();
  let roomsOf: KnownEvent | undefined;
  let lookedAt = -Infinity;
  let looking: Promise<void> | undefined;
  /** What came while it was looked: the answer may be from before. */
  let meanwhile: Holding[] | undefined;
  /** Grows with whatever changes here. */
  let moves = 0;
  let counted: (Counted & { of: string }) | undefined;
  /** The share of tries that was refused lately. */
  let refusals = 0;

  const bitmap = (poolId: string, places: number): Bitmap => {
    const before = pools.get(poolId);
    if (before && places <= before.length) return before;
    const larger = new Uint8Array(Math.max(1024, 2 * places));
    larger.set(before ?? []);
    pools.set(poolId, larger);
    return larger;
  };
  const roomIn = (event: KnownEvent, poolId: string): Room | undefined => {
    if (roomsOf !== event) rooms = new Map();
    roomsOf = event;
    const known = rooms.get(poolId);
    if (known) return known;
    const pool = event.pools.find(({ id }) => id === poolId);
    if (!pool) return undefined;
    const kept = { held: event.internal.held, marks: event.marks ?? [] };
    const made = roomOf(pool, kept, bitmap(poolId, pool.capacity));
    rooms.set(poolId, made);
    return made;
  };
  const markIn = (poolId: string, place: number, taken: boolean) => {
    const room = rooms.get(poolId);
    if (room && place < room.pool.capacity) mark(room, place, taken);
    else {
      // It may grow, and rooms look at the one before.
      rooms.delete(poolId);
      bitmap(poolId, place + 1)[place] = taken ? 1 : 0;
    }
  };
  const noteFor = (by: string, taken: boolean) => {
    const order = shortOf(by);
    return ({ ticketId }: Pick<OrderItem, 'ticketId'>) => {
      const { poolId, number } = placeOf(ticketId);
      const those = holders.get(poolId) ?? [];
      holders.set(poolId, those);
      const holder = those[number] ?? 0;
      if (!taken && holder !== 0 && holder !== order) return;
      those[number] = taken ? order : 0;
      markIn(poolId, number, taken);
    };
  };
  const noteUse = (by: string, taken: boolean) => (allowance: string) => {
    const { of, k } = allowanceOf(allowance);
    const those = used.get(of) ?? new Map<number, string>();
    used.set(of, those);
    if (taken) those.set(k, by);
    else if (those.get(k) === by) those.delete(k);
  };
  const apply = ({ _id, status, items, returned = [], allowances = [], freed = [] }: Holding) => {
    moves += 1;
    const taken = isLive(status);
    returned.forEach(noteFor(_id, false));
    items.forEach(noteFor(_id, taken));
    freed.forEach(noteUse(_id, false));
    allowances.forEach(noteUse(_id, taken));
  };
  const look = async () => {
    const at = clock.now().getTime();
    const since: Holding[] = (meanwhile = []);
    try {
      const live = await Orders.find({ saleId, status: { $in: LIVE } }, { projection: HOLDING });
      pools = new Map();
      holders = new Map();
      used = new Map();
      rooms = new Map();
      moves += 1;
      for (const order of [...live, ...since]) apply(order);
      lookedAt = at;
    } finally {
      meanwhile = undefined;
    }
  };
  const isFresh = () => clock.now().getTime() - lookedAt < FRESH || feed.knowsSince(lookedAt);

  return {
    know(order) {
      meanwhile?.push(order);
      apply(order);
    },
    isTaken: (poolId, place) => pools.get(poolId)?.[place] === 1,
    get used() {
      return used;
    },
    choose({ event, lines, team }) {
      const chosen: number[][] = [];
      /** What one line takes, the next cannot have; those that are chosen are taken by their order. */
      const marked: [Room, number][] = [];
      const take = (room: Room, places: readonly number[]) => {
        for (const place of places.filter((one) => !room.taken[one])) {
          mark(room, place, true);
          marked.push([room, place]);
        }
      };
      const inRooms = lines.flatMap((line) => {
        const room = roomIn(event, line.pool.id);
        return room ? { ...line, room } : [];
      });
      for (const { room, places = [] } of inRooms) take(room, places);
      for (const { room, count, places } of inRooms) {
        const most = refusals > 0.5 ? AMONG_MORE : AMONG;
        const found = places ?? (team ? chooseForGuests : chooseForBuyers)(room, count, random, most);
        if (!found) break;
        take(room, found);
        chosen.push([...found]);
      }
      for (const [room, place] of marked) mark(room, place, false);
      return chosen.length === lines.length ? chosen : undefined;
    },
    met(refused) {
      refusals += ((refused ? 1 : 0) - refusals) / TRIES;
    },
    counted(event) {
      const of = `${event.version}/${moves}`;
      if (counted?.of === of) return counted;
      const inRooms = event.pools.flatMap(({ id }) => roomIn(event, id) ?? []);
      const all = inRooms.map(countOf);
      return (counted = { of, pools: all, whole: Buffer.from(wholeText(saleId, all)) });
    },
    async refresh() {
      if (isFresh()) return;
      looking ??= look().finally(() => {
        looking = undefined;
      });
      await looking;
    },
    get isFresh() {
      return isFresh();
    },
  };
}
