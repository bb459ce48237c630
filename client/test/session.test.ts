import { describe, expect, test } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { backTo } from '../src/account/back.ts';
import { shown } from '../src/session/cookies.ts';
import { isExpired, judge, newest, readToken } from '../src/session/token.ts';

const cookie = (claims: object, expiresIn = 60) => {
  const token = jwt.sign(claims, 'a key that pages do not know', { subject: 'u1', expiresIn });
  return Buffer.from(JSON.stringify({ jwt: token })).toString('base64');
};

test('the session cookie says who is here, and until when', () => {
  const read = readToken(cookie({ email: 'grüße@example.com', sessionId: 's1' }))!;
  expect(read).toMatchObject({ id: 'u1', email: 'grüße@example.com', sessionId: 's1' });
  expect(read.expiresAt - read.issuedAt).toBe(60);
  expect(isExpired(read, read.expiresAt * 1000 - 1)).toBe(false);
  expect(isExpired(read, read.expiresAt * 1000)).toBe(true);
});

test.each(['', 'nonsense', btoa('{}'), btoa('{"jwt":"a.b.c"}'), btoa('null')])(
  'the cookie %j is nobody’s',
  (text) => {
    expect(readToken(text)).toBeUndefined();
  },
);

test.each([
  ['/orders/1?a=b', '/orders/1?a=b'],
  [undefined, '/'],
  [['/a', '/b'], '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/.//evil.example/x', '/'],
  ['/a/..//evil.example', '/'],
  ['/%2e//evil.example', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
])('after signing in, %j leads to %j', (to, where) => {
  expect(backTo(to)).toBe(where);
});

describe('what a request shows of a session', () => {
  const [HTTP, HTTPS] = ['http://localhost:3000', 'https://ticketing.dev'];
  test.each([
    ['ticketing-session=a; theme=dark', HTTP, ['ticketing-session=a'], undefined],
    ['session=theirs; ticketing-session=a', HTTP, ['ticketing-session=a'], undefined],
    ['session=old', HTTP, ['session=old'], undefined],
    ['ticketing-session=tossed', HTTPS, [], undefined],
    ['__Host-ticketing-session=a; session=b', HTTPS, ['__Host-ticketing-session=a'], undefined],
    [
      'ticketing-session=a; ticketing-session=b',
      HTTP,
      ['ticketing-session=a', 'ticketing-session=b'],
      undefined,
    ],
    ['__Host-ticketing-exchanged=done', HTTPS, [], 'done'],
    ['ticketing-exchanged=none', HTTP, [], 'none'],
    [null, HTTP, [], undefined],
  ])('%j at %s', (header, origin, session, exchanged) => {
    expect(shown(header, origin)).toEqual({ session, exchanged });
  });

  test('is the token that ends last, of those that are ours', () => {
    const value = (sessionId: string, seconds: number) =>
      `ticketing-session=${cookie({ email: 'a@example.com', sessionId }, seconds)}`;
    const all = [value('s1', 60), value('s2', 120), 'ticketing-session=theirs', value('s3', 90)];
    expect(newest(all)).toMatchObject({ sessionId: 's2' });
    expect(newest(['session=theirs'])).toBeUndefined();
  });

  const token = { expiresAt: 1000 };
  const some = ['ticketing-session=a'];
  test.each([
    ['a token that is good', token, some, undefined, 999, 'good'],
    ['one that is over', token, some, undefined, 1001, 'exchange'],
    ['one that is over although it was just made', token, some, 'done', 1001, 'clocks'],
    ['one that is over and was not exchanged', token, some, 'none', 1001, 'nobody'],
    ['a cookie of somebody else', undefined, some, undefined, 1, 'exchange'],
    ['the same, when that was in vain', undefined, some, 'none', 1, 'nobody'],
    ['nothing', undefined, [], undefined, 1, 'nobody'],
  ] as const)('%s leads to one exchange at most', (_what, mine, session, exchanged, seconds, meaning) => {
    expect(judge(mine, { session, exchanged }, seconds * 1000)).toBe(meaning);
  });
});
