import { expect, test } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { backTo } from '../src/account/back.ts';
import { isExpired, readToken } from '../src/session/token.ts';

const cookie = (claims: object) => {
  const token = jwt.sign(claims, 'a key that pages do not know', { subject: 'u1', expiresIn: 60 });
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
