import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Page, page, type Sort } from '../src/http/page.ts';
import { isRejection } from '../src/rejection.ts';
import type { Store } from '../src/store.ts';
import { testDatabase } from './database.ts';
import { fresh, type Note, noteModel } from './notes.ts';

const mongo = testDatabase();
let store: Store<Note>;
const all: Note[] = [];
beforeAll(async () => {
  store = mongo.database.store(noteModel);
  await mongo.database.prepare();
  const now = new Date();
  for (let n = 0; n < 500; n++) {
    const note = { ...fresh({ rank: n % 7 }), version: 0, createdAt: now, updatedAt: now };
    all.push(note);
    await store.insert(note);
  }
});
afterAll(() => mongo.destroy());

const read = async (query: Record<string, string>, sort: Sort, filter = {}) => {
  const url = `/api/notes?${new URLSearchParams(query)}`;
  const reply = await page(store, filter, Page.parse(query), sort, ({ _id, rank }) => ({ _id, rank }), {
    url,
  });
  if (isRejection(reply)) return reply;
  const next = /^<(.+)>; rel="next"$/.exec(reply.headers?.['Link'] ?? '')?.[1];
  return { items: reply.body as { _id: string; rank: number }[], next };
};

test.each([
  [{ field: '_id', direction: 1 }, '50'],
  [{ field: '_id', direction: -1 }, '33'],
  [{ field: 'rank', direction: 1 }, '50'],
  [{ field: 'rank', direction: -1 }, '1'],
  [{ field: 'rank', direction: -1 }, '200'],
] as const)('walking along %j by %s shows each of 500 once, in order', async (sort, limit) => {
  const seen: { _id: string; rank: number }[] = [];
  const filter = limit === '1' ? { rank: { $in: [2, 3] } } : {};
  let query: Record<string, string> | undefined = { limit };
  while (query) {
    const got = await read(query, sort, filter);
    if (isRejection(got)) throw new Error(got.message);
    seen.push(...got.items);
    query =
      got.next === undefined ? undefined : Object.fromEntries(new URL(got.next, 'http://x').searchParams);
  }
  const key = ({ _id, rank }: { _id: string; rank: number }) =>
    sort.field === '_id' ? _id : `${rank} ${_id}`;
  const wanted = all
    .filter(({ rank }) => limit !== '1' || rank === 2 || rank === 3)
    .map(key)
    .sort();
  expect(seen.map(key)).toEqual(sort.direction === 1 ? wanted : wanted.reverse());
});

test('a cursor of the release before leads on', async () => {
  const sort = { field: 'rank', direction: 1 } as const;
  const { items } = (await read({ limit: '2' }, sort)) as { items: { _id: string; rank: number }[] };
  const [first, second] = items;
  const cursor = Buffer.from(JSON.stringify([first?.rank, first?._id])).toString('base64url');
  expect(await read({ limit: '1', cursor }, sort)).toMatchObject({ items: [second] });
});

test('what is put in front of the place where one is reading moves nothing', async () => {
  const sort = { field: 'rank', direction: 1 } as const;
  const first = await read({ limit: '10' }, sort);
  if (isRejection(first)) throw new Error(first.message);
  const now = new Date();
  const early = { ...fresh({ rank: -1 }), version: 0, createdAt: now, updatedAt: now };
  await store.insert(early);
  const second = await read(Object.fromEntries(new URL(first.next!, 'http://x').searchParams), sort);
  await store.deleteMany({ _id: early._id });
  if (isRejection(second)) throw new Error(second.message);
  const ids = [...first.items, ...second.items].map(({ _id }) => _id);
  expect(new Set(ids).size).toBe(20);
});

test('the link keeps the filters of the page before', async () => {
  const got = await read({ limit: '10', q: 'a b' } as never, { field: '_id', direction: 1 }).catch(
    () => undefined,
  );
  expect(got).toBeUndefined(); // Page alone knows no `q`: strict
  const url = '/api/notes?limit=10&q=a%20b';
  const reply = await page(store, {}, { limit: 10 }, { field: '_id', direction: 1 }, (one) => one, { url });
  expect(isRejection(reply) ? '' : reply.headers?.['Link']).toMatch(
    /^<\/api\/notes\?limit=10&q=a\+b&cursor=/,
  );
});

test('the last page has no next', async () => {
  const got = await read({ limit: '200' }, { field: '_id', direction: 1 }, { rank: 0 });
  expect(got).toMatchObject({ next: undefined });
});

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
test.each([
  ['is no base64 JSON', 'hello'],
  ['holds an operator', encoded([{ $gt: '' }, 'x'])],
  ['holds too much', encoded(['a', 'b', 'c'])],
  ['is empty', ''],
])('a cursor that %s is refused by name', async (_what, cursor) => {
  expect(await read({ cursor }, { field: 'rank', direction: 1 })).toMatchObject({
    code: 'invalid',
    errors: [{ field: 'cursor' }],
  });
});
