/** A seeded source of randomness (mulberry32): the same seed gives the same numbers on every machine. */
export interface Dice {
  /** In [0, 1). */
  next(): number;
  below(n: number): number;
  chance(probability: number): boolean;
  /** Undefined of nothing. */
  pick<T>(from: readonly T[]): T | undefined;
  /** Another source that does not disturb this one. */
  fork(): Dice;
}

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number) => Math.floor(next() * n);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (from) => from[below(from.length)],
    fork: () => dice(below(4294967296)),
  };
}
