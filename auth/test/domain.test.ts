import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judge } from '../src/domain.ts';
import { refreshTokens } from '../src/tokens.ts';

describe('a refresh token of generation', () => {
  test.each([
    [5, 'rotate'],
    [4, 'same-successor'],
    [3, 'reuse'],
    [0, 'reuse'],
    [6, 'reuse'],
  ] as const)('%i of a session that is at 5: %s', (generation, meaning) => {
    expect(judge({ generation: 5 }, generation)).toBe(meaning);
  });

  /** What happens while a browser exchanges its token once: so many tabs ask, and so their answers come, or do not. */
  const exchange = fc.array(fc.constantFrom('comes', 'comes late', 'is lost'), {
    minLength: 1,
    maxLength: 4,
  });

  /** A browser with one jar; what it presented and what it holds after all that. */
  const browse = (rounds: readonly (readonly string[])[]) => {
    let [server, jar] = [0, 0];
    let late: number[] = [];
    const meanings: string[] = [];
    for (const tabs of rounds) {
      const presented = jar;
      const earlier = late;
      late = [];
      for (const answer of tabs) {
        const meaning = judge({ generation: server }, presented);
        meanings.push(meaning);
        if (meaning === 'rotate') server = presented + 1;
        if (answer === 'comes') jar = presented + 1;
        if (answer === 'comes late') late.push(presented + 1);
      }
      for (const token of earlier) jar = token;
    }
    return { meanings, server, jar };
  };

  test('is never taken for stolen from its owner, whatever becomes of the answers to whichever tabs', () => {
    fc.assert(
      fc.property(fc.array(exchange, { maxLength: 20 }), (rounds) => {
        expect(browse(rounds).meanings).not.toContain('reuse');
      }),
    );
  });

  test('is taken for stolen as soon as two hold it and go on', () => {
    fc.assert(
      fc.property(fc.array(exchange, { maxLength: 20 }), (rounds) => {
        const { server, jar } = browse(rounds);
        // The thief copies the jar and goes on twice; then the owner comes with what was copied.
        const ahead = judge({ generation: server }, jar) === 'rotate' ? jar + 1 : server;
        expect(judge({ generation: ahead }, jar + 1)).toBe('rotate');
        expect(judge({ generation: ahead + 1 }, jar)).toBe('reuse');
      }),
    );
  });
});

describe('a refresh token', () => {
  const secrets = (...keys: string[]) => ({
    keys,
    former: { makes: () => undefined, good: () => undefined },
  });
  const { write, read } = refreshTokens(secrets('k'.repeat(32)));
  const token = { sessionId: 'a'.repeat(24), generation: 7 };

  test('reads as it was written', () => expect(read(write(token))).toEqual({ ...token, former: false }));

  test('leads to the same successor however often it is used', () => {
    expect(write({ ...token, generation: 8 })).toBe(write({ ...token, generation: 8 }));
  });

  test.each([
    ['of another key', refreshTokens(secrets('x'.repeat(32))).write(token)],
    ['with another generation', write(token).replace('.7.', '.8.')],
    ['with another session', write(token).replace(/^a/, 'b')],
    ['with a changed signature', `${write(token).slice(0, -2)}AA`],
    ['cut short', write(token).slice(0, -1)],
    ['that is empty', ''],
    ['that is something else', 'Bearer of news'],
  ])('%s is not ours', (_what, text) => expect(read(text)).toBeUndefined());
});
