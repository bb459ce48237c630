import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { codeHash } from '@ticketing/common/codes';
import { EVENT_MESSAGES } from '@ticketing/common/contracts/event';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, eventually, TEST_KEYS, testHost, type TestHost } from '@ticketing/common/testing';
import request from 'supertest';
import { events } from '../src/service.ts';
import { concert } from './wanted.ts';

type Signed = ReturnType<typeof bearer>;
let host: TestHost;
const told: { type: string; data: Record<string, unknown> }[] = [];
beforeAll(async () => {
  host = await testHost([events], {
    mongoUrl: process.env['TEST_MONGO_URL'] ?? '',
    env: { DRAFTS_LIMIT: '5', TRUST_PROXY_HOPS: '1', CODE_TRIES_PER_ADDRESS: '8' },
  });
  for (const { subject } of EVENT_MESSAGES) {
    const handle = async (message: string) => void told.push(JSON.parse(message) as (typeof told)[number]);
    host.bus.subscribe({ subject, group: 'test', handle });
  }
});
afterAll(() => host.destroy());

const somebody = () => {
  const id = systemIds.next();
  return { id, by: bearer({ id }) };
};
const api = () => request(host.url);
const post = (path: string, by: Signed, body: object = {}) => api().post(path).set(by).send(body);
const drafted = async (by: Signed, fields: object = {}) => {
  const { body } = await post('/api/events', by, concert(fields)).expect(201);
  return body as { id: string; version: number; tiers: { id: string }[]; pools: { id: string }[] };
};
const published = async (by: Signed, fields: object = {}) => {
  const { id } = await drafted(by, fields);
  return (await post(`/api/events/${id}/publish`, by).expect(200)).body as Awaited<
    ReturnType<typeof drafted>
  >;
};
const heard = (type: string, id: string) =>
  eventually(() => {
    const message = told.find((one) => one.type === type && one.data['id'] === id);
    if (!message) throw new Error(`${type} of ${id} was not heard`);
    return message;
  });
const ids = ({ body }: { body: unknown }) => (body as { id: string }[]).map(({ id }) => id);

describe('a draft', () => {
  test('is for its team alone, and nobody is told of it', async () => {
    const [owner, other] = [somebody(), somebody()];
    const { body, headers } = await post('/api/events', owner.by, concert()).expect(201);
    expect(headers).toMatchObject({ etag: '"0"', location: `/api/events/${body.id}` });
    expect(body).toMatchObject({
      status: 'draft',
      role: 'owner',
      starts: '2096-12-24T19:00',
      startsAt: '2096-12-24T18:00:00.000Z',
      pools: [{ capacity: 300 }, { capacity: 8, held: [{ from: 0, to: 1 }] }],
      team: [{ userId: owner.id, role: 'owner' }],
      links: [],
    });
    for (const hidden of ['pending', 'words', 'internal', 'requestHash'])
      expect(body).not.toHaveProperty(hidden);
    expect((await api().get(headers['location']!).set(owner.by).expect(200)).body).toEqual(body);
    await api().get(headers['location']!).expect(404);
    await api().get(headers['location']!).set(other.by).expect(404);
    await post(`/api/events/${body.id}/publish`, other.by).expect(404);
    expect(ids(await api().get('/api/events?as=team').set(owner.by).expect(200))).toEqual([body.id]);
    expect(ids(await api().get('/api/events').expect(200))).not.toContain(body.id);
    await api().get('/api/events?as=team').expect(401);
    await api().delete(headers['location']!).set(owner.by).set('if-match', '"4"').expect(412);
    await api().delete(headers['location']!).set(owner.by).expect(204);
    await api().get(headers['location']!).set(owner.by).expect(404);
    expect(told.filter(({ data }) => data['id'] === body.id)).toEqual([]);
  });

  test('is made once of ten requests under one key, and another body is refused', async () => {
    const { by } = somebody();
    const ask = (body = concert()) => post('/api/events', by, body).set('idempotency-key', 'k1');
    const replies = await Promise.all(Array.from({ length: 10 }, () => ask()));
    expect(new Set(replies.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    await ask(concert({ title: 'Another' })).expect(409);
  });

  test('an account has so many at most, however many it asks for at once', async () => {
    const { by } = somebody();
    await Promise.all(Array.from({ length: 12 }, () => post('/api/events', by, concert())));
    expect((await api().get('/api/events?as=team').set(by)).body.length).toBeLessThanOrEqual(5);
    for (let tries = 0; tries < 6; tries++) await post('/api/events', by, concert());
    expect((await api().get('/api/events?as=team').set(by)).body).toHaveLength(5);
    await post('/api/events', by, concert()).expect(409);
  });

  test('is changed whole, and of two managers at once one wins', async () => {
    const { by } = somebody();
    const { id } = await drafted(by);
    const put = (title: string) =>
      api().put(`/api/events/${id}`).set(by).set('if-match', '"0"').send(concert({ title }));
    const statuses = (await Promise.all([put('One'), put('Two')])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 412]);
    expect((await api().get(`/api/events/${id}`).set(by)).body.version).toBe(1);
  });
});

describe('a published event', () => {
  test('is there for all, told whole to services, and shows neither what is held nor what is hidden', async () => {
    const owner = somebody();
    const tiers = [...concert().tiers, { name: 'Friends', pool: 0, price: 0, hidden: true }];
    const { id } = await published(owner.by, { tiers });
    const { body } = await api().get(`/api/events/${id}`).expect(200);
    expect(body.tiers.map(({ name }: { name: string }) => name)).toEqual(['Standing', 'Seated']);
    const text = JSON.stringify(body);
    for (const secret of ['held', 'team', 'internal', 'codes', 'links', owner.id, 'role'])
      expect(text).not.toContain(`"${secret}"`);
    const { data } = await heard('event:published', id);
    expect(data).toMatchObject({
      status: 'published',
      version: 1,
      tiers: [{}, {}, { name: 'Friends', hidden: true, limit: 4 }],
      internal: { ownerId: owner.id, held: [{ from: 0, to: 1 }], codes: [] },
    });
    expect(data).not.toHaveProperty('links');
  });

  test('tells each change, and its end', async () => {
    const { by } = somebody();
    const { id } = await published(by);
    const later = {
      starts: '2097-02-01T19:00',
      ends: '2097-02-01T22:00',
      returns: { until: '2097-01-15T00:00' },
    };
    const { body } = await post(`/api/events/${id}/postpone`, by, later).expect(200);
    expect(body).toMatchObject({
      postponedFrom: '2096-12-24T18:00:00.000Z',
      returns: { local: '2097-01-15T00:00' },
    });
    expect((await heard('event:changed', id)).data).toMatchObject({ startsAt: '2097-02-01T18:00:00.000Z' });
    await post(`/api/events/${id}/cancel`, by).set('if-match', '"2"').expect(200);
    expect((await heard('event:cancelled', id)).data).toMatchObject({ status: 'cancelled', version: 3 });
    await api().get(`/api/events/${id}`).expect(200);
    expect(ids(await api().get('/api/events?limit=200'))).not.toContain(id);
  });

  test('is refused to whoever is not of its team, and what is sold stays', async () => {
    const { by } = somebody();
    const { id } = await published(by);
    await api().put(`/api/events/${id}`).set(somebody().by).send(concert()).expect(403);
    const { body } = await api().put(`/api/events/${id}`).set(by).send(concert()).expect(409);
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'tiers',
      'tiers',
      'pools',
      'pools',
    ]);
    await api().delete(`/api/events/${id}`).set(by).expect(409);
  });

  test('is copied at another time', async () => {
    const { by } = somebody();
    const event = await published(by);
    const times = { starts: '2097-12-24T19:00', ends: '2097-12-24T22:00' };
    const { body } = await post(`/api/events/${event.id}/copy`, by, times).expect(201);
    expect(body).toMatchObject({ status: 'draft', starts: times.starts, title: 'Evening of songs' });
    const all = [event, body as typeof event].flatMap(({ pools, tiers }) => [...pools, ...tiers]);
    expect(new Set(all.map((one) => one.id)).size).toBe(all.length);
  });

  test('is found by its words, city, category, times and prices, in pages', async () => {
    const { by } = somebody();
    const venue = { name: 'Wolkenheim', city: 'Łódź' };
    const on = (starts: string, price: number, category = 'concert') =>
      published(by, {
        venue,
        category,
        starts,
        ends: '2094-06-01T23:00',
        pools: [{ capacity: 5 }],
        tiers: [{ name: 'A', price }],
      });
    const [b, a, c] = [
      await on('2094-05-02T20:00', 0),
      await on('2094-05-01T20:00', 3000),
      await on('2094-05-03T20:00', 9000, 'film'),
    ];
    const find = async (query: string) => ids(await api().get(`/api/events?city=lodz&${query}`).expect(200));
    expect(await find('')).toEqual([a.id, b.id, c.id]);
    expect(await find('sort=newest')).toEqual([c.id, a.id, b.id]);
    expect(await find('q=wolken')).toEqual([a.id, b.id, c.id]);
    expect(await find('q=wolken+nothing')).toEqual([]);
    expect(await find('category=film')).toEqual([c.id]);
    expect(await find('free=true')).toEqual([b.id]);
    expect(await find('minPrice=1000&maxPrice=5000')).toEqual([a.id]);
    expect(await find('minPrice=1000&currency=eur')).toEqual([]);
    expect(await find('to=2094-05-02T12:00:00Z')).toEqual([a.id]);
    expect(await find('from=2095-01-01T00:00:00Z')).toEqual([]);
    for (const sort of ['start', 'newest']) {
      const seen: string[] = [];
      let path: string | undefined = `/api/events?city=lodz&limit=1&sort=${sort}`;
      while (path !== undefined) {
        const reply: { body: { id: string }[]; headers: Record<string, string> } = await api()
          .get(path)
          .expect(200);
        seen.push(...ids(reply));
        path = /<([^>]+)>/.exec(reply.headers['link'] ?? '')?.[1];
      }
      expect(seen).toEqual(await find(`sort=${sort}`));
    }
    const crafted = Buffer.from('["x","y"]').toString('base64url');
    await api().get(`/api/events?cursor=${crafted}`).expect(400);
  });
});

describe('a team', () => {
  const link = async (by: Signed, id: string, body: object) =>
    (await post(`/api/events/${id}/team/links`, by, body).expect(201)).body as { id: string; token: string };

  test('is joined by a link, which is kept by its hash, and left', async () => {
    const [owner, helper] = [somebody(), somebody()];
    const { id } = await drafted(owner.by);
    const made = await link(owner.by, id, { role: 'manager' });
    const stored = await host
      .database('events')
      .connection!.db!.collection<{ _id: string }>('events')
      .findOne({ _id: id });
    expect(JSON.stringify(stored)).not.toContain(made.token);
    const { body } = await post('/api/events/team', helper.by, { token: made.token }).expect(200);
    expect(body).toMatchObject({ id, role: 'manager', team: [{}, { userId: helper.id, role: 'manager' }] });
    expect(body).not.toHaveProperty('links');
    await post(`/api/events/${id}/team/links`, helper.by, { role: 'door' }).expect(403);
    await post('/api/events/team', somebody().by, { token: made.token }).expect(404);
    await api().delete(`/api/events/${id}/team/${owner.id}`).set(helper.by).expect(403);
    await api().delete(`/api/events/${id}/team/${helper.id}`).set(owner.by).expect(204);
    await api().get(`/api/events/${id}`).set(helper.by).expect(404);
    const shut = await link(owner.by, id, { role: 'door', uses: 9 });
    await api().delete(`/api/events/${id}/team/links/${shut.id}`).set(owner.by).expect(204);
    await post('/api/events/team', helper.by, { token: shut.token }).expect(404);
    await post('/api/events/team', helper.by, { token: `${systemIds.next()}${'x'.repeat(32)}` }).expect(404);
  });

  test('of ten who take the last use of a link at once, one is in', async () => {
    const owner = somebody();
    const { id } = await drafted(owner.by);
    const { token } = await link(owner.by, id, { role: 'door' });
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => post('/api/events/team', somebody().by, { token })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(404)]);
    expect((await api().get(`/api/events/${id}`).set(owner.by)).body.team).toHaveLength(2);
  });
});

describe('a code', () => {
  test('is told once, kept by its keyed hash, and shows what it is for', async () => {
    const { by } = somebody();
    const event = await published(by, {
      tiers: [...concert().tiers, { name: 'Friends', pool: 0, price: 900, hidden: true }],
    });
    const tierIds = [event.tiers[2]!.id];
    const path = `/api/events/${event.id}/codes`;
    const { body } = await post(path, by, { code: 'early-bird', percent: 20, uses: 100, tierIds }).expect(
      201,
    );
    expect(body).toMatchObject({ code: 'EARLY-BIRD', percent: 20, uses: 100, tierIds });
    expect(body).not.toHaveProperty('hash');
    await post(path, by, { code: 'EARLY-BIRD', percent: 5 }).expect(409);
    await post(path, somebody().by, { code: 'other', percent: 5 }).expect(403);
    const { data } = await heard('event:changed', event.id);
    const hash = codeHash(TEST_KEYS.CODE_KEY, event.id, 'EARLY-BIRD');
    expect(data['internal']).toMatchObject({ codes: [{ hash, percent: 20 }] });
    expect(JSON.stringify(data)).not.toContain('EARLY');
    const opened = await api().post(`${path}/check`).send({ code: ' Early-bird ' }).expect(200);
    expect(opened.body).toMatchObject({ percent: 20, tiers: [{ name: 'Friends', price: 900 }] });
    await api().post(`${path}/check`).send({ code: 'late-bird' }).expect(404);
    await api().delete(`${path}/${body.id}`).set(by).expect(204);
    await api().post(`${path}/check`).send({ code: 'EARLY-BIRD' }).expect(404);
  });

  test('is not to be guessed: wrong ones count against an address, an IPv6 network and an account', async () => {
    const { by } = somebody();
    const { id } = await published(by);
    const path = `/api/events/${id}/codes`;
    await post(path, by, { code: 'EARLY-BIRD', percent: 20 }).expect(201);
    const say = (code: string, from: string, who: Partial<Signed> = {}) =>
      api()
        .post(`${path}/check`)
        .set({ 'x-forwarded-for': from, ...who })
        .send({ code });
    const guess = async (count: number, from: (n: number) => string, who: Partial<Signed> = {}) => {
      const replies = await Promise.all(
        Array.from({ length: count }, (_, n) => say(`WRONG-${n}`, from(n), who)),
      );
      return replies.filter(({ status }) => status === 404).length;
    };
    expect(await guess(40, () => '192.0.2.1')).toBe(8);
    const refused = await say('EARLY-BIRD', '192.0.2.1').expect(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    // Who tried nothing is believed there, and anywhere else.
    await say('EARLY-BIRD', '192.0.2.1', somebody().by).expect(200);
    await say('EARLY-BIRD', '192.0.2.2').expect(200);
    expect(await guess(20, (n) => `2001:db8:0:1::${n + 1}`)).toBe(8);
    expect(await guess(60, (n) => `2001:db8:1:${n + 1}::1`)).toBe(4 * 8);
    expect(await guess(60, (n) => `198.51.100.${n + 1}`, somebody().by)).toBe(20);
    const metrics = await (await fetch(`${host.operationalUrl}/metrics`)).text();
    const isCounted = (by: string) => metrics.includes(`ticketing_code_guesses_refused_total{by="${by}"} `);
    expect(['user', 'address', 'site'].map(isCounted)).toEqual([true, true, true]);
  });

  test.each([
    [{ code: 'abc', percent: 5 }, 'code'],
    [{ code: 'РАСС', percent: 5 }, 'code'],
    [{ code: 'good', percent: 101 }, 'percent'],
    [{ code: 'good', percent: 5, amount: 100 }, 'amount'],
    [{ code: 'good' }, 'percent'],
    [{ code: 'good', percent: 5, uses: 0 }, 'uses'],
    [{ code: 'good', percent: 5, tierIds: ['x'] }, 'tierIds.0'],
  ])('%j is refused, naming %s', async (body, field) => {
    const refused = await post(`/api/events/${systemIds.next()}/codes`, somebody().by, body).expect(400);
    expect(refused.body.errors).toMatchObject([{ field }]);
  });
});

describe('what cannot be is refused by its field', () => {
  const pool = (fields: object) => ({ pools: [fields], tiers: [] });
  test.each([
    [{ zone: 'Mars/Olympus' }, 'zone'],
    [{ zone: '+02:00' }, 'zone'],
    [{ starts: '2096-12-24 19:00' }, 'starts'],
    [{ starts: '2096-12-24T25:00' }, 'starts'],
    [{ ends: '2096-12-24T18:00' }, 'ends'],
    [{ starts: '2026-03-29T02:30', zone: 'Europe/Berlin' }, 'starts'],
    [{ starts: '2026-10-25T02:30', zone: 'Europe/Berlin' }, 'starts'],
    [{ category: 'music' }, 'category'],
    [{ currency: 'xxx' }, 'currency'],
    [{ venue: { name: 'Hall', city: 'Bern', country: 'XX' } }, 'venue.country'],
    [pool({ capacity: 0 }), 'pools.0.capacity'],
    [pool({ capacity: -1 }), 'pools.0.capacity'],
    [pool({ capacity: 1e9 }), 'pools.0.capacity'],
    [pool({ capacity: 1.5 }), 'pools.0.capacity'],
    [
      pool({ blocks: [{ name: 'S', rows: ['A', 'A'].map((label) => ({ label, seats: 1 })) }] }),
      'pools.0.blocks.0.rows.1.label',
    ],
    [
      pool({
        capacity: 9,
        held: [
          { from: 0, to: 3 },
          { from: 3, to: 4 },
        ],
      }),
      'pools.0.held.1.from',
    ],
    [{ tiers: Array.from({ length: 51 }, () => ({ name: 'A', pool: 0, price: 100 })) }, 'tiers'],
    [{ tiers: [{ name: 'A', pool: 0, price: 1 }] }, 'tiers.0.price'],
    [{ tiers: [{ name: 'A', pool: 0, price: 49 }] }, 'tiers.0.price'],
    [{ tiers: [{ name: 'A', pool: 0, price: -1 }] }, 'tiers.0.price'],
    [{ description: 'fine\n\n<script>alert(1)</script>' }, 'description'],
    [{ description: '[x](javascript:alert(1))' }, 'description'],
    [{ organizer: { name: '' } }, 'organizer.name'],
    [{ status: 'published' }, 'status'],
  ])('%j names %s', async (fields, field) => {
    const refused = await post('/api/events', somebody().by, concert(fields)).expect(400);
    expect(refused.body.errors.map((one: { field: string }) => one.field)).toContain(field);
  });

  test('a description by its line', async () => {
    const { body } = await post(
      '/api/events',
      somebody().by,
      concert({ description: 'a\n\n<b>c</b>' }),
    ).expect(400);
    expect(body.errors).toEqual([{ field: 'description', message: 'must not hold HTML (line 3)' }]);
  });
});

test('readers of the stream hear of published events, and never of a draft, also when they come back', async () => {
  const { by } = somebody();
  const listen = async (headers: Record<string, string> = {}) => {
    const gone = new AbortController();
    const { body } = await fetch(`${host.url}/api/events/stream`, { headers, signal: gone.signal });
    let text = '';
    void (async () => {
      for await (const chunk of body!) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    return { text: () => text, close: () => gone.abort() };
  };
  const first = await listen();
  await eventually(() => first.text().includes('beat'));
  const before = await published(by);
  await eventually(() => first.text().includes(before.id));
  const token = /^id: (.+)$/m.exec(first.text().slice(0, first.text().lastIndexOf(before.id)))![1]!;
  const secret = await drafted(by, { title: 'Secret' });
  const after = await published(by);
  await eventually(() => first.text().includes(after.id));
  const back = await listen({ 'last-event-id': token });
  await eventually(() => back.text().includes(after.id));
  for (const { text, close } of [first, back]) {
    expect(text()).not.toContain(secret.id);
    expect(text()).not.toContain('"held"');
    close();
  }
});
