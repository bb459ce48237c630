import { placeId, placeOf } from '@ticketing/common/places';
import type { OnSale, Tier } from './sale-event.ts';

/** A request and its answer, in milliseconds of one clock. */
interface Timed {
  start: number;
  end: number;
}
/** All that buyers were told. */
export interface History {
  /** An order was made of these places, by their ids. */
  taken: (Timed & { order: string; user: string; places: readonly string[] })[];
  /** It was given up. */
  given: (Timed & { order: string })[];
  /** A chosen seat was said to be somebody's. */
  refused: (Timed & { place: string })[];
  /** So many of a tier were said not to be left. */
  soldOut: (Timed & { tier: Tier; count: number })[];
}

/** Who is told that something is gone may be told what was true so long before, in milliseconds: what is left is a hint. */
const STALE = 1000;

type Step = Timed & { kind: 'take' | 'give' | 'refuse'; order: string };

/**
 * Whether what was told of one place can have happened one after the other, each at some moment between question and answer
 * (M. Herlihy, J. Wing, "Linearizability", 1990; the search is J. Wing and C. Gong's of 1993).
 */
function linearizable(steps: readonly Step[], holder?: string): boolean {
  if (steps.length === 0) return true;
  const first = Math.min(...steps.map(({ end }) => end));
  const fits = ({ kind, order, start }: Step) =>
    start <= first &&
    (kind === 'take' ? holder === undefined : kind === 'give' ? holder === order : holder !== undefined);
  // A refusal changes nothing, so it is never wrong to let one go first.
  const next = steps.find((step) => step.kind === 'refuse' && fits(step));
  return (next ? [next] : steps.filter(fits)).some((step) =>
    linearizable(
      steps.filter((other) => other !== step),
      { take: step.order, give: undefined, refuse: holder }[step.kind],
    ),
  );
}

/** Places of which no order of events explains all answers. */
export function impossible({ taken, given, refused }: History): string[] {
  const steps = new Map<string, Step[]>();
  const add = (place: string, step: Step) => {
    const those = steps.get(place) ?? [];
    steps.set(place, [...those, step]);
  };
  const gone = new Map(given.map((one) => [one.order, one]));
  for (const { order, places, start, end } of taken)
    for (const place of places) {
      add(place, { kind: 'take', order, start, end });
      const back = gone.get(order);
      if (back) add(place, { ...back, kind: 'give' });
    }
  for (const { place, start, end } of refused)
    add(place, { kind: 'refuse', order: '', start: start - STALE, end });
  return [...steps].flatMap(([place, those]) => (linearizable(those) ? [] : place));
}

/** Refusals of a tier that had enough left, whichever of the answers on their way came first. */
export function wronglySoldOut({ taken, given, soldOut }: History, { seated, general }: OnSale): number {
  return [seated, general].reduce((wrong, tier) => {
    const inTier = (places: readonly string[]) => places.filter((id) => placeOf(id).poolId === tier.poolId);
    const sizes = new Map(taken.map(({ order, places }) => [order, inTier(places).length]));
    const begun = sums(taken.map(({ order, start }) => [start, sizes.get(order) ?? 0]));
    const over = sums(given.map(({ order, end }) => [end, sizes.get(order) ?? 0]));
    const here = soldOut.filter((one) => one.tier === tier);
    return (
      wrong +
      here.filter(({ start, end, count }) => tier.capacity - (begun(end) - over(start - STALE)) >= count)
        .length
    );
  }, 0);
}

/** What was counted until a moment. */
const sums = (counted: readonly (readonly [at: number, count: number])[]) => {
  const sorted = counted.toSorted(([a], [b]) => a - b);
  let sum = 0;
  const until = sorted.map(([, count]) => (sum += count));
  return (moment: number) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle]?.[0] ?? Infinity) <= moment) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : (until[low - 1] ?? 0);
  };
};

/** Places that two orders have, or that are none of the event. */
export function soldTwice(
  orders: readonly { places: readonly string[] }[],
  { seated, general }: OnSale,
): number {
  const all = orders.flatMap(({ places }) => places);
  const known = new Set(
    [seated, general].flatMap(({ poolId, capacity }) =>
      Array.from({ length: capacity }, (_, place) => placeId(poolId, place)),
    ),
  );
  return all.length - new Set(all).size + all.filter((place) => !known.has(place)).length;
}

/** Accounts that have more of a tier than its limit. */
export function beyondLimit(
  orders: readonly { user: string; places: readonly string[] }[],
  limit: number,
): number {
  const held = new Map<string, number>();
  for (const { user, places } of orders)
    for (const place of places) {
      const key = `${user} ${placeOf(place).poolId}`;
      held.set(key, (held.get(key) ?? 0) + 1);
    }
  return [...held.values()].filter((count) => count > limit).length;
}

/** Of the orders of more than one seat that were not chosen, those that are not beside each other in one row. */
export function torn(orders: readonly { places: readonly string[] }[], { poolId, ends }: Tier): number {
  const groups = orders
    .map(({ places }) => places.map(placeOf))
    .filter((places) => places.length > 1 && places.every((place) => place.poolId === poolId))
    .map((places) => places.map(({ number }) => number).sort((a, b) => a - b));
  const rowOf = (place: number) => ends.findIndex((end) => place < end);
  const apart = groups.filter(([first = 0, ...others]) => {
    const last = others.at(-1) ?? first;
    return last - first !== others.length || rowOf(first) !== rowOf(last);
  });
  return groups.length === 0 ? 0 : apart.length / groups.length;
}

/** Between two looks, in orders. */
const LOOK = 200;

/** The most seats that stood free without a free one beside them at any moment, as a part of all. */
export function singles({ taken, given }: History, { poolId, ends, capacity }: Tier): number {
  const free = new Uint8Array(capacity).fill(1);
  const places = new Map(taken.map((one) => [one.order, one.places]));
  const moves = [
    ...taken.map(({ order, end }) => ({ order, end, isFree: 0 })),
    ...given.map(({ order, end }) => ({ order, end, isFree: 1 })),
  ].sort((a, b) => a.end - b.end);
  const look = () => {
    let [start, alone] = [0, 0];
    for (const end of ends) {
      for (let at = start; at < end; at++)
        if (free[at] && !(at > start && free[at - 1]) && !(at + 1 < end && free[at + 1])) alone += 1;
      start = end;
    }
    return alone;
  };
  let most = 0;
  for (const [nth, { order, isFree }] of moves.entries()) {
    for (const id of places.get(order) ?? []) {
      const place = placeOf(id);
      if (place.poolId === poolId) free[place.number] = isFree;
    }
    if (nth % LOOK === LOOK - 1 || nth === moves.length - 1) most = Math.max(most, look());
  }
  return most / capacity;
}
