import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCOUNT_MESSAGES } from '@ticketing/common/contracts/account';
import { signToken, verifyToken } from '@ticketing/common/http/session';
import { systemClock, systemIds } from '@ticketing/common/runtime';
import {
  bearer,
  eventually,
  movableClock,
  TEST_SIGNING_KEY,
  TEST_TOKEN_KEYS,
  testHost,
  type TestHost,
  patiently,
} from '@ticketing/common/testing';
import request, { type Response } from 'supertest';
import { argon2id } from '../src/passwords.ts';
import { auth } from '../src/service.ts';

const mongoUrl = process.env['TEST_MONGO_URL'] ?? '';
const clock = movableClock();
let host: TestHost;
const told: { type: string; data: Record<string, unknown> }[] = [];
beforeAll(async () => {
  host = await testHost([auth()], { mongoUrl, clock, env: { SWEEP_SECONDS: '1' } });
  for (const { subject } of ACCOUNT_MESSAGES)
    host.bus.subscribe({
      subject,
      group: 'test',
      handle: async (message) => void told.push(JSON.parse(message) as (typeof told)[number]),
    });
});
afterAll(() => host.destroy());

const password = 'correct horse';
const newEmail = () => `${systemIds.next()}@example.com`;
const api = (at = host) => request(at.url);
const post = (path: string, body: object = {}, at = host) => api(at).post(`/api/users/${path}`).send(body);

const [SESSION, REFRESH] = ['ticketing-session', 'ticketing-refresh'];
const [EXCHANGED, DEVICE] = ['ticketing-exchanged', 'ticketing-device'];
/** The cookies that a reply sets, by name without our prefix; a cleared one is empty. */
const cookies = ({ headers }: Response) =>
  Object.fromEntries(
    ((headers['set-cookie'] as unknown as string[] | undefined) ?? []).map((text) => {
      const [pair = '', ...attributes] = text.split(/; */);
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      return [
        name.replace(/^(__\w+-)?ticketing-(?=session|refresh)/, ''),
        { value, attributes: attributes.map((one) => one.toLowerCase()) },
      ];
    }),
  );
const signUp = async (email = newEmail(), at = host) => {
  const reply = await post('signup', { email, password }, at);
  expect(reply.status).toBe(201);
  const { session, refresh } = cookies(reply);
  return {
    email,
    id: reply.body.currentUser.id as string,
    session: `${SESSION}=${session!.value}`,
    refresh: refresh!.value,
  };
};
/** The session cookie of somebody whose access token lives on for so many seconds. */
const sessionOf = (who: Awaited<ReturnType<typeof signUp>>, seconds: number) => {
  const user = {
    id: who.id,
    email: who.email,
    roles: ['user' as const],
    sessionId: who.refresh.split('.')[0]!,
  };
  const jwt = signToken(user, TEST_SIGNING_KEY, seconds);
  return `${SESSION}=${Buffer.from(JSON.stringify({ jwt })).toString('base64')}`;
};
const tokenOf = (cookie: string) =>
  (JSON.parse(Buffer.from(cookie, 'base64').toString()) as { jwt: string }).jwt;
const refresh = (token: string) => post('refresh').set('Cookie', `${REFRESH}=${token}`);
const successor = async (token: string) => cookies(await refresh(token).expect(200))['refresh']!.value;

describe('signing up', () => {
  test('makes an account, signs in, and sets two cookies that no script can read', async () => {
    const email = newEmail();
    const reply = await post('signup', { email: ` ${email.toUpperCase()} `, password }).expect(201);
    expect(reply.body).toEqual({ currentUser: { id: expect.any(String), email, roles: ['user'] } });
    const { session, refresh: token } = cookies(reply);
    expect(session!.attributes).toEqual(expect.arrayContaining(['httponly', 'samesite=lax', 'path=/']));
    expect(token!.attributes).toEqual(
      expect.arrayContaining(['httponly', 'samesite=lax', 'path=/api/users/refresh']),
    );
    expect(session!.attributes).not.toContain('secure');
    expect(verifyToken(tokenOf(session!.value), TEST_TOKEN_KEYS)).toMatchObject({
      id: reply.body.currentUser.id,
      email,
    });
    const current = await api().get('/api/users/currentuser').set('Cookie', `${SESSION}=${session!.value}`);
    expect(current.body).toEqual(reply.body);
  });

  test('keeps the password as an argon2id hash only', async () => {
    const { email } = await signUp();
    const account = await host.database('auth').connection!.collection('users').findOne({ email });
    expect(account!['passwordHash']).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(JSON.stringify(account)).not.toContain(password);
  });

  test('is refused when the address is taken, whatever its case', async () => {
    const { email } = await signUp();
    const { body } = await post('signup', { email: email.toUpperCase(), password }).expect(409);
    expect(body.errors).toMatchObject([{ field: 'email' }]);
  });

  test.each([
    [{ email: 'nobody', password }, 'email'],
    [{ email: { $gt: '' }, password }, 'email'],
    [{ email: 'a@example.com', password: '1234567' }, 'password'],
    [{ email: 'a@example.com', password: 'x'.repeat(201) }, 'password'],
    [{ email: 'a@example.com' }, 'password'],
    [{ email: 'a@example.com', password, roles: ['admin'] }, 'roles'],
  ])('with %j is refused, naming %s', async (body, field) => {
    expect((await post('signup', body).expect(400)).body.errors).toMatchObject([{ field }]);
  });

  test('ten times at once makes one account', async () => {
    const email = newEmail();
    const replies = await Promise.all(Array.from({ length: 10 }, () => post('signup', { email, password })));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
    expect(await host.database('auth').connection!.collection('users').countDocuments({ email })).toBe(1);
  });
});

describe('an e-mail address', () => {
  test('with umlauts in its domain is one account in both spellings, shown as people write it', async () => {
    const local = `a&b/${systemIds.next()}`;
    const [asciiForm, shown] = [`${local}@xn--bcher-kva.example`, `${local}@bücher.example`];
    for (const email of [asciiForm, shown]) {
      const first = email === asciiForm;
      const reply = await post('signup', { email, password }).expect(first ? 201 : 409);
      if (first) expect(reply.body.currentUser.email).toBe(shown);
    }
    for (const email of [asciiForm, shown, shown.toUpperCase(), `${local}@bu\u0308cher.example`]) {
      const { body } = await post('signin', { email, password }).expect(200);
      expect(body.currentUser.email).toBe(shown);
    }
  });

  test('written in ten ways at once makes one account', async () => {
    const local = `jo\u0308rg${systemIds.next()}`;
    const ways = [`${local}@bücher.example`, `${local.normalize('NFC')}@XN--BCHER-KVA.example`];
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, n) => post('signup', { email: ways[n % 2], password })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
  });

  test('that holds what nobody sees is refused, naming it', async () => {
    const { body } = await post('signup', { email: 'ann\u200b@example.com', password }).expect(400);
    expect(body.errors).toEqual([{ field: 'email', message: 'holds an invisible character (U+200B)' }]);
  });
});

describe('a password', () => {
  const [composed, decomposed] = ['p\u00e4sswort für alle', 'pa\u0308sswort fu\u0308r alle'];

  test.each([
    [composed, decomposed],
    [decomposed, composed],
    ['ｆｕｌｌｗｉｄｔｈ', 'fullwidth'],
  ])('%j is the same as %j, as another device types it', async (chosen, typed) => {
    const email = newEmail();
    await post('signup', { email, password: chosen }).expect(201);
    await post('signin', { email, password: typed }).expect(200);
    await post('signin', { email, password: chosen }).expect(200);
    await post('signin', { email, password: `${typed}x` }).expect(401);
  });

  test.each([
    [composed, decomposed],
    [decomposed, composed],
  ])('whose hash is of %j as it was typed goes on working, and gets another hash', async (old, typed) => {
    const { email } = await signUp();
    const accounts = host.database('auth').connection!.collection('users');
    await accounts.updateOne({ email }, { $set: { passwordHash: await argon2id().hash(old) } });
    await post('signin', { email, password: `${typed}x` }).expect(401);
    await post('signin', { email, password: typed }).expect(200);
    const { passwordHash } = (await accounts.findOne({ email })) as unknown as { passwordHash: string };
    expect(await argon2id().verify(passwordHash, old.normalize('NFKC'))).toBe(true);
    await post('signin', { email, password: old }).expect(200);
  });

  test.each([
    ['🎟'.repeat(7), 400],
    ['🎟'.repeat(8), 201],
    ['pa\u0308sswo', 400],
    ['pa\u0308sswort1', 201],
    ['🎟'.repeat(200), 201],
    ['🎟'.repeat(201), 400],
    ['a\u0308'.repeat(200), 201],
  ])('is counted in characters: %j is %i', async (chosen, status) => {
    const email = newEmail();
    const { body } = await post('signup', { email, password: chosen }).expect(status);
    if (status === 400) expect(body.errors).toMatchObject([{ field: 'password' }]);
    else await post('signin', { email, password: chosen }).expect(200);
  });

  test.each(['password1', 'PASSWORD123', 'ｐａｓｓｗｏｒｄ１', 'qwertyuiop', '12345678'])(
    '%j is one that is tried first, and refused',
    async (chosen) => {
      const { body } = await post('signup', { email: newEmail(), password: chosen }).expect(400);
      expect(body.errors).toMatchObject([
        { field: 'password', message: expect.stringContaining('tried first') },
      ]);
    },
  );
});

describe('a time zone', () => {
  const say = (session: string, zone: unknown) =>
    api().patch('/api/users/currentuser').set('Cookie', session).send({ zone });

  test('is told once, by every token from then on, and none of them lives longer for it', async () => {
    const who = await signUp();
    const short = sessionOf(who, 60);
    const reply = await say(short, 'Pacific/Auckland').expect(200);
    expect(reply.body.currentUser).toEqual({
      id: who.id,
      email: who.email,
      roles: ['user'],
      zone: 'Pacific/Auckland',
    });
    const expiry = (cookie: string) => verifyToken(tokenOf(cookie), TEST_TOKEN_KEYS)!.expiresAt;
    expect(expiry(cookies(reply)['session']!.value)).toEqual(expiry(short.slice(SESSION.length + 1)));
    for (const later of [
      await post('signin', { email: who.email, password }).expect(200),
      await refresh(who.refresh).expect(200),
      await api()
        .get('/api/users/currentuser')
        .set('Cookie', `${SESSION}=${cookies(reply)['session']!.value}`),
    ])
      expect(later.body.currentUser).toMatchObject({ zone: 'Pacific/Auckland' });
  });

  test.each(['', 'Nowhere', 'Mars/Base', '+02:00', '../etc/passwd', 'x'.repeat(100), 3, null, ['UTC']])(
    'that is %j is refused',
    async (zone) => {
      const { session } = await signUp();
      const { body } = await say(session, zone).expect(400);
      expect(body.errors).toEqual([
        { field: 'zone', message: 'must be the name of a time zone, such as Europe/Berlin' },
      ]);
    },
  );

  test('told in the last moment of a token lengthens nothing, so that a session which is over stays so', async () => {
    const who = await signUp();
    const short = sessionOf(who, 2);
    const ends = verifyToken(tokenOf(short.slice(SESSION.length + 1)), TEST_TOKEN_KEYS)!.expiresAt.getTime();
    const replies: Promise<Response>[] = [];
    while (Date.now() < ends) {
      if (Date.now() > ends - 150) replies.push(say(short, 'UTC').then((reply) => reply));
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    const made = (await Promise.all(replies)).flatMap((reply) => cookies(reply)['session'] ?? []);
    expect(made).not.toHaveLength(0);
    const expiries = made.map(({ value }) => {
      const claims = Buffer.from(tokenOf(value).split('.')[1]!, 'base64url').toString();
      return (JSON.parse(claims) as { exp: number }).exp * 1000;
    });
    expect(new Set(expiries)).toEqual(new Set([ends]));
  });

  test('is for who is signed in', () =>
    api().patch('/api/users/currentuser').send({ zone: 'UTC' }).expect(401));
});

describe('the name that others see', () => {
  const say = (session: string, me: object) =>
    api().patch('/api/users/currentuser').set('Cookie', session).send(me);
  const stored = (id: string) =>
    host
      .database('auth')
      .connection!.collection('users')
      .findOne({ _id: id as never });

  test('is told by every token from then on, and taken away again, beside the time zone', async () => {
    const who = await signUp();
    const named = await say(who.session, { name: '  Ada’s friend ' }).expect(200);
    expect(named.body.currentUser).toMatchObject({ id: who.id, name: 'Ada’s friend' });
    await say(who.session, { zone: 'Asia/Tokyo' }).expect(200);
    const again = await post('signin', { email: who.email, password }).expect(200);
    expect(again.body.currentUser).toMatchObject({ name: 'Ada’s friend', zone: 'Asia/Tokyo' });
    const nameless = await say(who.session, { name: null }).expect(200);
    expect(nameless.body.currentUser).not.toHaveProperty('name');
    expect((await stored(who.id))!['version']).toBe(3);
  });

  test('is changed so often and no more for a while, as each change is written on all tickets', async () => {
    const who = await signUp();
    const statuses: number[] = [];
    // One after the other: of many changes of one account at once some are told to come again.
    for (let n = 0; n < 40; n++) statuses.push((await say(who.session, { name: `N${n}` })).status);
    expect(statuses).toEqual([...Array<number>(30).fill(200), ...Array<number>(10).fill(429)]);
    await say((await signUp()).session, { name: 'Another' }).expect(200);
  });

  test('is announced with the zone, each change once, and nothing else of the account', async () => {
    const who = await signUp();
    await say(who.session, { name: 'Ada', zone: 'Asia/Tokyo' }).expect(200);
    await say(who.session, { name: 'Ada', zone: 'Asia/Tokyo' }).expect(200);
    await eventually(() =>
      expect(told.filter(({ data }) => data['id'] === who.id)).toEqual([
        expect.objectContaining({ type: 'account:created', data: { id: who.id, version: 0 } }),
        expect.objectContaining({
          type: 'account:changed',
          data: { id: who.id, version: 1, name: 'Ada', zone: 'Asia/Tokyo' },
        }),
      ]),
    );
    expect(JSON.stringify(told)).not.toMatch(/@|argon2|roles/);
  });

  test('of an account of a release before is announced like any other, and it is told of by itself', async () => {
    const [quiet, loud] = [await signUp(), await signUp()];
    const users = host.database('auth').connection!.collection('users');
    const former = { $unset: { version: '', updatedAt: '', pending: '' } };
    await eventually(async () => expect(await stored(quiet.id)).not.toHaveProperty('pending'));
    await eventually(async () => expect(await stored(loud.id)).not.toHaveProperty('pending'));
    told.length = 0;
    await users.updateOne({ _id: loud.id as never }, former);
    await say(loud.session, { name: 'Loud' }).expect(200);
    await users.updateOne({ _id: quiet.id as never }, former);
    await eventually(() =>
      expect(told.map(({ type, data }) => [type, data])).toEqual(
        expect.arrayContaining([
          ['account:created', { id: quiet.id, version: 0 }],
          ['account:changed', { id: loud.id, version: 1, name: 'Loud' }],
        ]),
      ),
    );
  });

  test.each([
    [{}, undefined],
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(61) }, 'name'],
    [{ name: 'two\nlines' }, 'name'],
    [{ name: 3 }, 'name'],
    [{ email: 'other@example.com' }, 'email'],
  ])('%j is refused', async (me, field) => {
    const { session } = await signUp();
    const { body } = await say(session, me).expect(400);
    const fields = (body.errors as { field?: string }[]).map((error) => error.field);
    if (field) expect(fields).toContain(field);
    else expect(body.errors).toHaveLength(1);
  });
});

describe('signing in', () => {
  test('gives the same user', async () => {
    const { id, email } = await signUp();
    const reply = await post('signin', { email: email.toUpperCase(), password }).expect(200);
    expect(reply.body.currentUser).toMatchObject({ id, email });
    expect(Object.keys(cookies(reply)).sort()).toEqual(['refresh', 'session', DEVICE]);
  });

  test('fails with one message and one cost, whether or not there is such an account', async () => {
    const { email } = await signUp();
    // By the processor, whoever else wants it.
    const timed = async (who: string) => {
      const start = process.cpuUsage();
      const { body, status } = await post('signin', { email: who, password: 'wrong' });
      const { user, system } = process.cpuUsage(start);
      return { answer: `${status} ${body.detail}`, ms: (user + system) / 1000 };
    };
    const [known, unknown] = [[] as number[], [] as number[]];
    for (let n = 0; n < 9; n++) {
      const [a, b] = [await timed(email), await timed(newEmail())];
      expect(a.answer).toBe('401 The e-mail address or the password is wrong');
      expect(b.answer).toBe(a.answer);
      known.push(a.ms);
      unknown.push(b.ms);
    }
    const least = (times: number[]) => Math.min(...times);
    expect(least(known) / least(unknown)).toBeGreaterThan(0.65);
    expect(least(known) / least(unknown)).toBeLessThan(1.55);
  });

  test('sets no cookies when it fails', async () => {
    expect(cookies(await post('signin', { email: newEmail(), password }).expect(401))).toEqual({});
  });
});

describe('who is signed in', () => {
  const current = (headers: Record<string, string>) =>
    api().get('/api/users/currentuser').set(headers).expect(200);

  test.each([
    ['nobody', {}],
    ['an expired token', bearer({ id: 'a'.repeat(24) }, -1)],
    ['a cookie of somebody else', { cookie: 'ticketing-session=eyJqd3QiOiJ4In0=' }],
    ['a cookie that is no JSON', { cookie: 'ticketing-session=%%%' }],
  ])('with %s is null', async (_what, headers) => {
    expect((await current(headers as Record<string, string>)).body).toEqual({ currentUser: null });
  });

  test('with a bearer token is its user', async () => {
    const id = systemIds.next();
    expect((await current(bearer({ id }))).body.currentUser).toMatchObject({ id, roles: ['user'] });
  });
});

describe('a refresh token', () => {
  test('is good for one successor, which is good for the next', async () => {
    const first = (await signUp()).refresh;
    const second = await successor(first);
    const third = await successor(second);
    expect(new Set([first, second, third]).size).toBe(3);
  });

  test('used by two tabs at once, or again when its answer was lost, leads to the same successor, however late', async () => {
    const { refresh: token } = await signUp();
    const tabs = await Promise.all([successor(token), successor(token), successor(token)]);
    for (const seconds of [29, 2, 3600, 28 * 24 * 3600]) {
      clock.forward(seconds * 1000);
      expect(new Set([...tabs, await successor(token)]).size).toBe(1);
    }
    await successor(tabs[0]);
  });

  test('used again when its successor was used is taken for stolen: its session is over, for thief and owner', async () => {
    const { refresh: token } = await signUp();
    const owned = await successor(await successor(token));
    clock.forward(31_000);
    const reply = await refresh(token).expect(401);
    expect(cookies(reply)['refresh']!.value).toBe('');
    await refresh(owned).expect(401);
  });

  test('two generations old is taken for stolen at once', async () => {
    const { refresh: token } = await signUp();
    const newest = await successor(await successor(token));
    await refresh(token).expect(401);
    await refresh(newest).expect(401);
  });

  test.each(['', 'hello', `${'a'.repeat(24)}.0.${'A'.repeat(43)}`])(
    'that is not ours (%j) is refused',
    (token) => refresh(token).expect(401),
  );

  test('ends with its session, which each use prolongs', async () => {
    const { refresh: token } = await signUp();
    clock.forward(29 * 24 * 3600_000);
    const next = await successor(token);
    clock.forward(29 * 24 * 3600_000);
    const last = await successor(next);
    clock.forward(31 * 24 * 3600_000);
    await refresh(last).expect(401);
  });
});

describe('a page asked for with an expired access token', () => {
  const detour = (to: string, cookie = '') =>
    api().get('/api/users/refresh').query({ to }).set('Cookie', cookie).redirects(0);

  test('is reached with new cookies', async () => {
    const { email, refresh: token } = await signUp();
    const reply = await detour('/orders/1?tab=receipt#top', `${REFRESH}=${token}`).expect(303);
    expect(reply.headers).toMatchObject({
      location: '/orders/1?tab=receipt#top',
      'cache-control': 'no-store',
    });
    const { session, refresh: next } = cookies(reply);
    const current = await api().get('/api/users/currentuser').set('Cookie', `${SESSION}=${session!.value}`);
    expect(current.body.currentUser).toMatchObject({ email });
    expect(next!.value).toBe(await successor(token));
    for (const { attributes } of [session!, next!])
      expect(attributes).toEqual(expect.arrayContaining(['httponly', 'samesite=lax']));
  });

  test('is reached by two tabs at once, signed in in both', async () => {
    const { refresh: token } = await signUp();
    const tabs = await Promise.all([
      detour('/', `${REFRESH}=${token}`),
      detour('/sell', `${REFRESH}=${token}`),
    ]);
    const [one, other] = tabs.map((reply) => cookies(reply.status === 303 ? reply : ({} as never)));
    expect(one!['refresh']!.value).toBe(other!['refresh']!.value);
  });

  test('is reached by tabs that come while another’s exchange is done, in whatever order they arrive', async () => {
    const { refresh: token } = await signUp();
    const { session, refresh: next } = cookies(await detour('/', `${REFRESH}=${token}`).expect(303));
    const after = `${SESSION}=${session!.value}; ${REFRESH}=${next!.value}`;
    expect(Object.keys(cookies(await detour('/sell', after).expect(303)))).toEqual([EXCHANGED]);
    expect(cookies(await detour('/orders', `${REFRESH}=${token}`).expect(303))['refresh']!.value).toBe(
      next!.value,
    );
    await successor(next!.value);
  });

  test('and a script’s exchange right after another one, while a third is late, ends no session', async () => {
    const { email, refresh: token } = await signUp();
    const first = cookies(await refresh(token).expect(200));
    const both = `${SESSION}=${first['session']!.value}; ${REFRESH}=${first['refresh']!.value}`;
    const second = await post('refresh').set('Cookie', both).expect(200);
    expect(second.body.currentUser).toMatchObject({ email });
    expect(cookies(second)).toEqual({});
    expect(await successor(token)).toBe(first['refresh']!.value);
  });

  test.each([
    ['without a refresh token', ''],
    ['with one that is not ours', 'ticketing-refresh=hello'],
  ])('%s is reached signed out, so that it does not come back here', async (_what, token) => {
    const reply = await detour('/orders', `ticketing-session=eyJqd3QiOiJ4In0=; ${token}`).expect(303);
    expect(reply.headers['location']).toBe('/orders');
    const { session, refresh: cleared } = cookies(reply);
    for (const one of [session!, cleared!]) {
      expect(one.value).toBe('');
      // Else a page of another site that names this as a picture could sign visitors out.
      expect(one.attributes).toContain('samesite=lax');
    }
  });

  test('is told what came of it, for a while that is shorter than a token lasts', async () => {
    const { refresh: token } = await signUp();
    const done = cookies(await detour('/', `${REFRESH}=${token}`).expect(303))[EXCHANGED]!;
    expect(done).toMatchObject({ value: 'done', attributes: expect.arrayContaining(['max-age=30']) });
    expect(cookies(await detour('/').expect(303))[EXCHANGED]!.value).toBe('none');
    const body = { email: newEmail(), password };
    const reply = await post('signup', body).set('Cookie', `${EXCHANGED}=none`).expect(201);
    expect(cookies(reply)[EXCHANGED]!.value).toBe('');
  });

  test.each(['/', '/tickets?q=a//b&sort=newest', '/tickets?q=%C3%A9', '/%2F/x'])('may be %s', async (to) => {
    expect((await detour(to).expect(303)).headers['location']).toBe(to);
  });

  test('may have letters that a header cannot hold', async () => {
    expect((await detour('/tickets?q=Žofín').expect(303)).headers['location']).toBe(
      '/tickets?q=%C5%BDof%C3%ADn',
    );
  });

  test.each([
    '',
    'orders',
    'https://evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/x\r\nSet-Cookie: a=b',
    '/x\u0085',
    ' /x',
    `/${'x'.repeat(2000)}`,
  ])('must be of this site: %j is refused, and nothing rotated', async (to) => {
    const { refresh: token } = await signUp();
    const reply = await detour(to, `${REFRESH}=${token}`).expect(400);
    expect(reply.body.errors).toMatchObject([{ field: 'to' }]);
    expect(cookies(reply)).toEqual({});
  });

  test('must be named, once', async () => {
    for (const query of ['', '?to=/a&to=/b', '?next=/a'])
      expect((await api().get(`/api/users/refresh${query}`).expect(400)).body.errors[0].field).toBe('to');
  });
});

describe('sessions', () => {
  test('are listed, and ended one by one', async () => {
    const { email, session } = await signUp();
    const phone = cookies(await post('signin', { email, password }).set('User-Agent', 'A phone').expect(200));
    const list = async () => (await api().get('/api/users/sessions').set('Cookie', session).expect(200)).body;
    const before = await list();
    expect(before).toMatchObject([{ device: 'A phone', current: false }, { current: true }]);
    const stranger = await signUp();
    const url = `/api/users/sessions/${before[0].id}`;
    await api().delete(url).set('Cookie', stranger.session).expect(404);
    await api().delete(url).expect(401);
    await api().delete(url).set('Cookie', session).expect(204);
    expect(await list()).toMatchObject([{ current: true }]);
    await refresh(phone['refresh']!.value).expect(401);
    await api().delete('/api/users/sessions/nonsense').set('Cookie', session).expect(400);
  });

  test('all end when one signs out everywhere', async () => {
    const { email, session, refresh: token } = await signUp();
    const phone = cookies(await post('signin', { email, password }).expect(200));
    const reply = await api().delete('/api/users/sessions').set('Cookie', session).expect(204);
    expect(cookies(reply)).toMatchObject({ session: { value: '' }, refresh: { value: '' } });
    for (const over of [token, phone['refresh']!.value]) await refresh(over).expect(401);
  });

  test('one ends when one signs out, also with an access token that has expired', async () => {
    const who = await signUp();
    const expired = sessionOf(who, -60);
    await api().get('/api/users/sessions').set('Cookie', expired).expect(401);
    await post('signout').set('Cookie', expired).expect(200);
    await refresh(who.refresh).expect(401);
  });

  test('one ends when one signs out, and signing out twice is fine', async () => {
    const { session, refresh: token } = await signUp();
    const reply = await post('signout').set('Cookie', session).expect(200);
    expect(reply.body).toEqual({ currentUser: null });
    expect(cookies(reply)).toMatchObject({ session: { value: '' }, refresh: { value: '' } });
    await refresh(token).expect(401);
    await post('signout').expect(200);
  });
});

describe('too many tries', () => {
  const limited = async (env: Record<string, string>, work: (at: TestHost) => Promise<void>) => {
    const at = await testHost([auth()], { mongoUrl, env });
    await work(at).finally(() => at.destroy());
  };
  const refused = (reply: Response) => {
    expect(reply.status).toBe(429);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(reply.headers['retry-after'])).toBeLessThanOrEqual(900);
    expect(reply.headers['content-type']).toBe('application/problem+json');
  };

  const from = (address: string, email: string, at: TestHost, word = 'wrong') =>
    post('signin', { email, password: word }, at).set('X-Forwarded-For', address);

  test('of one account are refused, those of others are not', () =>
    limited({ SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS: '3' }, async (at) => {
      const { email } = await signUp(newEmail(), at);
      for (let n = 0; n < 3; n++) await post('signin', { email, password: 'wrong' }, at).expect(401);
      refused(await post('signin', { email, password }, at));
      refused(await post('signin', { email: email.toUpperCase(), password }, at));
      await post('signin', { email: newEmail(), password }, at).expect(401);
    }));

  test('of one account from one address lock out nobody who comes from another', () =>
    limited({ SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS: '3', TRUST_PROXY_HOPS: '1' }, async (at) => {
      const { email } = await signUp(newEmail(), at);
      for (let n = 0; n < 3; n++) await from('203.0.113.7', email, at).expect(401);
      refused(await from('203.0.113.7', email, at, password));
      await from('198.51.100.1', email, at, password).expect(200);
      refused(await from('203.0.113.7', email, at, password));
    }));

  test('of one account from many addresses are refused together; who is refused counts no more', () =>
    limited(
      {
        SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS: '2',
        SIGNIN_LIMIT_PER_ACCOUNT: '5',
        SIGNIN_LIMIT_PER_ADDRESS: '6',
        TRUST_PROXY_HOPS: '1',
      },
      async (at) => {
        const { email } = await signUp(newEmail(), at);
        for (let n = 0; n < 2; n++) await from('203.0.113.1', email, at).expect(401);
        for (let n = 0; n < 9; n++) refused(await from('203.0.113.1', email, at));
        await from('203.0.113.1', newEmail(), at).expect(401);
        for (let n = 0; n < 2; n++) await from('203.0.113.2', email, at).expect(401);
        await from('2001:db8::1', email, at).expect(401);
        refused(await from('198.51.100.1', email, at, password));
        await from('198.51.100.1', newEmail(), at).expect(401);
      },
    ));

  test('from one IPv6 network are from one address', () =>
    limited({ SIGNIN_LIMIT_PER_ADDRESS: '2', TRUST_PROXY_HOPS: '1' }, async (at) => {
      for (const host of [1, 2]) await from(`2001:db8:0:1::${host}`, newEmail(), at).expect(401);
      refused(await from('2001:db8:0:1:ffff::3', newEmail(), at));
      await from('2001:db8:0:2::1', newEmail(), at).expect(401);
    }));

  test('are forgiven to one who signs in', () =>
    limited({ SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS: '3' }, async (at) => {
      const { email } = await signUp(newEmail(), at);
      for (let round = 0; round < 3; round++) {
        for (let n = 0; n < 2; n++) await post('signin', { email, password: 'wrong' }, at).expect(401);
        await post('signin', { email, password }, at).expect(200);
      }
    }));

  test('of one address are refused, for signing in and for signing up', () =>
    limited(
      { SIGNIN_LIMIT_PER_ADDRESS: '2', SIGNUP_LIMIT_PER_ADDRESS: '2', LIMIT_DELAY_MS: '1' },
      async (at) => {
        for (let n = 0; n < 2; n++) await post('signin', { email: newEmail(), password }, at).expect(401);
        refused(await post('signin', { email: newEmail(), password }, at));
        const { email } = await signUp(newEmail(), at);
        for (let n = 0; n < 2; n++) await post('signup', { email, password }, at).expect(409);
        refused(await post('signup', { email: newEmail(), password }, at));
      },
    ));

  test('that succeed do not count: 101 people sign in and 51 sign up behind one address', () =>
    limited({ LIMIT_DELAY_MS: '20' }, async (at) => {
      const people = [];
      for (let n = 0; n < 51; n++) people.push(await signUp(newEmail(), at));
      for (let n = 0; n < 101; n++)
        await post('signin', { email: people[n % 51]!.email, password }, at).expect(200);
      await post('signin', { email: newEmail(), password }, at).expect(401);
    }));

  test('of a crowd at once succeed as well', () =>
    limited({}, async (at) => {
      const crowd = () =>
        Promise.all(
          Array.from({ length: 55 }, () =>
            patiently(() => post('signup', { email: newEmail(), password }, at)),
          ),
        );
      expect((await crowd()).map(({ status }) => status)).toEqual(Array<number>(55).fill(201));
    }));

  test('of a busy address are slow before they are refused, and only a few of them wait', async () => {
    const held: { ms: number; go(): void }[] = [];
    let holding = false;
    const clock: typeof systemClock = {
      ...systemClock,
      sleep: (ms, signal) =>
        holding && !signal
          ? new Promise((go) => void held.push({ ms, go }))
          : systemClock.sleep(signal ? ms : 1, signal),
    };
    const env = { SIGNIN_LIMIT_PER_ADDRESS: '40', LIMIT_DELAY_MS: '3000' };
    const at = await testHost([auth()], { mongoUrl, env, clock });
    const attempt = async () => (await post('signin', { email: newEmail(), password }, at)).status;
    try {
      for (let n = 0; n < 30; n++) expect(await attempt()).toBe(401);
      holding = true;
      const slow = attempt();
      await eventually(() => held.length === 1);
      expect(held[0]!.ms).toBeGreaterThan(1400);
      held.pop()!.go();
      expect(await slow).toBe(401);
      const answers: number[] = [];
      const flood = Array.from({ length: 9 }, () => attempt().then((status) => answers.push(status)));
      await eventually(() => held.length + answers.length === 9);
      expect(answers).toEqual(Array<number>(5).fill(429));
      for (const { go } of held) go();
      await Promise.all(flood);
      expect(answers.slice(5)).toEqual(Array<number>(4).fill(401));
    } finally {
      holding = false;
      await at.destroy();
    }
  });

  describe('of a device that was signed in before', () => {
    const env = {
      SIGNIN_LIMIT_PER_ACCOUNT: '3',
      SIGNIN_LIMIT_PER_DEVICE: '2',
      TRUST_PROXY_HOPS: '1',
      LIMIT_DELAY_MS: '0',
    };
    const deviceOf = (reply: Response) => cookies(reply)[DEVICE];
    const owner = async (at: TestHost) => {
      const email = newEmail();
      const reply = await post('signup', { email, password }, at).expect(201);
      const cookie = deviceOf(reply)!;
      expect(cookie.attributes).toEqual(
        expect.arrayContaining(['httponly', 'samesite=lax', 'path=/api/users', 'max-age=34560000']),
      );
      return { email, device: `${DEVICE}=${cookie.value}`, refresh: cookies(reply)['refresh']!.value };
    };
    const lockOut = async (email: string, at: TestHost) => {
      for (let n = 0; n < 3; n++) await from(`203.0.113.${n}`, email, at).expect(401);
      refused(await from('198.51.100.1', email, at, password));
    };

    test('have a budget of their own, which is bounded', () =>
      limited(env, async (at) => {
        const { email, device } = await owner(at);
        await lockOut(email, at);
        const there = (word: string) => from('198.51.100.1', email, at, word).set('Cookie', device);
        for (let round = 0; round < 3; round++) {
          await there('wrong').expect(401);
          expect(deviceOf(await there(password).expect(200))).toBeUndefined();
        }
        for (let n = 0; n < 2; n++) await there('wrong').expect(401);
        refused(await there(password));
      }));

    test('are for its accounts only, and cannot be forged', () =>
      limited(env, async (at) => {
        const [one, other] = [await owner(at), await owner(at)];
        await lockOut(one.email, at);
        const forged = other.device.replace(/=[0-9a-f]{24}/, /=[0-9a-f]{24}/.exec(one.device)![0]);
        for (const cookie of [other.device, forged, `${DEVICE}=~~`])
          refused(await from('198.51.100.1', one.email, at, password).set('Cookie', cookie));
        const both = deviceOf(
          await from('192.0.2.1', other.email, at, password).set('Cookie', one.device).expect(200),
        );
        for (const { email } of [one, other])
          await from('198.51.100.1', email, at, password)
            .set('Cookie', `${DEVICE}=${both!.value}`)
            .expect(200);
      }));

    test('are known from a session that was there before, too', () =>
      limited(env, async (at) => {
        const { email, refresh: token } = await owner(at);
        const device = deviceOf(
          await post('refresh', {}, at).set('Cookie', `${REFRESH}=${token}`).expect(200),
        )!;
        await lockOut(email, at);
        await from('198.51.100.1', email, at, password)
          .set('Cookie', `${DEVICE}=${device.value}`)
          .expect(200);
      }));
  });

  test('of one who guesses are bounded, wherever they come from', () =>
    limited(
      {
        SIGNIN_LIMIT_PER_ADDRESS: '6',
        SIGNIN_LIMIT_PER_NETWORK: '15',
        SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS: '4',
        SIGNIN_LIMIT_PER_ACCOUNT: '20',
        TRUST_PROXY_HOPS: '1',
        LIMIT_DELAY_MS: '1',
      },
      async (at) => {
        /** So many guesses were looked at. */
        const guess = async (addresses: string[], emails: string[]) => {
          let looked = 0;
          for (const address of addresses)
            for (const email of emails) if ((await from(address, email, at)).status === 401) looked += 1;
          return looked;
        };
        const many = (count: number, make: (n: number) => string) =>
          Array.from({ length: count }, (_, n) => make(n));
        const { email } = await signUp(newEmail(), at);
        // One account, in turn from an address, from a /48 with all its /64, and from networks everywhere.
        expect(
          await guess(
            many(9, () => '192.0.2.1'),
            [email],
          ),
        ).toBe(4);
        expect(
          await guess(
            many(20, (n) => `2001:db8:1:${n}::1`),
            [email],
          ),
        ).toBe(15);
        expect(
          await guess(
            many(20, (n) => `2001:db8:${n + 2}::1`),
            [email],
          ),
        ).toBe(1);
        expect(
          await guess(
            many(20, (n) => `198.51.100.${n}`),
            [email],
          ),
        ).toBe(0);
        // All accounts, from an address, and from a /48.
        expect(await guess(['203.0.113.1'], many(20, newEmail))).toBe(6);
        expect(
          await guess(
            many(20, (n) => `2001:db8:99:${n}::1`),
            many(3, newEmail),
          ),
        ).toBe(15);
      },
    ));

  test('at once count as well', () =>
    limited({ SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS: '5' }, async (at) => {
      const email = newEmail();
      const replies = await Promise.all(
        Array.from({ length: 15 }, () => post('signin', { email, password: 'wrong' }, at)),
      );
      const statuses = replies.map(({ status }) => status);
      expect(statuses.filter((status) => status === 401)).toHaveLength(5);
      expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    }));

  test('do not count where the limit is off, which production refuses', async () => {
    await limited({ SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS: '1', RATE_LIMIT: 'off' }, async (at) => {
      for (let n = 0; n < 4; n++) await post('signin', { email: 'a@example.com', password }, at).expect(401);
    });
    const env = { RATE_LIMIT: 'off', NODE_ENV: 'production' };
    await expect(testHost([auth()], { mongoUrl, env })).rejects.toThrow(
      'RATE_LIMIT must be on in production.',
    );
  });
});

describe('where the public origin is https', () => {
  const secured = async (work: (at: TestHost) => Promise<void>) => {
    const env = { PUBLIC_ORIGIN: 'https://ticketing.dev', TRUST_PROXY_HOPS: '1' };
    const at = await testHost([auth()], { mongoUrl, env });
    await work(at).finally(() => at.destroy());
  };

  test.each(['https', 'http', ''])(
    'cookies are Secure and have a prefix, also where a proxy says %j of the connection',
    (proto) =>
      secured(async (at) => {
        const body = { email: newEmail(), password };
        for (const path of ['signup', 'signin']) {
          const reply = await post(path, body, at).set('X-Forwarded-Proto', proto);
          expect(reply.status).toBeLessThan(300);
          const lines = (reply.headers['set-cookie'] as unknown as string[]).join('\n');
          expect(lines).toMatch(/^__Host-ticketing-session=ey.*; path=\/;.*; secure/m);
          expect(lines).toMatch(/^__Secure-ticketing-refresh=.*; Path=\/api\/users\/refresh;.*; Secure/m);
          const cookie = `__Host-ticketing-session=${cookies(reply)['session']!.value}`;
          await api(at).get('/api/users/sessions').set('Cookie', cookie).expect(200);
        }
      }),
  );

  test('a cookie without the prefix is not ours', () =>
    secured(async (at) => {
      const reply = await post('signup', { email: newEmail(), password }, at).expect(201);
      const { session, refresh: token } = cookies(reply);
      const tossed = `${SESSION}=${session!.value}; ${REFRESH}=${token!.value}`;
      await api(at).get('/api/users/sessions').set('Cookie', tossed).expect(401);
      await post('refresh', {}, at).set('Cookie', tossed).expect(401);
    }));
});

describe('cookies of others', () => {
  const current = async (cookie: string) =>
    (await api().get('/api/users/currentuser').set('Cookie', cookie).expect(200)).body.currentUser?.id;

  test('called session, or even as ours, sign nobody out', async () => {
    const { id, session, refresh: token } = await signUp();
    for (const foreign of ['session=s%3Aabc.def', `${SESSION}=theirs`, `${SESSION}=`, 'session='])
      for (const header of [`${foreign}; ${session}`, `${session}; ${foreign}`])
        expect(await current(header)).toBe(id);
    for (const header of [
      `${REFRESH}=theirs; refresh=x; ${REFRESH}=${token}`,
      `${REFRESH}=${token}; ${REFRESH}=`,
    ])
      await post('refresh').set('Cookie', header).expect(200);
  });

  test('of our own shape, as another host of the domain can make them: the session here counts', async () => {
    const [mine, theirs] = [await signUp(), await signUp()];
    for (const tokens of [
      [theirs.refresh, mine.refresh],
      [mine.refresh, theirs.refresh],
    ]) {
      const header = [sessionOf(mine, 100), ...tokens.map((token) => `${REFRESH}=${token}`)].join('; ');
      const reply = await post('refresh').set('Cookie', header).expect(200);
      expect(reply.body.currentUser.id).toBe(mine.id);
    }
  });

  test('are not taken away when one signs out', async () => {
    const { session } = await signUp();
    const reply = await post('signout').set('Cookie', `session=theirs; ${session}`).expect(200);
    const lines = (reply.headers['set-cookie'] as unknown as string[]).join('\n');
    expect(lines).not.toMatch(/^session=/m);
  });
});

describe('a session from before the cookies had names of their own', () => {
  const before = async () => {
    const who = await signUp();
    const session = sessionOf(who, 100).replace(SESSION, 'session');
    return { id: who.id, session, refresh: `refresh=${who.refresh}` };
  };
  const cleared = (reply: Response) =>
    (reply.headers['set-cookie'] as unknown as string[])
      .filter((line) => /^(session|refresh)=;/.test(line))
      .map((line) => line.split('=')[0])
      .sort();

  test('lives on, and gets the new ones at its next exchange', async () => {
    const { id, session, refresh: token } = await before();
    const reply = await api().get('/api/users/currentuser').set('Cookie', session).expect(200);
    expect(reply.body.currentUser.id).toBe(id);
    const exchanged = await post('refresh').set('Cookie', `${session}; ${token}`).expect(200);
    expect(cleared(exchanged)).toEqual(['refresh', 'session']);
    expect((exchanged.headers['set-cookie'] as unknown as string[]).join('\n')).toMatch(
      new RegExp(`^${SESSION}=ey[^]*^${REFRESH}=\\w+\\.1\\.`, 'm'),
    );
  });

  test('lives on where another application has taken its session cookie', async () => {
    const { id, refresh: token } = await before();
    const reply = await post('refresh').set('Cookie', `session=theirs; ${token}`).expect(200);
    expect(reply.body.currentUser.id).toBe(id);
    expect(cleared(reply)).toEqual(['refresh']);
  });

  test('ends when one signs out', async () => {
    const { session, refresh: token } = await before();
    expect(cleared(await post('signout').set('Cookie', session).expect(200))).toEqual(['refresh', 'session']);
    await post('refresh').set('Cookie', token).expect(401);
  });
});
