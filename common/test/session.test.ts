import { describe, expect, jest, test } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { identify, sessionWriter, signToken, verifyToken } from '../src/http/session.ts';

const key = 'k'.repeat(32);
const user = {
  id: 'a'.repeat(24),
  email: 'ann@example.com',
  roles: ['user' as const],
  sessionId: 'b'.repeat(24),
};
const claims = { email: user.email, roles: user.roles, sessionId: user.sessionId, sub: user.id };
const ours = { algorithm: 'HS256', issuer: 'ticketing/auth', audience: 'ticketing', expiresIn: 60 } as const;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a token tells who asks, and until when', () => {
  const { expiresAt, ...who } = verifyToken(signToken(user, key, 60), key)!;
  expect(who).toEqual(user);
  expect(Math.abs(expiresAt.getTime() - Date.now() - 60_000)).toBeLessThan(2000);
});

describe('a token', () => {
  const now = Math.floor(Date.now() / 1000);
  test.each([
    ['that is expired', signToken(user, key, -1)],
    ['of another key', signToken(user, 'x'.repeat(32), 60)],
    ['of another issuer', jwt.sign(claims, key, { ...ours, issuer: 'somebody' })],
    ['for another audience', jwt.sign(claims, key, { ...ours, audience: 'somebody' })],
    ['by another algorithm', jwt.sign(claims, key, { ...ours, algorithm: 'HS512' })],
    [
      'without a signature',
      `${part({ alg: 'none', typ: 'JWT' })}.${part({ ...claims, iss: ours.issuer, aud: ours.audience, exp: now + 60 })}.`,
    ],
    [
      'whose payload was changed',
      signToken(user, key, 60).replace(/\.[^.]+\./, `.${part({ ...claims, roles: ['admin'] })}.`),
    ],
    ['without an id', jwt.sign({ email: user.email, roles: user.roles, sessionId: 'x' }, key, ours)],
    ['with a role that is none', jwt.sign({ ...claims, roles: ['root'] }, key, ours)],
    ['that is none', 'hello'],
    ['that is empty', ''],
  ])('%s is nobody', (_what, token) => expect(verifyToken(token, key)).toBeUndefined());
});

describe('a request', () => {
  const token = signToken(user, key, 60);
  const other = signToken({ ...user, id: 'c'.repeat(24) }, key, 60);
  const asks = (headers: Record<string, string>) => identify(key)({ headers })?.id;
  const cookie = (content: unknown) =>
    `theme=dark; ticketing-session=${Buffer.from(JSON.stringify(content)).toString('base64')}; last=1`;
  test.each([
    ['with a bearer token', { authorization: `Bearer ${token}` }, user.id],
    ['with a session cookie', { cookie: cookie({ jwt: token }) }, user.id],
    [
      'with both: the header counts',
      { authorization: `Bearer ${token}`, cookie: cookie({ jwt: other }) },
      user.id,
    ],
    [
      'with a bad header and a good cookie',
      { authorization: 'Bearer x', cookie: cookie({ jwt: token }) },
      undefined,
    ],
    ['with a cookie that holds something else', { cookie: cookie({ jwt: { $ne: '' } }) }, undefined],
    ['with a cookie that holds nothing', { cookie: cookie(null) }, undefined],
    ['with a cookie that cannot be read', { cookie: 'ticketing-session=x' }, undefined],
    ['with an empty cookie', { cookie: 'ticketing-session=' }, undefined],
    [
      'with a cookie of a similar name',
      { cookie: cookie({ jwt: token }).replace(' ticketing', ' xticketing') },
      undefined,
    ],
    ['with neither', {}, undefined],
  ])('%s', (_what, headers, id) => expect(asks(headers as Record<string, string>)).toBe(id));
});

test('a token that was remembered is nobody once it has expired', () => {
  const ask = identify(key);
  const req = { headers: { authorization: `Bearer ${signToken(user, key, 60)}` } };
  expect(ask(req)?.id).toBe(user.id);
  jest.useFakeTimers({ now: Date.now() + 59_000 });
  expect(ask(req)?.id).toBe(user.id);
  jest.setSystemTime(Date.now() + 2000);
  expect(ask(req)).toBeUndefined();
  jest.useRealTimers();
});

test.each([
  ['earlier', [60, 120]],
  ['later', [120, 60]],
])('of several tokens that are good, the one that ends last counts, though it came %s', (_when, seconds) => {
  const values = seconds.map((lifetime) =>
    signToken({ ...user, id: String(lifetime).repeat(8) }, key, lifetime),
  );
  const header = values
    .map((jwt) => `ticketing-session=${Buffer.from(JSON.stringify({ jwt })).toString('base64')}`)
    .join('; ');
  expect(identify(key)({ headers: { cookie: header } })?.id).toBe('120'.repeat(8));
});

test('a session cookie that cannot be written is an error, never a success without it', () => {
  const lines: string[] = [];
  const res = { append: (_name: string, line: string) => lines.push(line) } as never;
  for (const secure of [true, false]) sessionWriter(secure, 60)(res, { jwt: 'x' });
  expect(lines).toEqual([
    expect.stringMatching(/^__Host-ticketing-session=ey.*; secure; httponly$/),
    expect.stringMatching(/^ticketing-session=ey.*; httponly$/),
  ]);
  expect(() => sessionWriter(true, NaN)(res, { jwt: 'x' })).toThrow(
    'The session cookie could not be written',
  );
});
