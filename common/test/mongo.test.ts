import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mongoServer } from '../src/mongo.ts';
import { isDuplicate, isOutage, type Store } from '../src/store.ts';
import { testDatabase } from './database.ts';
import { fresh, type Note, noteModel } from './notes.ts';

const mongo = testDatabase();
let store: Store<Note>;

beforeAll(async () => {
  store = mongo.database.store(noteModel);
  await mongo.database.prepare();
});
afterAll(() => mongo.destroy());

const note = (fields: Partial<Note>): Note => {
  const now = new Date();
  return { ...fresh(fields), version: 0, createdAt: now, updatedAt: now };
};

test('of many inserts at once, those that an index refuses fail alone', async () => {
  const notes = Array.from({ length: 60 }, (_, n) => note({ text: 'crowd', name: `one of ${n % 50}` }));
  const outcomes = await Promise.allSettled(notes.map((one) => store.insert(one)));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(10);
  expect(refused.every(({ reason }) => isDuplicate(reason))).toBe(true);
  const stored = new Set((await store.find({ text: 'crowd' })).map(({ _id }) => _id));
  expect(stored).toEqual(
    new Set(notes.filter((_, n) => outcomes[n]?.status === 'fulfilled').map(({ _id }) => _id)),
  );
});

test('an index of an earlier release goes when those of this one stand, and only that', async () => {
  const another = testDatabase();
  try {
    another.database.store({ ...noteModel, former: ['former_1'] });
    await another.database.prepare();
    const notes = another.database.connection!.collection(noteModel.name);
    const names = async () => (await notes.indexes()).map(({ name }) => name);
    const before = await names();
    await notes.createIndex({ former: 1 }, { unique: true });
    await notes.createIndex({ theirs: 1 });
    await another.database.prepare();
    expect(await names()).toEqual([...before, 'theirs_1']);
  } finally {
    await another.destroy();
  }
});

test('of many upserts at once each is told its own result', async () => {
  const { _id } = note({});
  await store.insert({ ...note({ _id }), version: 5 });
  const upsert = (id: string, version: number) =>
    store.updateOne(
      { _id: id, version: { $lt: version } },
      { $set: { version }, $setOnInsert: { text: 'new' } },
      { upsert: true },
    );
  const outcomes = await Promise.allSettled([
    upsert('first', 0), // goes alone, the others together
    upsert(_id, 5),
    upsert('new', 1),
    upsert(_id, 6),
    upsert('new', 2),
    upsert(_id, 4),
  ]);
  const told = outcomes.map((one) => (one.status === 'fulfilled' ? one.value : isDuplicate(one.reason)));
  const [matched, upserted] = [
    { matched: 1, upserted: false },
    { matched: 0, upserted: true },
  ];
  expect(told).toEqual([upserted, true, upserted, matched, matched, true]);
  expect(await store.find({ _id: { $in: [_id, 'new'] } }, { projection: { version: 1 } })).toEqual([
    { _id, version: 6 },
    { _id: 'new', version: 2 },
  ]);
});

test('of many reads at once each gets what it asked for, and only that', async () => {
  const [one, other] = [note({ rank: 7 }), note({ rank: 8 })];
  await Promise.all([one, other].map((each) => store.insert(each)));
  const everybody = Array.from({ length: 20 }, async () => {
    expect(await store.findOne({ _id: one._id })).toEqual(one);
    expect(await store.findOne({ _id: other._id }, { projection: { rank: 1 } })).toEqual({
      _id: other._id,
      rank: 8,
    });
    expect(await store.findOne({ _id: 'nobody' })).toBeNull();
    expect(await store.find({ _id: { $in: [other._id, 'nobody', one._id] } })).toEqual([other, one]);
    expect(await store.find({ rank: 7 })).toEqual([one]);
    expect(
      await store.find({ createdAt: one.createdAt, rank: { $gt: 6 } }, { sort: { rank: 1 } }),
    ).toContainEqual(one);
    expect(await store.find({ createdAt: one.createdAt.toISOString() })).toEqual([]);
  });
  await Promise.all(everybody);
});

test('a read sees what was written before it was asked for, however many read', async () => {
  const { _id } = note({});
  await store.insert(note({ _id }));
  for (let version = 1; version < 30; version++) {
    const crowd = Array.from({ length: 10 }, () => store.findOne({ _id }));
    await store.updateOne({ _id }, { $set: { version } });
    expect(await store.findOne({ _id })).toMatchObject({ version });
    await Promise.all(crowd);
  }
});

test('an insert that the network takes away is an outage', async () => {
  const { host, pathname, search } = new URL(mongo.url);
  const [address, port] = host.split(',')[0]!.split(':');
  const sockets = new Set<Socket>();
  const way = createServer((socket) => {
    const further = connect(Number(port), address);
    for (const one of [socket, further]) sockets.add(one.on('error', () => undefined));
    socket.pipe(further).pipe(socket);
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  const parameters = new URLSearchParams(search);
  parameters.delete('replicaSet');
  parameters.set('directConnection', 'true');
  const here = `127.0.0.1:${(way.address() as AddressInfo).port}`;
  const server = mongoServer(`mongodb://${here}${pathname}?${parameters.toString()}`);
  const far = server.database(mongo.name);
  const notes = far.store(noteModel);
  await far.prepare();
  await notes.insert(note({}));
  way.close();
  for (const socket of sockets) socket.destroy();
  const error: unknown = await notes.insert(note({})).catch((reason: unknown) => reason);
  await server.close();
  expect(error).toBeInstanceOf(Error);
  expect(isOutage(error)).toBe(true);
});

test.each([
  ['that the database is shutting down', { name: 'MongoServerError', code: 91 }],
  ['that another is the primary now', { name: 'MongoServerError', code: 10107 }],
  ['that it was interrupted', { name: 'MongoServerError', code: 11602 }],
  ['that time ran out', { name: 'MongoServerError', code: 50 }],
  ['that its socket was ended', { name: 'Error', code: 'EPIPE' }],
])('who is told %s is told of an outage', (_what, told) => {
  expect(isOutage(Object.assign(new Error('no'), told))).toBe(true);
});

test.each([
  ['a duplicate key', { name: 'MongoServerError', code: 11000 }],
  ['a wrong command', { name: 'MongoServerError', code: 9 }],
  ['a bug', { name: 'TypeError' }],
])('%s is no outage', (_what, told) => {
  expect(isOutage(Object.assign(new Error('no'), told))).toBe(false);
});
