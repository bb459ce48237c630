import type { Seats } from '../api/types.ts';
import { expanded, shortened } from './labels.ts';

/** Places by their numbers, both ends included. */
export interface Range {
  from: number;
  to: number;
}

/** What was typed in lines, or what cannot be read, to be said after its field's name. */
export type Read<T> = { value: T; wrong?: undefined } | { wrong: string };

const MOST_SEATS = 500;
/** What stands before the first colon, or tab, that is in no quotes; and behind it. */
const LINE = /^((?:"[^"]*"|[^":\t])*)(?:[:\t](.*))?$/;

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));

const linesOf = (text: string) =>
  text
    .split(/\r?\n/)
    .map((line, index) => {
      const [, before = '', behind] = LINE.exec(line.trim()) ?? [];
      return { at: index + 1, labels: expanded(before), seats: behind?.trim() };
    })
    .filter(({ labels, seats }) => labels.length > 0 || seats !== undefined);

/** `20` are so many seats; `1-18` and `3,5,7-12` are their names. */
function seatsOf(text: string): Omit<Seats, 'label'> | undefined {
  if (/^\d+$/.test(text)) return { seats: Number(text) };
  const names = expanded(text);
  const counted = names.every((name, index) => name === String(index + 1));
  return names.length === 0 ? undefined : { seats: names.length, ...(!counted && { names }) };
}

/** The rows of a block as they are typed: a line for each, or for several: `A-H: 20`. */
export function readRows(text: string): Read<Seats[]> {
  const rows: Seats[] = [];
  const known = new Set<string>();
  for (const { at, labels, seats } of linesOf(text)) {
    const read = seats === undefined ? undefined : seatsOf(seats);
    if (!read || labels.length === 0) return { wrong: `must be like “A-H: 20” (line ${at})` };
    if (read.seats < 1 || read.seats > MOST_SEATS)
      return { wrong: `must have 1 to ${MOST_SEATS} seats in a row (line ${at})` };
    const twice = read.names?.find((name, index, all) => all.indexOf(name) !== index);
    if (twice !== undefined) return { wrong: `must have seat ${twice} of a row once (line ${at})` };
    for (const label of labels) {
      if (known.has(label)) return { wrong: `must have row ${label} once (line ${at})` };
      known.add(label);
      rows.push({ label, ...read });
    }
  }
  return rows.length > 0 ? { value: rows } : { wrong: 'must have a row, such as “A: 20”' };
}

/** A single number would be a count. */
const seatsText = ({ seats, names }: Seats) => {
  if (!names) return String(seats);
  const [only] = names;
  return names.length === 1 && only !== undefined && /^\d+$/.test(only)
    ? `${only}-${only}`
    : shortened(names);
};

/** Lines, where those that stand behind each other and say the same are one. */
function joined(lines: readonly { label: string; says: string }[]): string {
  const groups: { labels: string[]; says: string }[] = [];
  for (const { label, says } of lines) {
    const last = groups.at(-1);
    if (last?.says === says) last.labels.push(label);
    else groups.push({ labels: [label], says });
  }
  return groups.map(({ labels, says }) => shortened(labels) + (says && `: ${says}`)).join('\n');
}

export const rowsText = (rows: readonly Seats[]): string =>
  joined(rows.map((row) => ({ label: row.label, says: seatsText(row) })));

const namesOf = ({ seats, names }: Seats) => names ?? numbers(seats);

/** Numbers in rising order as ranges. */
export function rangesOf(places: readonly number[]): Range[] {
  const ranges: Range[] = [];
  for (const place of [...new Set(places)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === place - 1) last.to = place;
    else ranges.push({ from: place, to: place });
  }
  return ranges;
}

/** Seats of a block by their rows, `A: 1-4`, or whole rows, `B-C`, as places that are counted from `first`. */
export function readPlaces(text: string, rows: readonly Seats[], first: number): Read<number[]> {
  const starts = new Map<string, { row: Seats; from: number }>();
  let from = first;
  for (const row of rows) {
    starts.set(row.label, { row, from });
    from += row.seats;
  }
  const places: number[] = [];
  for (const { at, labels, seats } of linesOf(text))
    for (const label of labels) {
      const found = starts.get(label);
      if (!found) return { wrong: `must be rows of the block: there is no ${label} (line ${at})` };
      const names = namesOf(found.row);
      for (const name of seats ? expanded(seats) : names) {
        const index = names.indexOf(name);
        if (index < 0) return { wrong: `must be seats of row ${label}: there is no ${name} (line ${at})` };
        places.push(found.from + index);
      }
    }
  return { value: places };
}

/** The same the other way round: those of the ranges that are in the block. */
export function placesText(ranges: readonly Range[], rows: readonly Seats[], first: number): string {
  let from = first;
  const lines = rows.flatMap((row) => {
    const start = from;
    from += row.seats;
    const names = namesOf(row);
    const held = names.filter((_, index) =>
      ranges.some((range) => range.from <= start + index && start + index <= range.to),
    );
    if (held.length === 0) return [];
    return [{ label: row.label, says: held.length === names.length ? '' : shortened(held) }];
  });
  return joined(lines);
}

/** A block as it is typed. */
export interface Sheet {
  name: string;
  rows: string;
}

/**
 * What was copied from a spreadsheet: in each line a block, a row, and its seats, or one of its seats. Undefined where that is none;
 * what stands above them is no row.
 */
export function readSheet(text: string): Sheet[] | undefined {
  const cells = text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map((cell) => cell.trim()))
    .filter((line) => line.some((cell) => cell !== ''));
  const lines = cells.filter((line, at) => at > 0 || /\d/.test(line[2] ?? ''));
  if (lines.length === 0 || lines.some((line) => line.length !== 3)) return undefined;
  const blocks = new Map<string, Map<string, string[]>>();
  for (const [block = '', row = '', seats = ''] of lines) {
    const rows = blocks.get(block) ?? new Map<string, string[]>();
    blocks.set(block, rows.set(row, [...(rows.get(row) ?? []), seats]));
  }
  return [...blocks].map(([name, rows]) => ({
    name,
    // A row of several lines has one seat in each.
    rows: joined(
      [...rows].map(([label, seats]) => ({
        label,
        says: seats.length === 1 ? (seats[0] ?? '') : shortened(seats),
      })),
    ),
  }));
}
