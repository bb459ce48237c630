import type { EventPool } from '../api/types.ts';

/** How the places of a pool stand, where so many are left to buyers; those that are held back may be given away already. */
export function countOf(
  { capacity, held = [] }: Pick<EventPool, 'capacity' | 'held'>,
  left: number | undefined,
) {
  const kept = held.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return { left, held: kept, taken: left === undefined ? undefined : Math.max(0, capacity - kept - left) };
}

/** Where its team is told how an event sells. */
export const salesPath = (eventId: string): string => `/api/orders/sales?eventId=${eventId}`;
