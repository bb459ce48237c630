import type { Places, Pool } from '@ticketing/common/contracts/event';

/** One byte for each place of a pool: 0 where it seems free. */
export type Bitmap = Uint8Array;

interface Wanted {
  pool: Pool;
  count: number;
  /** Places that are not for whoever asks for a number of them. */
  except: readonly Places[];
}

/** So many runs are chosen among, so that those who ask at the same time meet seldom; the best places come first. */
const AMONG = 64;

/**
 * Adjacent free places of one row, so that no single one is left over where that can be helped; where no row has so many,
 * the first that are free. Undefined when there are not enough.
 */
export function choosePlaces(
  { pool, count, except }: Wanted,
  taken: Bitmap,
  random: () => number,
): number[] | undefined {
  const free = new Uint8Array(pool.capacity);
  for (let place = 0; place < pool.capacity; place++) free[place] = taken[place] ? 0 : 1;
  for (const { poolId, from, to } of except) if (poolId === pool.id) free.fill(0, from, to + 1);
  const among = runs(free, rowEnds(pool), count);
  const first = among[Math.floor(random() * among.length)];
  if (first !== undefined) return Array.from({ length: count }, (_, n) => first + n);
  const left: number[] = [];
  for (let place = 0; place < free.length && left.length < count; place++) if (free[place]) left.push(place);
  return left.length === count ? left : undefined;
}

/** Where runs of `count` may begin; those that leave a single place beside them only if there are no others. */
function runs(free: Bitmap, ends: readonly number[], count: number): number[] {
  const good: number[] = [];
  const others: number[] = [];
  let start = 0;
  for (const end of ends) {
    while (start < end && good.length < AMONG) {
      while (start < end && !free[start]) start += 1;
      let stop = start;
      while (stop < end && free[stop]) stop += 1;
      for (let from = start; from + count <= stop && good.length < AMONG; from += count) {
        const leavesOne = from - start === 1 || stop - (from + count) === 1;
        if (!leavesOne) good.push(from);
        else if (others.length < AMONG) others.push(from);
      }
      start = stop;
    }
    start = end;
    if (good.length >= AMONG) break;
  }
  return good.length > 0 ? good : others;
}

/** A row ends where another begins; a pool without seats is one row. */
const rowEnds = ({ capacity, blocks }: Pool): number[] => {
  if (!blocks) return [capacity];
  let seats = 0;
  const ends = blocks.flatMap(({ rows }) => rows.map((row) => Math.min(capacity, (seats += row.seats))));
  return seats < capacity ? [...ends, capacity] : ends;
};
