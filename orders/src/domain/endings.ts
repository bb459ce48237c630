import type { Doc } from '@ticketing/common/store';

/** How far the orders of a cancelled event are ended. */
export interface Ending extends Doc {
  knownAt: Date;
  /** When the event is over, and nobody looks again. */
  until: Date;
  /** When it is looked at next; absent when nobody looks again. */
  nextAt?: Date;
  /** When no order of it was live any more. */
  doneAt?: Date;
  ended: number;
}

/** An order that was decided before the event was known to be cancelled is in the database after so long, in milliseconds. */
const SETTLED = 10_000;
const SOON = 1000;
const LATER = 30_000;

/** What a pass that began then, and found so many live orders, means for an ending. */
export const passed = (
  { knownAt, until, doneAt }: Ending,
  began: Date,
  found: number,
): { nextAt?: Date; doneAt?: Date } => {
  const done = found === 0 && began.getTime() >= knownAt.getTime() + SETTLED;
  const over = done && began > until;
  return {
    ...(done && { doneAt: doneAt ?? began }),
    ...(!over && { nextAt: new Date(began.getTime() + (done ? LATER : SOON)) }),
  };
};
