import type { Pool } from './contracts/event.ts';

/** A place of a pool: its number among all, and what its seat is called in a seated one. */
export interface Place {
  number: number;
  seat?: Seat;
}

export interface Seat {
  block: string;
  row: string;
  seat: string;
}

/** As a list or a spreadsheet names it: `Stalls A 12`. */
export const seatName = ({ block, row, seat }: Seat): string => `${block} ${row} ${seat}`;

const DIGITS = 8;

/** What an order item calls a place: 24 hexadecimal digits, those of its pool and of its number. */
export const placeId = (poolId: string, number: number): string =>
  poolId + number.toString(16).padStart(DIGITS, '0');

/** The same read back: any id has these parts, and whether there is such a pool is for its event to say. */
export const placeOf = (id: string): { poolId: string; number: number } => ({
  poolId: id.slice(0, -DIGITS),
  number: Number.parseInt(id.slice(-DIGITS), 16),
});

/** Where the rows of a pool end; one without seats is one row. */
export const rowEnds = ({ capacity, blocks }: Pool): number[] => {
  if (!blocks) return [capacity];
  let seats = 0;
  const ends = blocks.flatMap(({ rows }) => rows.map((row) => Math.min(capacity, (seats += row.seats))));
  return seats < capacity ? [...ends, capacity] : ends;
};

/** Which of the rows that end there a place is in. */
export function rowAt(ends: readonly number[], place: number): number {
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (place < (ends[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The seat that has this number: blocks, rows and seats are counted from 0 as they stand. Undefined where there is none. */
export function seatAt({ blocks = [] }: Pick<Pool, 'blocks'>, number: number): Seat | undefined {
  let left = number;
  for (const { name, rows } of blocks)
    for (const { label, seats, names } of rows) {
      if (left < seats) return { block: name, row: label, seat: names?.[left] ?? String(left + 1) };
      left -= seats;
    }
  return undefined;
}
