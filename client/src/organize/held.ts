import type { EventPool } from '../api/types.ts';
import { blocksOf } from './body.ts';
import type { BlockDraft } from './draft.ts';
import { placesText, rangesOf } from './rows.ts';

/** Blocks that are typed, as a plan has them. */
export interface TypedSeats extends Pick<EventPool, 'capacity' | 'marks'> {
  blocks: NonNullable<EventPool['blocks']>;
  /** The numbers of those that are held back. */
  held: ReadonlySet<number>;
}

/** What the plan shows; undefined as long as something of it cannot be read, but for the name of a block. */
export function typedSeats(drafts: readonly BlockDraft[]): TypedSeats | undefined {
  const wrong: string[] = [];
  const { blocks, held, marks = [] } = blocksOf(drafts, '', (field) => void wrong.push(field));
  if (drafts.length === 0 || wrong.some((field) => !field.endsWith('.name'))) return undefined;
  const capacity = blocks.reduce((sum, { rows }) => sum + rows.reduce((all, { seats }) => all + seats, 0), 0);
  const places = held.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
  return { blocks, capacity, marks, held: new Set(places) };
}

/** Holds all back from one place to another, or none; what is typed of blocks without any of these stays as it is. */
export function withHeld(
  drafts: readonly BlockDraft[],
  { blocks, held }: TypedSeats,
  [one, other]: readonly [number, number],
  back: boolean,
): BlockDraft[] {
  const [from, to] = [Math.min(one, other), Math.max(one, other)];
  const then = new Set(held);
  for (let place = from; place <= to; place += 1) {
    if (back) then.add(place);
    else then.delete(place);
  }
  const ranges = rangesOf([...then]);
  let first = 0;
  return drafts.map((draft, at) => {
    const { rows } = blocks[at] ?? { rows: [] };
    const start = first;
    first += rows.reduce((sum, { seats }) => sum + seats, 0);
    return from < first && to >= start ? { ...draft, held: placesText(ranges, rows, start) } : draft;
  });
}
