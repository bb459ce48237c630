import { hash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Db } from 'mongodb';
import { eventually, type TestHost, testHost } from '@ticketing/common/testing';
import { orderFor, visitor } from '@ticketing/suite/api';
import { EVENT } from '@ticketing/suite/samples';
import { OWNERS, withDatabases } from '../src/databases.ts';
import { backup, dump, replace, restore } from '../src/backup.ts';
import { pictureless } from '../src/pictures.ts';
import type { Running } from '../src/running.ts';
import { makeKey, Sealing } from '../src/sealed.ts';
import { freePort } from '@ticketing/engines/place';
import { suite } from '@ticketing/suite/suite';

let host: TestHost;
let origin: string;

beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  host = await testHost(suite, {
    mongoUrl: process.env['TEST_MONGO_URL']!,
    env: {
      PORT: String(port),
      PUBLIC_ORIGIN: origin,
      STRIPE_KEY: 'sk_test_x',
      STRIPE_WEBHOOK_SECRET: 'whsec_x',
    },
  });
});
afterAll(() => host.destroy());

const database = (service: string) => host.database(service).connection!.db as unknown as Db;
const lines = async (service: string) => {
  const all: string[] = [];
  for await (const line of dump(service, database(service))) all.push(line);
  return all;
};
async function* those(all: readonly string[]) {
  yield* all;
}

test('a restored ticket is as it was, and everybody believes it', async () => {
  const seller = visitor(origin);
  await seller.post('/api/users/signup', { email: 'seller@example.com', password: 'tickets-please' });
  const { body: ticket } = await seller.post('/api/tickets', { title: 'Front row', price: 100 });
  const known = () => database('orders').collection('tickets').findOne({ _id: ticket.id });
  const backup = await lines('tickets');
  for (const price of [200, 300]) await seller.patch(`/api/tickets/${ticket.id}`, { price });
  await eventually(async () => (await known())?.['price'] === 300);

  await replace('tickets', database, those(backup));
  expect((await seller.get(`/api/tickets/${ticket.id}`)).body).toMatchObject({ price: 100 });
  await eventually(async () => (await known())?.['price'] === 100);
  expect((await seller.patch(`/api/tickets/${ticket.id}`, { price: 400 })).status).toBe(200);
  await eventually(async () => (await known())?.['price'] === 400);
});

test('a restored ticket learns again which orders hold it', async () => {
  const [seller, buyer] = [visitor(origin), visitor(origin)];
  await seller.post('/api/users/signup', { email: 'seller2@example.com', password: 'tickets-please' });
  await buyer.post('/api/users/signup', { email: 'buyer2@example.com', password: 'tickets-please' });
  const { body: ticket } = await seller.post('/api/tickets', { title: 'Front row', price: 100 });
  const status = async () => (await buyer.get(`/api/tickets/${ticket.id}`)).body.status;
  const backup = await lines('tickets');
  await eventually(async () => (await buyer.post('/api/orders', orderFor([ticket.id]))).status === 201);
  await eventually(async () => (await status()) === 'reserved');

  await replace('tickets', database, those(backup));
  await eventually(async () => (await status()) === 'reserved');
});

test('a restored account is called as it was, also on its tickets', async () => {
  const seller = visitor(origin);
  await seller.post('/api/users/signup', { email: 'seller3@example.com', password: 'tickets-please' });
  await seller.patch('/api/users/currentuser', { name: 'Ada' });
  const { body: ticket } = await seller.post('/api/tickets', { title: 'Front row', price: 100 });
  const name = async () => (await seller.get(`/api/tickets/${ticket.id}`)).body.sellerName;
  await eventually(async () => (await name()) === 'Ada');
  const backup = await lines('auth');
  await seller.patch('/api/users/currentuser', { name: 'Ben' });
  await eventually(async () => (await name()) === 'Ben');

  await replace('auth', database, those(backup));
  await eventually(async () => (await name()) === 'Ada');
});

describe("an organizer's event", () => {
  const wanted = {
    ...EVENT,
    pools: [{ capacity: 4 }],
    tiers: [{ name: 'Standing', pool: 0, price: 2500 }],
  };
  let people = 0;
  const published = async () => {
    const [organizer, buyer] = [visitor(origin), visitor(origin)];
    people += 1;
    for (const [who, name] of [
      [organizer, 'organizer'],
      [buyer, 'guest'],
    ] as const)
      await who.post('/api/users/signup', {
        email: `${name}${people}@example.com`,
        password: 'tickets-please',
      });
    const { id } = (await organizer.post('/api/events', wanted)).body;
    const { body: event } = await organizer.post(`/api/events/${id}/publish`);
    const { pools, tiers } = event as { pools: [{ id: string }]; tiers: [{ id: string }] };
    const same = {
      pools: [{ capacity: 4, id: pools[0].id }],
      tiers: [{ ...wanted.tiers[0], id: tiers[0].id }],
    };
    const copy = () =>
      database('orders').collection<{ _id: string; title: string }>('events').findOne({ _id: id });
    const left = async () => (await buyer.get(`/api/orders/places?eventId=${id}`)).body.pools?.[0].left;
    const take = (quantity: number) =>
      buyer.post('/api/orders', { eventId: id, lines: [{ tierId: tiers[0].id, quantity, price: 2500 }] });
    await eventually(async () => (await left()) === 4);
    const edit = (fields: object) => organizer.put(`/api/events/${id}`, { ...wanted, ...same, ...fields });
    return { id: id as string, buyer, pools, copy, left, take, edit };
  };

  test('that is restored is as it was, and its places are sold so', async () => {
    const { id, buyer, pools, copy, left, edit } = await published();
    const backup = await lines('events');
    await edit({ title: 'Another evening', pools: [{ id: pools[0].id, capacity: 9 }] });
    await eventually(async () => (await left()) === 9);

    await replace('events', database, those(backup));
    expect((await buyer.get(`/api/events/${id}`)).body).toMatchObject({ title: wanted.title });
    await eventually(async () => (await copy())?.title === wanted.title && (await left()) === 4);
    expect((await edit({ title: 'A third one' })).status).toBe(200);
    await eventually(async () => (await copy())?.title === 'A third one');
  });

  test('of which `orders` lost its copy is known again when its owner tells it again', async () => {
    const { id, copy, left, take } = await published();
    expect((await take(1)).status).toBe(201);
    const before = await copy();
    await database('orders').collection('events').deleteMany({});
    await eventually(async () => (await left()) === undefined);
    expect((await take(1)).status).not.toBe(201);
    const asked = { kind: 'republish', since: new Date(0), status: 'waiting' };
    await database('events')
      .collection<{ _id: string }>('operations')
      .insertOne({ _id: id, ...asked });
    await eventually(async () => (await left()) === 3);
    expect(await copy()).toEqual(before);
    expect((await take(3)).status).toBe(201);
    expect((await take(1)).status).toBe(409);
  });
});

test('pictures come back as they were, however much they are together', async () => {
  const events = database('events');
  const bytes = Array.from({ length: 30 }, (_, n) => Buffer.alloc(900_000, n));
  const files = bytes.map((bytes, n) => ({ _id: `picture ${n}` as never, bytes, at: new Date() }));
  await events.collection('pictures').insertMany(files);
  const backup = await lines('events');
  await events.collection('pictures').deleteMany({});
  await replace('events', database, those(backup));
  const back = await events.collection('pictures').find({}, { promoteBuffers: true }).toArray();
  const hashes = (all: readonly { _id: unknown; bytes?: Buffer }[]) =>
    all.map(({ _id, bytes = Buffer.of() }) => `${_id as string} ${hash('sha256', bytes)}`).sort();
  expect(hashes(back)).toEqual(hashes(files));
  expect(await pictureless(events)).toEqual([]);
  const shows = { _id: 'event' as never, pictures: ['picture 0', 'picture 30'] };
  await events.collection('events').insertOne(shows);
  expect(await pictureless(events)).toEqual(['event event shows the picture picture 30, which is not there']);
  await events.collection('events').deleteOne({ _id: shows._id });
});

test("another's backup and half of one are refused", async () => {
  const backup = await lines('auth');
  await expect(replace('orders', database, those(backup))).rejects.toThrow('no backup of orders');
  await expect(replace('orders', database, those([]))).rejects.toThrow('no backup of orders');
  await expect(replace('auth', database, those(backup.slice(0, -1)))).rejects.toThrow('not whole');
  expect(await replace('auth', database, those(backup))).toBe(backup.length - 2);
});

describe('a backup file', () => {
  let folder: string;
  let key: string;
  let recipient: string;
  /** As the commands find the suite: databases that are named after their service. */
  let here: Running;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ticketing-backup-'));
    key = join(folder, 'keys', 'backup.key');
    recipient = await makeKey(key);
    here = { shape: 'monolith', origin, pid: process.pid, mongoUrl: process.env['TEST_MONGO_URL']! };
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await withDatabases(here, async (database) => {
      for (const owner of OWNERS) await database(owner).dropDatabase();
    });
  });
  const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
  const refuse = () => Promise.reject(new Error('Something was written all the same.'));
  const read = async function* (file: string) {
    yield await readFile(file);
  };

  test('and its key are for their owner alone, and hide what they hold', async () => {
    const file = join(folder, 'kept', 'auth.age');
    await backup(here, ['auth', file], { BACKUP_RECIPIENT: [recipient] }, refuse);
    expect(await readFile(file, 'latin1')).toMatch(/^age-encryption\.org\/v1\n/);
    expect(await readFile(file, 'latin1')).not.toContain('"service"');
    for (const path of [file, key])
      expect([await modeOf(path), await modeOf(join(path, '..'))]).toEqual(['600', '700']);
    await expect(backup(here, ['auth', file], { BACKUP_RECIPIENT: [recipient] }, refuse)).rejects.toThrow(
      'EEXIST',
    );
  });

  test('is restored with its key and with no other; a piece of one is refused', async () => {
    const file = join(folder, 'auth.age');
    await backup(here, ['auth', file], { BACKUP_RECIPIENT: [recipient] }, refuse);
    const said: string[] = [];
    const put = (from: string, BACKUP_IDENTITY?: string) =>
      restore(here, ['auth'], { BACKUP_IDENTITY }, read(from), (line) => void said.push(line));
    await expect(put(file)).rejects.toThrow('BACKUP_IDENTITY');
    const other = join(folder, 'other.key');
    await makeKey(other);
    await expect(put(file, other)).rejects.toThrow(/identity/);
    const half = join(folder, 'half.age');
    await writeFile(half, (await readFile(file)).subarray(0, -20));
    await expect(put(half, key)).rejects.toThrow();
    expect(said).toEqual([]);
    await put(file, key);
    expect(said).toEqual([expect.stringMatching(/^\d+ documents restored/)]);
  });

  test('is plain only where that is said, of a suite on this machine', async () => {
    await expect(backup(here, ['auth'], {}, refuse)).rejects.toThrow('BACKUP_RECIPIENT');
    const elsewhere = { ...here, mongoUrls: { auth: here.mongoUrl } };
    await expect(backup(elsewhere, ['auth', '--plain'], {}, refuse)).rejects.toThrow('not --plain');
    const pieces: Uint8Array[] = [];
    await backup(here, ['auth', '--plain'], {}, async (piece) => void pieces.push(piece));
    expect(Buffer.concat(pieces).toString()).toMatch(/^\{"service":"auth"/);
  });

  test('is for nobody whose name is no recipient', () => {
    const parse = (BACKUP_RECIPIENT: string) => Sealing.safeParse({ BACKUP_RECIPIENT }).success;
    expect([recipient, `${recipient}, ${recipient}`, 'age1nobody', ''].map(parse)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
