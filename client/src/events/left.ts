import type { EventPool } from '../api/types.ts';

/** What of a pool can be had: how many places, and which cannot, where it has seats and that is known. */
export interface PoolLeft {
  left: number;
  gone?: Uint8Array | undefined;
}
/** By pool; of a pool that is not in it nothing is known. */
export type Hall = ReadonlyMap<string, PoolLeft>;

/** As the API tells it: all of it (`gone`), or what has changed. */
export interface PlacesNews {
  eventId: string;
  pools: readonly {
    poolId: string;
    left: number;
    /** In base64: bit `i & 7` of byte `i >> 3` is set where place `i` cannot be had. */
    gone?: string;
    taken?: readonly number[];
    freed?: readonly number[];
  }[];
}

export const isGone = (gone: PoolLeft['gone'], place: number): boolean =>
  (((gone?.[place >> 3] ?? 0) >> (place & 7)) & 1) === 1;

/** A hall after news of it; pools that are not in them stay as they are. */
export function after(hall: Hall, { pools }: PlacesNews): Hall {
  const now = new Map(hall);
  for (const { poolId, left, gone, taken = [], freed = [] } of pools) {
    const bits = gone === undefined ? now.get(poolId)?.gone : bitsOf(gone);
    now.set(poolId, { left, gone: bits && changed(bits, taken, freed) });
  }
  return now;
}

/** How many of the places of each pool are left, where that is known. */
export const leftOfEach = (hall: Hall, pools: readonly Pick<EventPool, 'id' | 'capacity'>[]) =>
  pools.flatMap(({ id: poolId, capacity: of }) => {
    const left = hall.get(poolId)?.left;
    return left === undefined ? [] : [{ poolId, left, of }];
  });

const bitsOf = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function changed(bits: Uint8Array, taken: readonly number[], freed: readonly number[]): Uint8Array {
  if (taken.length + freed.length === 0) return bits;
  const last = Math.max(-1, ...taken);
  const now = new Uint8Array(Math.max(bits.length, (last >> 3) + 1));
  now.set(bits);
  for (const place of taken) now[place >> 3] = (now[place >> 3] ?? 0) | (1 << (place & 7));
  for (const place of freed) now[place >> 3] = (now[place >> 3] ?? 0) & ~(1 << (place & 7));
  return now;
}
