import type { EventPool, Seats } from '../api/types.ts';
import type { Called } from './seat-text.ts';

/** The side of a seat, by which all of a plan is measured; what is beside rows and above blocks. */
export const SEAT = 10;
const MARGIN = 14;
const HEADING = 18;
const GAP = 8;
/** About as wide is a letter of a block's name. */
const LETTER = 6;

export interface PlanRow {
  block: string;
  label: string;
  /** Which block and row it is, from 0. */
  nthBlock: number;
  nth: number;
  /** The number of its first seat. */
  start: number;
  count: number;
  names: Seats['names'];
  /** Where its first seat stands. */
  x: number;
  y: number;
}
export interface Plan {
  rows: readonly PlanRow[];
  blocks: readonly { name: string; y: number }[];
  width: number;
  height: number;
  /** Seats of the longest row. */
  columns: number;
}

/** Where the seats of a pool stand: block under block, each row in the middle. */
export function planOf({ blocks = [] }: Pick<EventPool, 'blocks'>): Plan {
  const columns = Math.max(1, ...blocks.flatMap(({ rows }) => rows.map(({ seats }) => seats)));
  const longest = Math.max(0, ...blocks.map(({ name }) => Array.from(name).length));
  const width = Math.max(columns * SEAT + 2 * MARGIN, longest * LETTER);
  const rows: PlanRow[] = [];
  const headings: Plan['blocks'][number][] = [];
  let [y, start] = [0, 0];
  for (const [nthBlock, block] of blocks.entries()) {
    headings.push({ name: block.name, y: y + HEADING - 6 });
    y += HEADING;
    for (const { label, seats: count, names } of block.rows) {
      const x = (width - count * SEAT) / 2;
      rows.push({ block: block.name, label, nthBlock, nth: rows.length, start, count, names, x, y });
      start += count;
      y += SEAT;
    }
    y += GAP;
  }
  return { rows, blocks: headings, width, height: y, columns };
}

/** The row that a place is in. */
export const rowOf = ({ rows }: Plan, place: number): PlanRow | undefined =>
  rows.findLast(({ start }) => start <= place);

/** `{ block: 'Stalls', row: 'A', seat: '3' }`: seats are called 1, 2, … or by their names. */
export function seatCalled(plan: Plan, place: number): Called {
  const row = rowOf(plan, place);
  const n = place - (row?.start ?? 0);
  return { block: row?.block ?? '', row: row?.label ?? '', seat: row?.names?.[n] ?? String(n + 1) };
}

/** The seat at a point of the plan. */
export function seatAtPoint({ rows }: Plan, x: number, y: number): number | undefined {
  const row = rows.find((one) => one.y <= y && y < one.y + SEAT);
  const n = Math.floor((x - (row?.x ?? 0)) / SEAT);
  return row && n >= 0 && n < row.count ? row.start + n : undefined;
}

/** Where a key leads from a seat; undefined for any other key. */
export function movedBy(key: string, plan: Plan, place: number): number | undefined {
  const row = rowOf(plan, place);
  if (!row) return undefined;
  const last = row.start + row.count - 1;
  const [below, above] = [plan.rows[row.nth + 1], plan.rows[row.nth - 1]];
  const to = (other: PlanRow | undefined) => (other ? nearest(other, row, place) : place);
  switch (key) {
    case 'ArrowRight':
      return Math.min(last, place + 1);
    case 'ArrowLeft':
      return Math.max(row.start, place - 1);
    case 'ArrowDown':
      return to(below);
    case 'ArrowUp':
      return to(above);
    case 'Home':
      return row.start;
    case 'End':
      return last;
    case 'PageDown':
      return to(plan.rows.find(({ nthBlock }) => nthBlock === row.nthBlock + 1));
    case 'PageUp':
      return to(plan.rows.find(({ nthBlock }) => nthBlock === row.nthBlock - 1));
    default:
      return undefined;
  }
}

/** The seat of another row that stands closest to where a seat stands in its own. */
const nearest = (other: PlanRow, row: PlanRow, place: number): number => {
  const n = Math.round((row.x + (place - row.start) * SEAT - other.x) / SEAT);
  return other.start + Math.min(other.count - 1, Math.max(0, n));
};

/** What a seat is: free, not to be had, or chosen; and for whom it is. A letter each. */
export type State = 'f' | 'g' | 'c';
export type Mark = '-' | 'a' | 'm';

/** For each seat of a pool, in a text that rows can be compared by. */
export function marksOf({ capacity, marks = [] }: Pick<EventPool, 'capacity' | 'marks'>): string {
  const all = Array<Mark>(capacity).fill('-');
  for (const { from, to, mark } of marks) all.fill(mark === 'accessible' ? 'a' : 'm', from, to + 1);
  return all.join('');
}

const OUTLINES: Record<Mark, string> = {
  '-': 'm1.5 1.5h7v7h-7z',
  a: 'm1 5a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z',
  m: 'm5 .5l4.5 4.5l-4.5 4.5l-4.5 -4.5z',
};
const CROSS = 'm3.2 3.2l3.6 3.6m0 -3.6l-3.6 3.6';
const TICK = 'm2.8 5.2l1.6 1.6l2.8 -3.4';

/** All seats of a row that look alike are one shape. */
export function shapesOf({ x, y }: Pick<PlanRow, 'x' | 'y'>, states: string, marks: string) {
  const shapes = { free: '', gone: '', chosen: '', ticks: '' };
  for (let n = 0; n < states.length; n++) {
    const at = `M${x + n * SEAT} ${y}`;
    const outline = at + OUTLINES[(marks[n] ?? '-') as Mark];
    if (states[n] === 'f') shapes.free += outline;
    else if (states[n] === 'g') shapes.gone += at + CROSS;
    else {
      shapes.chosen += outline;
      shapes.ticks += at + TICK;
    }
  }
  return shapes;
}
