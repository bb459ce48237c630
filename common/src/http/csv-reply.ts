import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { BOM, csvLine } from '../csv.ts';
import type { Doc, Filter, FindOptions, Store } from '../store.ts';
import { beyond, inOrder, type Sort } from './page.ts';

/**
 * Answers with a spreadsheet of this name, as long as `lines` gives any: each is made when the reader has taken the one before, and
 * until the last is taken it holds its place among the files that are being sent.
 */
export async function sendCsv(res: Response, lines: AsyncGenerator<string>, name: string): Promise<'done'> {
  const first = await lines.next();
  res.setHeader('Content-Type', 'text/csv; charset=utf-8');
  res.setHeader('Content-Disposition', `attachment; filename="${name}"`);
  const all = async function* () {
    yield first.value ?? '';
    yield* lines;
  };
  await pipeline(Readable.from(all()), res).catch((error: unknown) => {
    // Whoever asked for it has gone.
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
  return 'done';
}

interface Spreadsheet<T> {
  headings: readonly string[];
  /** A line's cells, one for each heading. */
  cells(document: T): readonly string[];
  sort: Sort & { field: '_id' };
  /** So many are read, and in memory, at a time. */
  atOnce: number;
  projection: NonNullable<FindOptions['projection']>;
}

/** What `sendCsv` sends of the documents that a filter finds: each piece is read when the reader has taken the one before. */
export async function* csvLines<T extends Doc>(
  { find }: Pick<Store<T>, 'find'>,
  filter: Filter,
  { headings, cells, sort, atOnce, projection }: Spreadsheet<T>,
): AsyncGenerator<string> {
  let head = `${BOM}${csvLine(headings)}`;
  for (let last: string | undefined; ;) {
    const rest = last === undefined ? filter : { $and: [filter, beyond([0, last], sort)] };
    const found = await find(rest, { sort: inOrder(sort), limit: atOnce, projection });
    yield head + found.map((document) => csvLine(cells(document))).join('');
    head = '';
    last = found.at(-1)?._id;
    if (found.length < atOnce) return;
  }
}
