import { createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { backTo } from '../src/account/back.ts';
import { shown } from '../src/session/cookies.ts';
import { isExpired, judge, newest, readToken } from '../src/session/token.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [ours, theirs] = [pair(), pair()];
const keys = { known: new Map([['ours', ours.publicKey]]) };
const inCookie = (token: string) => Buffer.from(JSON.stringify({ jwt: token })).toString('base64');
const cookie = (claims: object, expiresIn = 60) =>
  inCookie(
    jwt.sign(claims, ours.privateKey, { algorithm: 'ES256', keyid: 'ours', subject: 'u1', expiresIn }),
  );
const readOurs = (text: string) => readToken(text, keys);

test('the session cookie says who is here, and until when', () => {
  const read = readOurs(cookie({ email: 'grüße@example.com', sessionId: 's1', name: 'Grüße' }))!;
  expect(read).toMatchObject({ id: 'u1', email: 'grüße@example.com', sessionId: 's1', name: 'Grüße' });
  expect(read.expiresAt - read.issuedAt).toBe(60);
  expect(isExpired(read, read.expiresAt * 1000 - 1)).toBe(false);
  expect(isExpired(read, read.expiresAt * 1000)).toBe(true);
});

test.each(['', 'nonsense', btoa('{}'), btoa('{"jwt":"a.b.c"}'), btoa('null')])(
  'the cookie %j is nobody’s',
  (text) => {
    expect(readOurs(text)).toBeUndefined();
  },
);

describe('a token', () => {
  const claims = { email: 'eve@example.com', sessionId: 's1', sub: 'u1' };
  const es256 = { algorithm: 'ES256', keyid: 'ours', expiresIn: 60 } as const;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const body = part({ ...claims, email: 'mallory@example.com', iat: now, exp: now + 60 });
  const pem = ours.publicKey.export({ type: 'spki', format: 'pem' });
  const hmac = (header: object, secret: string | Buffer) => {
    const text = `${part(header)}.${body}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  test.each([
    ['of another key', jwt.sign(claims, theirs.privateKey, es256)],
    ['of a key that is not known', jwt.sign(claims, ours.privateKey, { ...es256, keyid: 'theirs' })],
    ['without a signature', `${part({ alg: 'none', kid: 'ours' })}.${body}.`],
    ['signed with the public key as a secret', hmac({ alg: 'HS256', kid: 'ours' }, pem)],
    ['that names no key', hmac({ alg: 'HS256' }, 'k'.repeat(32))],
    ['whose payload was changed', jwt.sign(claims, ours.privateKey, es256).replace(/\.[^.]+\./, `.${body}.`)],
  ])('%s shows nobody', (_what, token) => expect(readOurs(inCookie(token))).toBeUndefined());

  const old = (iat: number, expiresIn: number) =>
    inCookie(jwt.sign({ ...claims, iat }, 'k'.repeat(32), { expiresIn }));
  test('of before there were key pairs shows who is here while such may live', () => {
    const before = { ...keys, unnamedBefore: new Date((now - 60) * 1000) };
    expect(readToken(old(now - 100, 300), before)).toMatchObject({ id: 'u1' });
    expect(readToken(old(now - 30, 300), before)).toBeUndefined();
    expect(readToken(old(now - 100, 7200), before)).toBeUndefined();
    expect(readOurs(old(now - 100, 300))).toBeUndefined();
  });
});

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
    expect(newest(all, keys)).toMatchObject({ sessionId: 's2' });
    expect(newest(['session=theirs'], keys)).toBeUndefined();
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
