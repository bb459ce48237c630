import { describe, expect, test } from '@jest/globals';
import { judge, normalize } from '../src/domain.ts';
import { refreshTokens } from '../src/tokens.ts';

const rotatedAt = new Date('2026-01-01T12:00:00Z');
const after = (ms: number) => new Date(rotatedAt.getTime() + ms);

describe('a refresh token of generation', () => {
  test.each([
    [5, 0, 'rotate'],
    [5, 99_999_999, 'rotate'],
    [4, 0, 'same-successor'],
    [4, 30_000, 'same-successor'],
    [4, 30_001, 'reuse'],
    [3, 0, 'reuse'],
    [0, 0, 'reuse'],
    [6, 0, 'reuse'],
  ] as const)('%i, presented %i ms after the session rotated to 5: %s', (generation, ms, meaning) => {
    expect(judge({ generation: 5, rotatedAt }, generation, after(ms))).toBe(meaning);
  });
});

describe('a refresh token', () => {
  const { write, read } = refreshTokens('k'.repeat(32));
  const token = { sessionId: 'a'.repeat(24), generation: 7 };

  test('reads as it was written', () => expect(read(write(token))).toEqual(token));

  test('leads to the same successor however often it is used', () => {
    expect(write({ ...token, generation: 8 })).toBe(write({ ...token, generation: 8 }));
  });

  test.each([
    ['of another key', refreshTokens('x'.repeat(32)).write(token)],
    ['with another generation', write(token).replace('.7.', '.8.')],
    ['with another session', write(token).replace(/^a/, 'b')],
    ['with a changed signature', `${write(token).slice(0, -2)}AA`],
    ['cut short', write(token).slice(0, -1)],
    ['that is empty', ''],
    ['that is something else', 'Bearer of news'],
  ])('%s is not ours', (_what, text) => expect(read(text)).toBeUndefined());
});

test.each([
  ['  Ann@Example.COM ', 'ann@example.com'],
  ['ann@example.com', 'ann@example.com'],
])('the address %j is %j', (given, stored) => expect(normalize(given)).toBe(stored));
