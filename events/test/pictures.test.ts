import { createHash } from 'node:crypto';
import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseConfig } from '@ticketing/common/config';
import { EVENT_MESSAGES } from '@ticketing/common/contracts/event';
import type { Records } from '@ticketing/common/record';
import { systemClock, systemIds } from '@ticketing/common/runtime';
import { bearer, eventually, testHost, type TestHost } from '@ticketing/common/testing';
import request, { type Response } from 'supertest';
import { pictureCommands } from '../src/commands/pictures.ts';
import { MOST } from '../src/domain/pictures.ts';
import type { EventRecord } from '../src/domain/record.ts';
import { eventModel, pictureModel } from '../src/model.ts';
import { renderer } from '../src/render.ts';
import { events } from '../src/service.ts';
import { flag, paint, photo } from './paint.ts';
import { concert } from './wanted.ts';

type Signed = ReturnType<typeof bearer>;
interface Shown {
  id: string;
  version: number;
  pictures?: { href: string; width: number; height: number }[];
}
const HOUR = 3600_000;
let ahead = 0;
const clock = { ...systemClock, now: () => new Date(Date.now() + ahead) };
let host: TestHost;
const told: { type: string; data: Record<string, unknown> }[] = [];
beforeAll(async () => {
  host = await testHost([events], {
    mongoUrl: process.env['TEST_MONGO_URL'] ?? '',
    clock,
    env: { PICTURES_PER_HOUR: '4', PICTURE_SECONDS: '60' },
  });
  for (const { subject } of EVENT_MESSAGES)
    host.bus.subscribe({
      subject,
      group: 'test',
      handle: async (message) => void told.push(JSON.parse(message) as (typeof told)[number]),
    });
});
afterAll(() => host.destroy());

const somebody = () => {
  const id = systemIds.next();
  return { id, by: bearer({ id }, 3600) };
};
const api = () => request(host.url);
const drafted = async (by: Signed) =>
  (await api().post('/api/events').set(by).send(concert()).expect(201)).body as Shown;
const published = async (by: Signed) => {
  const { id } = await drafted(by);
  return (await api().post(`/api/events/${id}/publish`).set(by).expect(200)).body as Shown;
};
const put = (id: string, by: Signed, picture: Buffer, headers: Record<string, string> = {}) =>
  api()
    .put(`/api/events/${id}/picture`)
    .set({ ...by, 'content-type': 'image/jpeg', ...headers })
    .send(picture);
const jpeg = (width = 1000, height = 600) => paint(width, height).jpeg().toBuffer();
const body = (reply: Response) => reply.body as Shown;
const parts = () => {
  const database = host.database('events');
  const [Events, Files] = [database.store(eventModel) as Records<EventRecord>, database.store(pictureModel)];
  return { Events, Files, clock, render: renderer({ megapixels: 40, seconds: 60 }), picturesPerHour: 100 };
};
const files = (hrefs: Shown['pictures'] = []) =>
  Promise.all(hrefs.map(async ({ href }) => (await api().get(href)).status));

describe('the picture of an event', () => {
  test('is there for all in its widths, by what each holds, and services are told', async () => {
    const { by } = somebody();
    const { id, version } = await published(by);
    const reply = await put(id, by, await photo(), { 'if-match': `"${version}"` }).expect(200);
    expect(reply.headers['etag']).toBe(`"${version + 1}"`);
    const { pictures = [] } = body(reply);
    expect(pictures.map(({ width, height }) => [width, height])).toEqual([
      [480, 960],
      [960, 1920],
      [1000, 2000],
    ]);
    expect(body(await api().get(`/api/events/${id}`)).pictures).toEqual(pictures);
    for (const { href } of pictures) {
      const file = await api().get(href).expect(200);
      const hash = createHash('sha256')
        .update(file.body as Buffer)
        .digest('hex');
      expect(href).toBe(`/api/events/pictures/${hash}`);
      expect(file.headers).toMatchObject({
        etag: `"${hash}"`,
        'content-type': 'image/webp',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
        'content-length': String((file.body as Buffer).length),
      });
      expect((await api().head(href).expect(200)).headers['etag']).toBe(`"${hash}"`);
      for (const tag of [`"${hash}"`, `W/"${hash}"`, `"other", "${hash}-gzip"`])
        await api().get(href).set('if-none-match', tag).expect(304);
      await api().get(href).set('if-none-match', '"other"').expect(200);
    }
    const largest = pictures.at(-1)!.href;
    expect((await api().get(`/api/events/${id}/picture`).expect(307)).headers['location']).toBe(largest);
    const message = await eventually(
      () => told.find(({ data }) => data['id'] === id && data['version'] === version + 1) ?? false,
    );
    expect(message.data['pictures']).toEqual(pictures.map(({ href }) => href.split('/').at(-1)));
    const [listed] = (await api().get('/api/events?limit=200')).body.filter((one: Shown) => one.id === id);
    expect(listed.pictures).toEqual(pictures);
  });

  test('stays when all else is said anew; the same again is no change, another is', async () => {
    const { by } = somebody();
    const { id } = await drafted(by);
    const first = body(await put(id, by, await jpeg()).expect(200));
    const edited = body(
      await api()
        .put(`/api/events/${id}`)
        .set(by)
        .send(concert({ title: 'Other' })),
    );
    expect(edited.pictures).toEqual(first.pictures);
    expect(body(await put(id, by, await jpeg()).expect(200)).version).toBe(edited.version);
    const other = body(await put(id, by, await (await flag(600, 400)).jpeg().toBuffer()).expect(200));
    expect(other.version).toBe(edited.version + 1);
    expect(other.pictures).not.toEqual(first.pictures);
  });

  test('is taken away again', async () => {
    const { by } = somebody();
    const { id } = await drafted(by);
    const path = `/api/events/${id}/picture`;
    await api().delete(path).set(by).expect(404);
    const { version } = body(await put(id, by, await jpeg(300, 200)).expect(200));
    await api().get(path).expect(404); // a draft is for its team
    await api().get(path).set(by).expect(307);
    await api().delete(path).set(by).set('if-match', '"0"').expect(412);
    const bare = body(await api().delete(path).set(by).set('if-match', `"${version}"`).expect(200));
    expect(bare).toMatchObject({ version: version + 1 });
    expect(bare).not.toHaveProperty('pictures');
    await api().get(path).set(by).expect(404);
  });

  test('is its owner’s and managers’ to change, as it was when they saw it, while it is not over', async () => {
    const [owner, door, other] = [somebody(), somebody(), somebody()];
    const { id } = await published(owner.by);
    const link = await api().post(`/api/events/${id}/team/links`).set(owner.by).send({ role: 'door' });
    await api().post('/api/events/team').set(door.by).send({ token: link.body.token }).expect(200);
    const picture = await jpeg(200, 100);
    await put(id, {} as Signed, picture).expect(401);
    await put(id, other.by, picture).expect(403);
    await put(id, door.by, picture).expect(403);
    await put((await drafted(owner.by)).id, other.by, picture).expect(404);
    await put(systemIds.next(), owner.by, picture).expect(404);
    await put(id, owner.by, picture, { 'if-match': '"0"' }).expect(412);
    await api().post(`/api/events/${id}/cancel`).set(owner.by).expect(200);
    await put(id, owner.by, picture).expect(409);
    expect((await parts().Files.find({ by: owner.id })).length).toBe(0);
  });

  test('goes along with a copy', async () => {
    const { by } = somebody();
    const { id } = await drafted(by);
    const { pictures } = body(await put(id, by, await jpeg(500, 300)).expect(200));
    const at = { starts: '2097-12-24T19:00', ends: '2097-12-24T22:00' };
    const copy = body(await api().post(`/api/events/${id}/copy`).set(by).send(at).expect(201));
    expect(copy.pictures).toEqual(pictures);
    await api().delete(`/api/events/${id}/picture`).set(by).expect(200);
    ahead += 2 * HOUR;
    await pictureCommands(parts()).sweepPictures();
    expect(await files(copy.pictures)).toEqual([200, 200]);
    await api().delete(`/api/events/${copy.id}`).set(by).expect(204);
    await pictureCommands(parts()).sweepPictures();
    expect(await files(copy.pictures)).toEqual([404, 404]);
  });
});

describe('what nobody shows any more', () => {
  test('is gone an hour later, and what a process left behind that died half-way', async () => {
    const { by, id: mine } = somebody();
    const { id } = await drafted(by);
    const before = body(await put(id, by, await jpeg(490, 300)).expect(200)).pictures;
    const now = body(await put(id, by, await jpeg(491, 300)).expect(200)).pictures;
    const dying = { ...parts().Events, clock, announce: () => undefined };
    const Events = { ...dying, updateOne: () => Promise.reject(new Error('killed')) } as Records<EventRecord>;
    await expect(
      pictureCommands({ ...parts(), Events }).illustrate({ id: mine, roles: [] }, id, await jpeg(70, 40), 2),
    ).rejects.toThrow('killed');
    const { Files } = parts();
    const left = await Files.find({ by: mine });
    const { sweepPictures } = pictureCommands(parts());
    await sweepPictures();
    expect(await Files.find({ by: mine })).toHaveLength(left.length);
    ahead += 1.1 * HOUR;
    expect(await sweepPictures()).toBeGreaterThanOrEqual(3);
    expect([await files(before), await files(now)]).toEqual([
      [404, 404],
      [200, 200],
    ]);
    expect(await Files.find({ by: mine })).toHaveLength(1);
  });

  test('stays where somebody begins to show it while it is swept', async () => {
    const { by, id: mine } = somebody();
    const { id } = await drafted(by);
    const picture = await jpeg(80, 40);
    const { pictures } = body(await put(id, by, picture).expect(200));
    await api().delete(`/api/events/${id}/picture`).set(by).expect(200);
    ahead += 2 * HOUR;
    const between = parts();
    const looked: Records<EventRecord>['find'] = async (...args) => {
      const found = await parts().Events.find(...args);
      // The sweep knows that nobody shows it; now somebody does.
      await put(id, by, picture).expect(200);
      return found;
    };
    await pictureCommands({ ...between, Events: { ...between.Events, find: looked } }).sweepPictures();
    expect(await files(pictures)).toEqual([200]);
    expect((await between.Files.find({ by: mine })).length).toBe(1);
  });
});

describe('refused', () => {
  test('what is too large, before it is read', async () => {
    const { by } = somebody();
    const { id } = await drafted(by);
    const { body: problem } = await put(id, by, Buffer.alloc(MOST + 1, 'x')).expect(413);
    expect(problem.errors).toEqual([{ field: 'picture', message: 'must have at most 8 MB' }]);
    const status = await new Promise((resolve, fail) => {
      const headers = { ...by, 'content-type': 'image/png', 'transfer-encoding': 'chunked' };
      const req = rawRequest(`${host.url}/api/events/${id}/picture`, { method: 'PUT', headers }, (res) => {
        resolve(res.statusCode);
        req.destroy();
      });
      req.on('error', fail);
      for (let megabyte = 0; megabyte < 9; megabyte++) req.write(Buffer.alloc(1_000_000, 'x'));
    });
    expect(status).toBe(413);
    await put(id, by, Buffer.alloc(MOST, 'x')).expect(400);
  });

  test('what says to be no picture, or is none', async () => {
    const { by } = somebody();
    const { id } = await drafted(by);
    const fields = (reply: Response) => reply.body.errors.map(({ field }: { field: string }) => field);
    for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x', 'video/mp4'])
      expect(fields(await put(id, by, await jpeg(20, 20), { 'content-type': type }).expect(415))).toEqual([
        'content-type',
      ]);
    const gzip = { 'content-encoding': 'gzip' };
    expect(fields(await put(id, by, await jpeg(20, 20), gzip).expect(415))).toEqual(['content-encoding']);
    for (const type of ['image/svg+xml', 'image/png', 'application/octet-stream'])
      expect(fields(await put(id, by, Buffer.from('<svg/>'), { 'content-type': type }).expect(400))).toEqual([
        'picture',
      ]);
    await api().get('/api/events/pictures/nonsense').expect(400);
    await api()
      .get(`/api/events/pictures/${'0'.repeat(64)}`)
      .expect(404);
  });

  test('more of one account than so many in an hour', async () => {
    const { by } = somebody();
    const { id } = await drafted(by);
    const statuses: number[] = [];
    for (let height = 100; height < 700; height += 100)
      statuses.push((await put(id, by, await jpeg(1600, height))).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
    ahead += HOUR;
    await put(id, by, await jpeg(1610, 20)).expect(200);
  });
});

test('is bounded by settings, and bounds that cannot work are refused by name', () => {
  const wrong = { PICTURE_MEGAPIXELS: '101', PICTURE_SECONDS: '0', PICTURES_PER_HOUR: 'many' };
  const env = { CODE_KEY: 'x'.repeat(32), ...wrong };
  expect(() => parseConfig(events.config, env)).toThrow(
    [
      'PICTURE_MEGAPIXELS must be at most 100.',
      'PICTURE_SECONDS must be at least 1.',
      'PICTURES_PER_HOUR must be a whole number.',
    ].join('\n'),
  );
});

test('of many at once one is taken apart at a time, the rest waits or is told to, and all else is answered', async () => {
  const picture = await (await flag(4000, 3000)).jpeg().toBuffer();
  const mine = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const { by } = somebody();
      return { by, id: (await drafted(by)).id };
    }),
  );
  const uploads = mine.map(({ id, by }) => put(id, by, picture).then((reply) => reply));
  const others = await Promise.all(Array.from({ length: 20 }, () => api().get('/api/events')));
  expect(new Set(others.map(({ status }) => status))).toEqual(new Set([200]));
  const replies = await Promise.all(uploads);
  const refused = replies.filter(({ status }) => status !== 200);
  expect(new Set(refused.map(({ status, headers }) => `${status} ${headers['retry-after']}`))).toEqual(
    new Set(['503 1']),
  );
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(30);
});
