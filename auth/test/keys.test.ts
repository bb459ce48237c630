import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemIds } from '@ticketing/common/runtime';
import { movableClock, TEST_KEYS, testHost, type TestHost } from '@ticketing/common/testing';
import request, { type Response } from 'supertest';
import { auth } from '../src/service.ts';

const mongoUrl = process.env['TEST_MONGO_URL'] ?? '';
const JWT_KEY = 'the key that every service had before';
const DAY = 24 * 3600_000;
const BEFORE = new Date(Date.now() - 1000);
const clock = movableClock();
let host: TestHost;
beforeAll(async () => {
  const env = { JWT_KEY, JWT_KEY_BEFORE: BEFORE.toISOString(), TRUST_PROXY_HOPS: '1' };
  host = await testHost([auth()], { mongoUrl, clock, env });
});
afterAll(() => host.destroy());

const api = (at = host) => request(at.url);
const sessions = () => host.database('auth').connection!.collection<{ _id: string }>('sessions');
const cookieOf = ({ headers }: Response, name: string) =>
  ((headers['set-cookie'] as unknown as string[] | undefined) ?? [])
    .map((line) => new RegExp(`^ticketing-${name}=([^;]*)`).exec(line)?.[1])
    .find((value) => value !== undefined) ?? '';
const tokenIn = (session: string) =>
  (JSON.parse(Buffer.from(session, 'base64').toString()) as { jwt: string }).jwt;

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const hs256 = (text: string) => createHmac('sha256', JWT_KEY).update(text).digest('base64url');
const headerOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { alg: string; kid?: string };

/** A refresh token as the release of before made it. */
const old = (sessionId: string, generation: number) => {
  const text = `${sessionId}.${generation}`;
  return `${text}.${hs256(`refresh:${text}`)}`;
};

interface Place {
  address: string;
  browser: string;
}
const home = { address: '192.0.2.1', browser: 'Firefox at home' };
const away = { address: '198.51.100.7', browser: 'Chrome elsewhere' };

const signUp = async (at = host) => {
  const body = { email: `${systemIds.next()}@example.com`, password: 'correct horse' };
  const reply = await api(at)
    .post('/api/users/signup')
    .set({ 'User-Agent': home.browser, 'X-Forwarded-For': home.address })
    .send(body)
    .expect(201);
  const refresh = cookieOf(reply, 'refresh');
  return {
    id: reply.body.currentUser.id as string,
    email: body.email,
    session: cookieOf(reply, 'session'),
    refresh,
    sessionId: refresh.split('.')[0]!,
  };
};
const refresh = (token: string, { address, browser }: Place = home, at = host) =>
  api(at)
    .post('/api/users/refresh')
    .set({ Cookie: `ticketing-refresh=${token}`, 'User-Agent': browser, 'X-Forwarded-For': address });
const next = async (token: string, place = home) =>
  cookieOf(await refresh(token, place).expect(200), 'refresh');

describe('a session that was begun before there were key pairs', () => {
  /** As the release of before kept it. */
  const before = async (generation = 4) => {
    const { id, email, sessionId } = await signUp();
    await sessions().updateOne(
      { _id: sessionId },
      {
        $set: { generation, createdAt: new Date(BEFORE.getTime() - DAY) },
        $unset: { ours: '', endsAt: '', by: '' },
      },
    );
    const iat = Math.floor(BEFORE.getTime() / 1000) - 1;
    const ours = { iss: 'ticketing/auth', aud: 'ticketing', iat, exp: iat + 300 };
    const claims = { email, roles: ['user'], sessionId, sub: id, ...ours };
    const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
    const token = `${text}.${hs256(text)}`;
    const session = Buffer.from(JSON.stringify({ jwt: token })).toString('base64');
    return { id, sessionId, session, refresh: old(sessionId, generation) };
  };

  test('goes on: its access token is taken, and both are exchanged for new ones', async () => {
    const { id, sessionId, session, refresh: token } = await before();
    const current = await api().get('/api/users/currentuser').set('Cookie', `ticketing-session=${session}`);
    expect(current.body.currentUser.id).toBe(id);
    const reply = await refresh(token).expect(200);
    expect(headerOf(tokenIn(cookieOf(reply, 'session')))).toMatchObject({
      alg: 'ES256',
      kid: 'tests',
    });
    const successor = cookieOf(reply, 'refresh');
    expect(successor).not.toBe(old(sessionId, 5));
    await refresh(successor).expect(200);
  });

  test('is exchanged on the way to a page, however new its token is', async () => {
    const { session, refresh: token } = await before();
    const reply = await api()
      .get('/api/users/refresh?to=/orders')
      .set('Cookie', `ticketing-session=${session}; ticketing-refresh=${token}`)
      .expect(303);
    expect(headerOf(tokenIn(cookieOf(reply, 'session'))).alg).toBe('ES256');
  });

  test('gets the same successor in all tabs, and when an answer was lost', async () => {
    const { refresh: token } = await before();
    const tabs = await Promise.all([next(token), next(token), next(token)]);
    expect(new Set([...tabs, await next(token)]).size).toBe(1);
  });

  test('is taken by the old key no more once it has a token of ours, whoever can make one', async () => {
    const { sessionId, refresh: token } = await before();
    const ours = await next(token);
    await refresh(old(sessionId, 5)).expect(401);
    await next(ours);
  });

  test('is ended by no token of the old key once it has had ours, however old the generation that it names', async () => {
    const { sessionId, refresh: token } = await before();
    const newest = await next(await next(await next(token)));
    await refresh(old(sessionId, 0)).expect(401);
    await next(newest);
  });

  test('which was begun afterwards is not taken by the old key at all', async () => {
    const { sessionId, refresh: token } = await signUp();
    await refresh(old(sessionId, 0)).expect(401);
    await next(token);
  });

  test('gets its end at its first exchange, not before', async () => {
    const { sessionId, refresh: token } = await before();
    await sessions().updateOne({ _id: sessionId }, { $set: { createdAt: new Date(Date.now() - 200 * DAY) } });
    await next(token);
    const { endsAt } = (await sessions().findOne({ _id: sessionId })) as unknown as { endsAt: Date };
    expect(Math.abs(endsAt.getTime() - clock.now().getTime() - 90 * DAY)).toBeLessThan(60_000);
  });
});

test('while a release rolls out, tokens are as the one of before understands them; from then on they are ours', async () => {
  const moment = new Date(Date.now() + 60_000);
  const later = movableClock();
  const env = { JWT_KEY, JWT_KEY_BEFORE: moment.toISOString() };
  const at = await testHost([auth()], { mongoUrl, clock: later, env });
  const first = await signUp(at);
  expect(first.refresh).toBe(old(first.sessionId, 0));
  const [, signed, signature] = /^(.*)\.(.*)$/.exec(tokenIn(first.session))!;
  expect(signature).toBe(hs256(signed!));
  const reply = await api(at)
    .get('/api/users/refresh?to=/')
    .set('Cookie', `ticketing-session=${first.session}; ticketing-refresh=${first.refresh}`)
    .expect(303);
  // A token that was just made is not exchanged again.
  expect(cookieOf(reply, 'refresh')).toBe('');
  const second = cookieOf(await refresh(first.refresh, home, at).expect(200), 'refresh');
  later.forward(60_000);
  const third = await refresh(second, home, at).expect(200);
  expect(headerOf(tokenIn(cookieOf(third, 'session'))).alg).toBe('ES256');
  const fourth = await refresh(cookieOf(third, 'refresh'), home, at).expect(200);
  expect(cookieOf(fourth, 'refresh')).toMatch(/\.3\./);
  await at.destroy();
});

test('the old key without the moment when it ended, or with one to come, is refused by name', async () => {
  const start = (env: Record<string, string>) => testHost([auth()], { mongoUrl, env });
  await expect(start({ JWT_KEY })).rejects.toThrow('JWT_KEY_BEFORE must say until when');
  const JWT_KEY_BEFORE = new Date(Date.now() + 2 * DAY).toISOString();
  await expect(start({ JWT_KEY, JWT_KEY_BEFORE })).rejects.toThrow('JWT_KEY_BEFORE must be at most a day');
});

test('a private key that nobody could verify with is refused by name', async () => {
  const [key] = (JSON.parse(TEST_KEYS.TOKEN_PRIVATE_KEYS) as { keys: [{ d: string }] }).keys;
  for (const wrong of [
    { ...key, kid: 'another' },
    { ...key, d: key.d.replace(/^./, 'y') },
  ]) {
    const env = { TOKEN_PRIVATE_KEYS: JSON.stringify({ keys: [wrong] }) };
    await expect(testHost([auth()], { mongoUrl, env })).rejects.toThrow(
      'TOKEN_PRIVATE_KEYS must all be among TOKEN_PUBLIC_KEYS',
    );
  }
});

test('refresh tokens of every key in force are good, and the first makes the next', async () => {
  const [former, later] = [TEST_KEYS.REFRESH_KEYS, 'another key that only tests use; long enough'];
  const at = await testHost([auth()], { mongoUrl, env: { REFRESH_KEYS: former } });
  const { refresh: token, sessionId } = await signUp(at);
  const document = await at.database('auth').connection!.collection('sessions').findOne();
  await at.destroy();
  const after = await testHost([auth()], { mongoUrl, env: { REFRESH_KEYS: `${later}, ${former}` } });
  const { email } = await signUp(after);
  const account = await after.database('auth').connection!.collection('users').findOne({ email });
  await after
    .database('auth')
    .connection!.collection('sessions')
    .insertOne({ ...document!, userId: account!._id as never });
  const reply = await refresh(token, home, after).expect(200);
  const text = `${sessionId}.1`;
  const mac = createHmac('sha256', later).update(`refresh:${text}`).digest('base64url');
  expect(cookieOf(reply, 'refresh')).toBe(`${text}.${mac}`);
  await after.destroy();
});

describe('a session that two use in step', () => {
  const listed = async ({ session, sessionId }: { session: string; sessionId: string }) => {
    const { body } = await api().get('/api/users/sessions').set('Cookie', `ticketing-session=${session}`);
    return (body as { id: string; shared?: object }[]).find(({ id }) => id === sessionId)?.shared;
  };

  test('is shown, and ends at the third exchange in a row', async () => {
    const owner = await signUp();
    let token = owner.refresh;
    for (const [first, second] of [
      [home, away],
      [away, home],
    ] as const) {
      const successor = await next(token, first);
      expect(await next(token, second)).toBe(successor);
      expect(await listed(owner)).toEqual({
        devices: [first.browser, second.browser],
        at: expect.any(String),
      });
      // However often it comes, it counts once.
      await next(token, second);
      token = successor;
    }
    const successor = await next(token, home);
    await refresh(token, away).expect(401);
    await refresh(successor, home).expect(401);
  });

  test('at the very same moment is noticed as well', async () => {
    const owners = await Promise.all(Array.from({ length: 12 }, () => signUp()));
    await Promise.all(
      owners.flatMap(({ refresh: token }) => [home, away].map((place) => next(token, place))),
    );
    for (const owner of owners) expect(await listed(owner)).toMatchObject({ at: expect.any(String) });
  });

  test('is not one whose browser moved and asked again now and then', async () => {
    const owner = await signUp();
    let token = owner.refresh;
    for (let round = 0; round < 8; round++) {
      const successor = await next(token, home);
      if (round % 2 === 0) expect(await next(token, away)).toBe(successor);
      token = successor;
    }
  });

  test('is not one whose tabs ask at once', async () => {
    const owner = await signUp();
    await Promise.all([next(owner.refresh), next(owner.refresh), next(owner.refresh)]);
    expect(await listed(owner)).toBeUndefined();
  });

  test('keeps no address', async () => {
    const { sessionId } = await signUp();
    expect(JSON.stringify(await sessions().findOne({ _id: sessionId }))).not.toContain(home.address);
  });
});

test('a session ends after 90 days, however much it is used', async () => {
  let token = (await signUp()).refresh;
  for (let day = 0; day < 84; day += 28) {
    clock.forward(28 * DAY);
    token = await next(token);
  }
  clock.forward(5 * DAY);
  token = await next(token);
  clock.forward(DAY + 1000);
  await refresh(token).expect(401);
});

test('nothing of the old key is taken once the sessions of its time are over', async () => {
  // The clock is 90 days ahead here.
  const { sessionId, refresh: token } = await signUp();
  await sessions().updateOne(
    { _id: sessionId },
    { $set: { createdAt: new Date(0) }, $unset: { ours: '', endsAt: '' } },
  );
  await refresh(old(sessionId, 0)).expect(401);
  await next(token);
});
