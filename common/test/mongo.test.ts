import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { mongo as driver } from 'mongoose';
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
    upsert('first', 0),
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

/** How many operations each bulk write had that was sent meanwhile. */
const bulksOf = async (work: () => Promise<unknown>) => {
  const bulks = jest.spyOn(driver.Collection.prototype, 'bulkWrite');
  await work();
  const sizes = bulks.mock.calls.map(([operations]) => operations.length);
  bulks.mockRestore();
  return sizes;
};

test('of many updates at once each is told whether it matched, and nothing is inserted', async () => {
  const [one, other, third] = [note({ rank: 1 }), note({ name: 'taken' }), note({})];
  const { version: _version, ...bare } = note({});
  for (const each of [one, other, third, bare, note({ name: 'fourth' })]) await store.insert(each as Note);
  const before = await store.count({});
  const text = { $set: { text: 'changed' }, $inc: { version: 1 } };
  const noted = [{ $set: { text: 'noted' } }];
  // Where there is no text, this fails for another reason than that nothing matched.
  const stumbling = [{ $set: { found: { $in: ['x', { $split: ['$text', ' '] }] } } }];
  const asks: [object, object | object[], number | string][] = [
    [{ _id: one._id, version: 7 }, text, 0],
    [{ _id: one._id, version: 0, rank: 1 }, text, 1],
    [{ _id: one._id, version: 0, rank: 1 }, text, 0],
    [{ _id: other._id, version: { $lt: 5 }, name: { $in: ['taken'] } }, text, 1],
    [{ _id: 'nobody', version: 0 }, text, 0],
    [{ _id: 'nobody', version: 0, name: 'taken' }, text, 0],
    [{ _id: bare._id }, { $set: { rank: 5 } }, 1],
    [{ _id: bare._id }, noted, 1],
    [{ _id: one._id, version: 1 }, noted, 1],
    [{ _id: one._id, version: 0 }, noted, 0],
    [{ _id: 'nobody' }, noted, 0],
    [{ _id: 'nobody' }, stumbling, 0],
    [{ _id: other._id }, stumbling, 1],
    [{ _id: other._id, $or: [{ rank: 0 }] }, text, 1],
    [{ _id: third._id, version: 0 }, { $set: { name: 'taken' } }, 'duplicate'],
    [{ _id: third._id }, { $inc: { text: 1 } }, 'refused'],
    [{ _id: third._id, version: 0 }, text, 1],
    // No trick for these: they go as they are.
    [{ name: 'fourth' }, text, 1],
    [{ _id: { $in: ['nobody'] } }, text, 0],
    [{ _id: '' }, text, 0],
    [{ _id: 'nobody' }, [{ $replaceWith: { _id: 'nobody' } }], 0],
  ];
  let outcomes: PromiseSettledResult<{ matched: number; upserted: boolean }>[] = [];
  const bulks = await bulksOf(async () => {
    outcomes = await Promise.allSettled(
      asks.map(([filter, update]) => store.updateOne(filter as never, update as never)),
    );
  });
  const told = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') return isDuplicate(outcome.reason) ? 'duplicate' : 'refused';
    expect(outcome.value.upserted).toBe(false);
    return outcome.value.matched;
  });
  expect(told).toEqual(asks.map(([, , expected]) => expected));
  expect(bulks).toEqual([17]);
  expect(await store.count({})).toBe(before);
  expect(await store.findOne({ _id: one._id })).toEqual({
    ...one,
    version: 1,
    text: 'noted',
  });
  expect(Object.keys((await store.findOne({ _id: bare._id }))!).sort()).toEqual(Object.keys(bare).sort());
});

test('of those who change the same version at once, in whatever crowd, one is told that it did', async () => {
  const notes = Array.from({ length: 5 }, () => note({ text: 'contended' }));
  for (const one of notes) await store.insert(one);
  const won = new Map<string, number>();
  const contend = async (turn: number) => {
    const { _id } = notes[turn % notes.length]!;
    const { version } = (await store.findOne({ _id }))!;
    const { matched } = await store.updateOne({ _id, version }, { $inc: { version: 1 } });
    won.set(_id, (won.get(_id) ?? 0) + matched);
  };
  const bulks = await bulksOf(async () => {
    for (let round = 0; round < 20; round++)
      await Promise.all(Array.from({ length: 40 }, (_, turn) => contend(turn)));
  });
  expect(Math.max(...bulks)).toBeGreaterThan(1);
  for (const { _id } of notes) expect((await store.findOne({ _id }))!.version).toBe(won.get(_id));
});

test('where a database does not refuse what misses, updates go one by one', async () => {
  const server = mongoServer(mongo.url, { ungathered: () => (told = true) });
  let told = false;
  const lax = server.database(mongo.name);
  try {
    const refuses = jest.spyOn(driver.Collection.prototype, 'bulkWrite');
    refuses.mockResolvedValue({ upsertedIds: {} } as never);
    await lax.prepare();
    refuses.mockRestore();
    expect(told).toBe(true);
    const { _id } = note({});
    await store.insert(note({ _id }));
    const theirs = lax.store(noteModel);
    const bulks = await bulksOf(async () => {
      const outcomes = await Promise.all(
        [0, 0, 0].map((version) => theirs.updateOne({ _id, version }, { $inc: { version: 1 } })),
      );
      expect(outcomes.map(({ matched }) => matched).sort()).toEqual([0, 0, 1]);
    });
    expect(bulks).toEqual([]);
  } finally {
    await server.close();
  }
  expect(await mongo.database.connection!.collection('trials').countDocuments()).toBe(0);
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

test('however many changes there are to read, other work has its turn between them', async () => {
  const since = new Date();
  const many = Array.from({ length: 3000 }, () => note({ text: 'one of many' }));
  await mongo.database.connection!.db!.collection('notes').insertMany(many as never[]);
  const feed = store.watch({ fields: [], without: ['outbox', 'userId'], since });
  let [left, atOnce, most] = [many.length, 0, 0];
  const turn = () => {
    most = Math.max(most, atOnce);
    atOnce = 0;
    if (left > 0) setImmediate(turn);
  };
  turn();
  for await (const { document } of feed) {
    if (document.text !== 'one of many') continue;
    expect(Object.keys(document)).not.toEqual(expect.arrayContaining(['outbox', 'userId']));
    atOnce += 1;
    if (--left === 0) break;
  }
  await feed.close();
  expect(most).toBeLessThanOrEqual(100);
});

test('writes that the network takes away are outages, each of them', async () => {
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
  const { _id } = note({});
  await notes.insert(note({ _id }));
  way.close();
  for (const socket of sockets) socket.destroy();
  const outcomes = await Promise.allSettled([
    notes.insert(note({})),
    ...[0, 0, 1].map((version) => notes.updateOne({ _id, version }, { $inc: { version: 1 } })),
  ]);
  await server.close();
  expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'rejected'));
  for (const outcome of outcomes) expect(isOutage((outcome as PromiseRejectedResult).reason)).toBe(true);
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
