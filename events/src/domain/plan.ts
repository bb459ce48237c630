import type { Places, Pool } from '@ticketing/common/contracts/event';
import type { FieldError } from '@ticketing/common/rejection';
import type { EventRecord, Mark, Range, WantedBlock, WantedPool } from './record.ts';

/** Places of an event, in all its pools. */
const MOST_PLACES = 200_000;
const MOST_OF_POOL = 100_000;

export interface Plan {
  pools: Pool[];
  held: Places[];
  marks: Mark[];
}

type Before = Pick<EventRecord, 'status' | 'pools'>;

/** Collects what is wrong with a request, by its fields. */
export type Complain = (field: string, message: string) => void;

export const complaints = (): { errors: FieldError[]; complain: Complain } => {
  const errors: FieldError[] = [];
  return { errors, complain: (field, message) => void errors.push({ field, message }) };
};

/** What is sold from: places by their numbers, those that are held back and those that are marked. */
export function planOf(
  wanted: readonly WantedPool[],
  before: Before | undefined,
  newPoolId: () => string,
  complain: Complain,
): Plan {
  const plan: Plan = { pools: [], held: [], marks: [] };
  wanted.forEach((one, index) => {
    const field = `pools.${index}`;
    const known = before?.pools.some(({ id }) => id === one.id);
    if (one.id !== undefined && !known) complain(`${field}.id`, 'must be a pool of this event');
    if (one.id !== undefined && plan.pools.some(({ id }) => id === one.id))
      complain(`${field}.id`, 'must name each pool once');
    const pool = { id: one.id ?? unused(newPoolId, plan.pools), ...spaceOf(one, field, complain) };
    const within = (ranges: readonly Range[], what: string) =>
      checkRanges(ranges, pool.capacity, `${field}.${what}`, complain);
    within(one.held ?? [], 'held');
    within(one.marks ?? [], 'marks');
    plan.pools.push(pool);
    plan.held.push(...(one.held ?? []).map(({ from, to }) => ({ poolId: pool.id, from, to })));
    plan.marks.push(...(one.marks ?? []).map(({ from, to, mark }) => ({ poolId: pool.id, from, to, mark })));
  });
  if (plan.pools.reduce((sum, { capacity }) => sum + capacity, 0) > MOST_PLACES)
    complain('pools', `must have at most ${MOST_PLACES} places in all`);
  return plan;
}

/** Twenty that are made in one second differ by chance alone. */
const unused = (newId: () => string, pools: readonly Pool[]): string => {
  for (;;) {
    const id = newId();
    if (!pools.some((pool) => pool.id === id)) return id;
  }
};

function spaceOf({ capacity, blocks }: WantedPool, field: string, complain: Complain): Omit<Pool, 'id'> {
  if (!blocks) {
    if (capacity === undefined) complain(`${field}.capacity`, 'must be given where there are no blocks');
    return { capacity: capacity ?? 1 };
  }
  const seats = blocks.flatMap(({ rows }) => rows).reduce((sum, row) => sum + row.seats, 0);
  if (capacity !== undefined && capacity !== seats)
    complain(`${field}.capacity`, `must be left out, or the ${seats} seats of its blocks`);
  if (seats > MOST_OF_POOL) complain(`${field}.blocks`, `must have at most ${MOST_OF_POOL} seats`);
  distinct(
    blocks,
    ({ name }) => name,
    (at) => complain(`${field}.blocks.${at}.name`, 'must be of one block'),
  );
  blocks.forEach((block, at) => checkRows(block, `${field}.blocks.${at}`, complain));
  return {
    capacity: seats,
    blocks: blocks.map(({ name, rows }) => ({
      name,
      rows: rows.map(({ label, seats, names }) => ({ label, seats, ...(names && { names: [...names] }) })),
    })),
  };
}

function checkRows({ rows }: WantedBlock, field: string, complain: Complain) {
  distinct(
    rows,
    ({ label }) => label,
    (at) => complain(`${field}.rows.${at}.label`, 'must be of one row of its block'),
  );
  rows.forEach(({ seats, names }, at) => {
    if (!names) return;
    const row = `${field}.rows.${at}.names`;
    if (names.length !== seats) complain(row, `must name each of its ${seats} seats`);
    distinct(
      names,
      (name) => name,
      (seat) => complain(`${row}.${seat}`, 'must be of one seat of its row'),
    );
  });
}

function checkRanges(ranges: readonly Range[], capacity: number, field: string, complain: Complain) {
  ranges.forEach(({ from, to }, at) => {
    if (to < from) complain(`${field}.${at}.to`, 'must be from or later');
    else if (to >= capacity)
      complain(`${field}.${at}.to`, `must be at most ${capacity - 1}: places count from 0`);
  });
  const sorted = ranges.map((range, at) => ({ ...range, at })).sort((a, b) => a.from - b.from);
  sorted.forEach(({ from, at }, index) => {
    const former = sorted[index - 1];
    if (former && from <= former.to)
      complain(`${field}.${at}.from`, `must not overlap ${field}.${former.at}`);
  });
}

/** Of those that are the same, each but the first. */
function distinct<T>(all: readonly T[], name: (one: T) => string, again: (at: number) => void) {
  const seen = new Set<string>();
  all.forEach((one, at) => (seen.has(name(one)) ? again(at) : seen.add(name(one))));
}

/** What was published stays: numbers of places are what orders hold, so pools and seats may be added behind and called otherwise. */
export function checkPublishedPools(
  before: readonly Pool[],
  after: readonly Pool[],
  complain: Complain,
): void {
  for (const pool of before) {
    const at = after.findIndex(({ id }) => id === pool.id);
    const then = after[at];
    if (!then) complain('pools', `must keep ${pool.id}: hold back what is not to be sold`);
    else if (!pool.blocks !== !then.blocks)
      complain(`pools.${at}`, 'must stay with seats, or without, once it is published');
    else if (pool.blocks && !keepsSeats(pool.blocks, then.blocks ?? []))
      complain(
        `pools.${at}.blocks`,
        'must keep all seats in their order once they are published: hold some back, call them otherwise, or add behind the last',
      );
  }
}

type Blocks = NonNullable<Pool['blocks']>;

/** Whether each seat has the number that it had: all rows have their seats, but the very last, which may have more. */
const keepsSeats = (before: Blocks, after: Blocks): boolean => {
  const rowsOf = (blocks: Blocks) =>
    blocks.flatMap(({ rows }, block) => rows.map(({ seats }) => ({ block, seats })));
  const [former, now] = [rowsOf(before), rowsOf(after)];
  return former.every(({ block, seats }, at) => {
    const row = now[at];
    if (row?.block !== block) return false;
    return at === former.length - 1 ? row.seats >= seats : row.seats === seats;
  });
};
