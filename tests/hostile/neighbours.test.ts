import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, eventually, testHost, type TestHost } from '@ticketing/common/testing';
import { tickets } from '@ticketing/tickets/service';

let host: TestHost;
const over = new AbortController();
beforeAll(async () => {
  host = await testHost([tickets], {
    mongoUrl: process.env['TEST_MONGO_URL'] ?? '',
    // An address may hold a tenth of them, a user a hundredth.
    env: { MAX_STREAMS: '1000' },
  });
});
afterAll(async () => {
  over.abort();
  await host.destroy();
});

/** Follows the market; `seen` is all that came. */
const follow = async (headers: Record<string, string>) => {
  const reply = await fetch(`${host.url}/api/tickets/stream`, { headers, signal: over.signal });
  let seen = '';
  void (async () => {
    for await (const text of reply.body?.pipeThrough(new TextDecoderStream()) ?? []) seen += text;
  })().catch(() => undefined);
  return { status: reply.status, seen: () => seen };
};

test('five hundred people who are signed in behind one address all see a change, also when strangers there hold all they may', async () => {
  const strangers = await Promise.all(Array.from({ length: 101 }, () => follow({})));
  expect(strangers.filter(({ status }) => status === 200)).toHaveLength(100);
  const people = await Promise.all(
    Array.from({ length: 500 }, () => follow(bearer({ id: systemIds.next() }))),
  );
  expect(people.filter(({ status }) => status === 200)).toHaveLength(500);
  const sold = await fetch(`${host.url}/api/tickets`, {
    method: 'POST',
    headers: { ...bearer({ id: systemIds.next() }), 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Seen by all', price: 1000 }),
  });
  expect(sold.status).toBe(201);
  await eventually(() =>
    expect(people.filter(({ seen }) => seen().includes('Seen by all'))).toHaveLength(500),
  );
});

test('one user holds no more than a hundredth', async () => {
  const me = bearer({ id: systemIds.next() });
  const mine = await Promise.all(Array.from({ length: 11 }, () => follow(me)));
  expect(mine.map(({ status }) => status).toSorted()).toEqual([...Array<number>(10).fill(200), 429]);
});
