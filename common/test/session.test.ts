import { describe, expect, jest, test } from '@jest/globals';
import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { formerKey, PrivateKeys, PublicKeys, type SigningKey } from '../src/http/keys.ts';
import { cookieNames } from '../src/http/cookies.ts';
import { formerUsers, identify, sessionWriter, signToken, verifyToken } from '../src/http/session.ts';

/** A pair as the settings have it. */
const pair = (kid: string, namedCurve = 'P-256') => {
  const jwk = { ...generateKeyPairSync('ec', { namedCurve }).privateKey.export({ format: 'jwk' }), kid };
  const { d: _private, ...shown } = jwk;
  return { jwk, shown };
};
const jwks = (...keys: object[]) => JSON.stringify({ keys });
const [mine, next, theirs] = [pair('mine'), pair('next'), pair('mine')];
const [key, nextKey, theirKey] = [mine, next, theirs].map(({ jwk }) => PrivateKeys.parse(jwks(jwk))[0]!) as [
  SigningKey,
  SigningKey,
  SigningKey,
];
const keys = { keys: PublicKeys.parse(jwks(mine.shown, next.shown)) };
const user = {
  id: 'a'.repeat(24),
  email: 'ann@example.com',
  roles: ['user' as const],
  sessionId: 'b'.repeat(24),
};
const claims = { email: user.email, roles: user.roles, sessionId: user.sessionId, sub: user.id };
const ours = {
  algorithm: 'ES256',
  keyid: 'mine',
  issuer: 'ticketing/auth',
  audience: 'ticketing',
  expiresIn: 60,
} as const;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const { keyid: _keyid, ...unnamed } = ours;
const now = Math.floor(Date.now() / 1000);
const whole = { ...claims, iss: ours.issuer, aud: ours.audience, iat: now, exp: now + 60 };
const open = createPublicKey(key.key);
const PEM = open.export({ type: 'spki', format: 'pem' });
const DER = open.export({ type: 'spki', format: 'der' });
const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
/** What no library would make: by hand. */
const forged = (header: { alg: 'HS256' | 'HS384' | 'HS512'; kid?: string }, secret: string | Buffer) => {
  const text = `${part(header)}.${part(whole)}`;
  const mac = createHmac(`sha${header.alg.slice(2)}`, secret)
    .update(text)
    .digest('base64url');
  return `${text}.${mac}`;
};
const signed = (header: object, by: KeyObject) => {
  const text = `${part(header)}.${part(whole)}`;
  const signature = sign('sha256', Buffer.from(text), { key: by, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
};

test('what the tests forge by hand is right but for what they change', () => {
  expect(verifyToken(signed({ alg: 'ES256', kid: 'mine' }, key.key), keys)?.id).toBe(user.id);
});

test('a token tells who asks, and until when', () => {
  const { expiresAt, ...who } = verifyToken(signToken(user, key, 60), keys)!;
  expect(who).toEqual(user);
  expect(Math.abs(expiresAt.getTime() - Date.now() - 60_000)).toBeLessThan(2000);
});

describe('a token', () => {
  test.each([
    ['that is expired', signToken(user, key, -1)],
    ['of another key of the same name', signToken(user, theirKey, 60)],
    ['of a key in force under the name of another', signToken(user, { ...nextKey, kid: 'mine' }, 60)],
    ['of a key that is not in force', signToken(user, { ...key, kid: 'former' }, 60)],
    ['that names no key', jwt.sign(claims, key.key, { ...unnamed, algorithm: 'ES256' })],
    ['of another issuer', jwt.sign(claims, key.key, { ...ours, issuer: 'somebody' })],
    ['for another audience', jwt.sign(claims, key.key, { ...ours, audience: 'somebody' })],
    ...(['HS256', 'HS384', 'HS512'] as const).flatMap((alg) => [
      [`by ${alg} with the public key as its secret`, forged({ alg, kid: 'mine' }, PEM)] as const,
      [`by ${alg} with the public key, as bytes`, forged({ alg, kid: 'mine' }, DER)] as const,
      [
        `by ${alg} with the public key, as settings have it`,
        forged({ alg, kid: 'mine' }, jwks(mine.shown)),
      ] as const,
      [`by ${alg} with an empty secret and no name`, forged({ alg }, '')] as const,
    ]),
    ['of another curve', jwt.sign(claims, P384, { ...ours, algorithm: 'ES384' })],
    ['of another curve, called ES256', signed({ alg: 'ES256', kid: 'mine' }, P384)],
    ['by RSA', jwt.sign(claims, RSA, { ...ours, algorithm: 'RS256' })],
    ['whose key is in its header', signed({ alg: 'ES256', jwk: theirs.shown }, theirKey.key)],
    ['whose key is a list', signed({ alg: 'ES256', kid: ['mine'] }, key.key)],
    ['whose header is no object', `${part([])}.${part(claims)}.x`],
    [
      'without a signature',
      `${part({ alg: 'none', typ: 'JWT', kid: 'mine' })}.${part({ ...claims, iss: ours.issuer, aud: ours.audience, exp: now + 60 })}.`,
    ],
    [
      'whose signature is nothing at all',
      `${part({ alg: 'ES256', kid: 'mine' })}.${part(whole)}.${Buffer.alloc(64).toString('base64url')}`,
    ],
    [
      'whose payload was changed',
      signToken(user, key, 60).replace(/\.[^.]+\./, `.${part({ ...claims, roles: ['admin'] })}.`),
    ],
    ['without an id', jwt.sign({ email: user.email, roles: user.roles, sessionId: 'x' }, key.key, ours)],
    ['with a role that is none', jwt.sign({ ...claims, roles: ['root'] }, key.key, ours)],
    ['that is none', 'hello'],
    ['that is empty', ''],
  ])('%s is nobody', (_what, token) => expect(verifyToken(token, keys)).toBeUndefined());
});

describe('a request', () => {
  const token = signToken(user, key, 60);
  const other = signToken({ ...user, id: 'c'.repeat(24) }, key, 60);
  const asks = (headers: Record<string, string>) => identify(keys)({ headers })?.id;
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
  const ask = identify(keys);
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
  expect(identify(keys)({ headers: { cookie: header } })?.id).toBe('120'.repeat(8));
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

test('a token of each key in force is good, so that keys change without anybody noticing', () => {
  for (const one of [key, nextKey]) expect(verifyToken(signToken(user, one, 60), keys)?.id).toBe(user.id);
});

describe('a token of before there were key pairs', () => {
  const secret = 'k'.repeat(32);
  const old = { algorithm: 'HS256', issuer: ours.issuer, audience: ours.audience } as const;
  const made = (secondsAgo: number, lifetime: number, by = secret) =>
    jwt.sign({ ...claims, iat: now - secondsAgo }, by, { ...old, expiresIn: lifetime });
  const given = (secondsAgo: number) => ({
    ...keys,
    former: formerKey({ JWT_KEY: secret, JWT_KEY_BEFORE: new Date((now - secondsAgo) * 1000) }),
  });

  test('is good until it ends, where its key is given, and is marked', () => {
    expect(verifyToken(made(100, 300), given(60))).toMatchObject({ id: user.id, former: true });
    expect(verifyToken(made(400, 300), given(60))).toBeUndefined();
    expect(verifyToken(made(100, 300), keys)).toBeUndefined();
  });

  test('says no more whose session it was, once all must be over', () => {
    const cookie = Buffer.from(JSON.stringify({ jwt: made(8000, 300) })).toString('base64');
    const req = { headers: { cookie: `ticketing-session=${cookie}` } };
    const users = (secondsAgo: number) => formerUsers(req, given(secondsAgo), cookieNames(false));
    expect(users(3000)).toMatchObject([{ id: user.id }]);
    expect(users(3700)).toEqual([]);
  });

  test.each([
    ['made after the end of its key', made(30, 300), 60],
    ['that shall live for longer than any did', made(100, 7200), 60],
    ['made by whoever had the key, when the last one must be over', made(3700, 3600 + 200), 3700],
    ['of another secret', made(100, 300, 'x'.repeat(32)), 60],
    ['of an empty secret', forged({ alg: 'HS256' }, ''), 0],
    ['that names a key of now', forged({ alg: 'HS256', kid: 'mine' }, secret), -60],
    ['by another algorithm', forged({ alg: 'HS512' }, secret), -60],
    ['by ES256 without a name', signed({ alg: 'ES256' }, key.key), -60],
  ])('%s is nobody', (_what, token, ago) => expect(verifyToken(token, given(ago))).toBeUndefined());
});

describe('public keys', () => {
  test.each([
    ['no JSON', 'hello', 'must be a JWKS'],
    ['no keys', jwks(), 'must be a JWKS'],
    ['a private part', jwks(mine.jwk), 'without its private part'],
    ['another curve', jwks(pair('mine', 'P-384').shown), 'on the curve P-256'],
    ['another kind', jwks({ kty: 'oct', kid: 'mine', k: 'a'.repeat(43) }), 'must be a JWKS'],
    ['no kid', jwks({ ...mine.shown, kid: undefined }), 'each with a kid'],
    ['one kid twice', jwks(mine.shown, theirs.shown), 'must not name two keys by the same kid'],
    ['a point that is none', jwks({ ...mine.shown, y: mine.shown.x }), 'must hold points of that curve'],
  ])('with %s are refused, and none of it is repeated', (_what, text, sentence) => {
    const { error } = PublicKeys.safeParse(text);
    expect(error?.issues[0]?.message).toContain(sentence);
    expect(JSON.stringify(error)).not.toContain(mine.shown.x);
  });
});
