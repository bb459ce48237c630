import { z } from 'zod';
import { reject, type Rejection } from '../rejection.ts';
import type { Doc, Filter, FindOptions, Store } from '../store.ts';
import type { Reply } from './route.ts';

/** The query of every list: `limit` 1–200, and the `cursor` that the page before named in its `Link` header. */
export const Page = z.strictObject({
  limit: z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(1, 'must be at least 1').max(200, 'must be at most 200'))
    .default(50)
    .meta({ description: 'How many, 1 to 200; 50 when left out' }),
  cursor: z
    .string()
    .max(500)
    .optional()
    .meta({
      description: "From the Link header's rel=next of the page before",
      pattern: String.raw`^\d{1,15}\.[0-9a-f]{24}$`,
    }),
});

export interface Sort {
  field: string;
  direction: 1 | -1;
  /** The field holds moments. */
  moments?: true;
}

/**
 * One page of a list, by keyset: its cost does not grow with its number. The index must begin with what `filter`
 * fixes, then the sort's field, then `_id`.
 */
export async function page<T extends Doc, V>(
  store: Store<T>,
  filter: Filter,
  { limit, cursor }: z.output<typeof Page>,
  by: Sort,
  view: (document: T) => V,
  { url, projection }: { url: string; projection?: FindOptions['projection'] },
): Promise<Reply | Rejection> {
  const after = cursor === undefined ? undefined : readCursor(cursor, by.moments);
  if (after === 'invalid') return NOT_A_CURSOR;
  const found = await store.find(after ? { $and: [filter, beyond(after, by)] } : filter, {
    sort: inOrder(by),
    limit: limit + 1,
    ...(projection && { projection }),
  });
  const last = found.length > limit ? found[limit - 1] : undefined;
  return {
    status: 200,
    body: found.slice(0, limit).map(view),
    ...(last && { headers: nextPage(url, makeCursor(last, by.field)) }),
  };
}

export const NOT_A_CURSOR = reject('invalid', 'The query is not valid', {
  errors: [{ message: 'is not a cursor', field: 'cursor' }],
});

export const inOrder = ({ field, direction }: Sort): Record<string, 1 | -1> =>
  field === '_id' ? { _id: direction } : { [field]: direction, _id: direction };

/** What comes after a value of the sort's field and an id. */
export const beyond = ([value, id]: Cursor, { field, direction }: Sort): Filter => {
  const further = direction === 1 ? '$gt' : '$lt';
  if (field === '_id') return { _id: { [further]: id } };
  return { $or: [{ [field]: { [further]: value } }, { [field]: value, _id: { [further]: id } }] };
};

const Cursor = z.tuple([z.union([z.string(), z.number()]), z.string()]);
export type Cursor = readonly [string | number | Date, string];

/** Lists are sorted by a whole number or a moment, and by id among equals or alone. */
const makeCursor = (document: Doc, field: string) =>
  `${field === '_id' ? 0 : Number((document as unknown as Record<string, number | Date>)[field])}.${document._id}`;

const readCursor = (text: string, moments = false): Cursor | 'invalid' => {
  const [, value, id] = /^(\d{1,15})\.([0-9a-f]{24})$/.exec(text) ?? [];
  if (value !== undefined && id !== undefined) return [moments ? new Date(Number(value)) : Number(value), id];
  if (moments) return 'invalid';
  // As the release before made them: pages that are open go on.
  try {
    return Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    return 'invalid';
  }
};

/** The header that names the page after this one. */
export const nextPage = (url: string, cursor: string) => {
  const next = new URL(url, 'http://origin');
  next.searchParams.set('cursor', cursor);
  return { Link: `<${next.pathname}${next.search}>; rel="next"` };
};
