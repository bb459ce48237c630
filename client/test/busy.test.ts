import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { isDecided } from '../src/api/answer.ts';
import { once, setKnown } from '../src/api/browser.ts';

/** What the server answers, in turn, and the keys that it was asked with. */
let answers: Response[];
let keys: (string | undefined)[];
const real = globalThis.fetch;

beforeEach(() => {
  jest.useFakeTimers();
  keys = [];
  globalThis.fetch = ((_path: string, { headers }: { headers?: Record<string, string> }) => {
    keys.push(headers?.['idempotency-key']);
    return Promise.resolve(answers.shift()!);
  }) as typeof fetch;
});
afterEach(() => {
  jest.useRealTimers();
  globalThis.fetch = real;
});

const busy = (status: number, seconds: number) =>
  new Response(JSON.stringify({ detail: 'Too many' }), { status, headers: { 'retry-after': `${seconds}` } });
const bought = () => new Response(JSON.stringify({ id: 'o1' }), { status: 201 });

test.each([503, 429])(
  'who is refused with %i buys when they were told to come back, under one key',
  async (status) => {
    answers = [busy(status, 2), bought()];
    const answer = once('/api/orders', { status });
    await jest.advanceTimersByTimeAsync(1999);
    expect(keys).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1500);
    expect(await answer).toMatchObject({ ok: true, status: 201 });
    expect(new Set(keys).size).toBe(1);
  },
);

test('nobody is kept waiting for minutes, or for ever', async () => {
  answers = [busy(429, 900)];
  expect(await once('/api/orders', {})).toMatchObject({ status: 429, retryAfter: 900 });
  answers = [busy(503, 1), busy(503, 1), busy(503, 1), bought()];
  const answer = once('/api/orders', {});
  await jest.advanceTimersByTimeAsync(10_000);
  expect(await answer).toMatchObject({ status: 503, detail: 'Too many' });
  expect(answers).toHaveLength(1);
});

test('a page on plain http, where a browser has fewer means, buys and keeps its session', async () => {
  const getRandomValues = globalThis.crypto.getRandomValues.bind(globalThis.crypto);
  const crypto = jest.replaceProperty(globalThis, 'crypto', { getRandomValues } as Crypto);
  const navigator = jest.replaceProperty(globalThis, 'navigator', {} as Navigator);
  try {
    setKnown(true);
    answers = [new Response('{}', { status: 401 }), new Response(null, { status: 503 })];
    expect(await once('/api/orders', { plain: 'http' })).toMatchObject({ status: 401 });
    expect(keys).toEqual([expect.stringMatching(/^[\d-]{7,}$/), undefined]);
  } finally {
    crypto.restore();
    navigator.restore();
    setKnown(false);
  }
});

test.each([
  [0, false],
  [201, true],
  [409, true],
  [429, false],
  [500, false],
  [503, false],
])('whether an answer %i says what became of it: %j', (status, decided) =>
  expect(isDecided({ status })).toBe(decided),
);

test('whose answer was lost asks under the same key until it is decided', async () => {
  const lost = () => new Response('{}', { status: 502 });
  answers = [lost(), busy(429, 900), bought(), bought()];
  const body = { eventId: 'e1' };
  for (let turn = 0; turn < 4; turn++) await once('/api/orders', body);
  expect(new Set(keys.slice(0, 3)).size).toBe(1);
  expect(keys[3]).not.toBe(keys[0]);
});
