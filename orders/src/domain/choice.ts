import type { Places, Pool } from '@ticketing/common/contracts/event';
import { rowAt, rowEnds } from '@ticketing/common/places';

/** One byte for each place of a pool: 0 where it seems free. */
export type Bitmap = Uint8Array;

/** Whom a place is for: all, who needs it, or the team's guests. What is looked for may be several of them. */
export const FOR_ALL = 1;
export const FOR_NEED = 2;
export const FOR_GUESTS = 4;

/** A pool as it is sold from: what seems free of it, and where. */
export interface Room {
  readonly pool: Pool;
  /** Where rows end. */
  readonly ends: readonly number[];
  /** Of each place, whom it is for. */
  readonly whom: Uint8Array;
  readonly taken: Bitmap;
  /** Of seats alone, a bit for each: whether it is taken, or held back. */
  readonly gone: Uint8Array | undefined;
  /** How many are free in each row, and for buyers in all. */
  readonly free: number[];
  left: number;
  /** The first row in which something is free. */
  first: number;
}

/** So many runs are chosen among, so that those who ask at the same time meet seldom; the best places come first. */
export const AMONG = 64;
/** And among so many where most meet somebody. */
export const AMONG_MORE = 256;
/** Where nobody sits, so many places are a row, as no more than its free ones need be looked at. */
const STANDING = 64;

interface Kept {
  held: readonly Places[];
  marks: readonly Places[];
}

export function roomOf(pool: Pool, { held, marks }: Kept, taken: Bitmap): Room {
  const { id, capacity, blocks } = pool;
  const ends = blocks
    ? rowEnds(pool)
    : Array.from({ length: Math.ceil(capacity / STANDING) }, (_, row) =>
        Math.min(capacity, (row + 1) * STANDING),
      );
  const whom = new Uint8Array(capacity).fill(FOR_ALL);
  for (const [ranges, those] of [
    [marks, FOR_NEED],
    [held, FOR_GUESTS],
  ] as const)
    for (const { poolId, from, to } of ranges) if (poolId === id) whom.fill(those, from, to + 1);
  const gone = blocks && new Uint8Array((capacity + 7) >> 3);
  const room = { pool, ends, whom, taken, gone, free: ends.map(() => 0), left: 0, first: 0 };
  for (let place = 0; place < capacity; place++) {
    note(room, place);
    if (!taken[place]) count(room, place, 1);
  }
  return room;
}

/** Takes a place, or frees it. */
export function mark(room: Room, place: number, taken: boolean): void {
  if (place >= room.pool.capacity || (room.taken[place] === 1) === taken) return;
  room.taken[place] = taken ? 1 : 0;
  note(room, place);
  count(room, place, taken ? -1 : 1);
}

function note({ gone, taken, whom }: Room, place: number) {
  if (!gone) return;
  const bit = 1 << (place & 7);
  const others = (gone[place >> 3] ?? 0) & ~bit;
  gone[place >> 3] = taken[place] || whom[place] === FOR_GUESTS ? others | bit : others;
}

function count(room: Room, place: number, more: number) {
  const row = rowAt(room.ends, place);
  room.free[row] = (room.free[row] ?? 0) + more;
  if (room.whom[place] !== FOR_GUESTS) room.left += more;
  if (more > 0) room.first = Math.min(room.first, row);
  else while (room.free[room.first] === 0) room.first += 1;
}

/**
 * Adjacent free places of one row, so that no single one is left over where that can be helped; where no row has so many,
 * the first that are free. Undefined when there are not enough.
 */
export function choosePlaces(
  room: Room,
  wanted: number,
  whom: number,
  random: () => number,
  most = AMONG,
): number[] | undefined {
  if (!(whom & FOR_GUESTS) && room.left < wanted) return undefined;
  const among = runs(room, wanted, whom, most);
  // The better ones more often.
  const first = among[Math.floor(random() ** 2 * among.length)];
  if (first !== undefined) return Array.from({ length: wanted }, (_, n) => first + n);
  const left = firstFree(room, wanted, whom);
  return left.length === wanted ? left : undefined;
}

/** The same for the team's guests: of what is held back, and of the rest what is missing then. */
export function chooseForGuests(
  room: Room,
  wanted: number,
  random: () => number,
  most?: number,
): number[] | undefined {
  const together = choosePlaces(room, wanted, FOR_GUESTS, random, most);
  if (together) return together;
  const held = firstFree(room, wanted, FOR_GUESTS);
  const rest = chooseForBuyers(room, wanted - held.length, random, most);
  return rest && [...held, ...rest];
}

/** Places that somebody needs go last. */
export const chooseForBuyers = (
  room: Room,
  wanted: number,
  random: () => number,
  most?: number,
): number[] | undefined =>
  choosePlaces(room, wanted, FOR_ALL, random, most) ??
  choosePlaces(room, wanted, FOR_ALL | FOR_NEED, random, most);

/** At most so many of the first that are free. */
function firstFree(room: Room, wanted: number, whom: number): number[] {
  const free: number[] = [];
  for (let row = room.first; row < room.ends.length && free.length < wanted; row++) {
    const [start, end] = [room.ends[row - 1] ?? 0, room.ends[row] ?? 0];
    if (room.free[row])
      for (let place = start; place < end && free.length < wanted; place++)
        if (isFree(room, place, whom)) free.push(place);
  }
  return free;
}

const isFree = ({ taken, whom }: Room, place: number, forWhom: number) =>
  !taken[place] && ((whom[place] ?? 0) & forWhom) !== 0;

/** Where runs of `wanted` may begin; those that leave a single seat beside them only if there are no others. */
function runs(room: Room, wanted: number, whom: number, most: number): number[] {
  const good: number[] = [];
  const others: number[] = [];
  const isSeated = room.pool.blocks !== undefined;
  for (let row = room.first; row < room.ends.length && good.length < most; row++) {
    if ((room.free[row] ?? 0) < wanted) continue;
    let start = room.ends[row - 1] ?? 0;
    const end = room.ends[row] ?? 0;
    while (start < end && good.length < most) {
      while (start < end && !isFree(room, start, whom)) start += 1;
      let stop = start;
      while (stop < end && isFree(room, stop, whom)) stop += 1;
      const last = stop - wanted;
      // Seats are taken from both ends of what is free, so that long runs stay for large groups.
      const step = isSeated ? Math.max(wanted, last - start) : wanted;
      for (let from = start; from <= last && good.length < most; from += step) {
        const leavesOne = isSeated && stop - start - wanted === 1;
        if (!leavesOne) good.push(from);
        else if (others.length < most) others.push(from);
      }
      start = stop;
    }
  }
  return good.length > 0 ? good : others;
}
