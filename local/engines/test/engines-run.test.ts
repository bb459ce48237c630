import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { memoryMongo } from '../src/memory-mongo.ts';
import { engineIfAvailable } from '../src/resolve.ts';
import { type RunningEngine, startMongod, startNats, startRedis, startStripeMock } from '../src/run.ts';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import stan from 'node-nats-streaming';

/** Without the URLs: these tests kill what they start. */
const env = { ...process.env };
for (const name of ['MONGO_URL', 'NATS_URL', 'REDIS_URL']) delete env[name];

const having = async (name: 'mongod' | 'nats-streaming-server' | 'redis' | 'stripe-mock') =>
  (await engineIfAvailable(name, { env })) ? describe : describe.skip;
const [withMongod, withNats, withRedis, withStripeMock] = [
  await having('mongod'),
  await having('nats-streaming-server'),
  await having('redis'),
  await having('stripe-mock'),
];

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'engines-run-test-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const running: RunningEngine[] = [];
const keep = async <T extends RunningEngine>(engine: Promise<T>): Promise<T> => {
  running.push(await engine);
  return engine;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((engine) => engine.stop()));
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const until = async (condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> => {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not come true in time');
    await sleep(50);
  }
};

const comesBackWith = async (engine: RunningEngine, read: (url: string) => Promise<unknown>) => {
  const before = engine.pid;
  await engine.kill();
  expect(isAlive(before)).toBe(false);
  await engine.restart();
  expect(engine.pid).not.toBe(before);
  return read(engine.url);
};

withMongod('mongod', () => {
  const inMongo = async <T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> => {
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 60_000 });
    return work(client).finally(() => client.close());
  };
  const write = (url: string) =>
    inMongo(url, (client) => client.db('shop').collection('tickets').insertOne({ title: 'Opera' }));
  const count = (url: string) =>
    inMongo(url, (client) => client.db('shop').collection('tickets').countDocuments());

  test('is a writable primary with transactions and change streams as soon as it is started', async () => {
    const mongod = await keep(startMongod({ env }));
    await inMongo(mongod.url, async (client) => {
      const stream = client.db('shop').watch();
      await stream.tryNext(); // opens it: what is written before is none of its news
      await client.withSession((session) =>
        session.withTransaction(() =>
          client.db('shop').collection('tickets').insertOne({ title: 'Opera' }, { session }),
        ),
      );
      expect(await stream.next()).toMatchObject({ operationType: 'insert' });
      await stream.close();
    });
  });

  test('keeps its data over kill -9, on another port, and loses it when emptied', async () => {
    const first = await keep(startMongod({ env, dataDir: join(dataDir, 'mongod') }));
    await write(first.url);
    expect(await comesBackWith(first, count)).toBe(1);
    await first.stop();

    const second = await keep(startMongod({ env, dataDir: join(dataDir, 'mongod') }));
    expect(second.port).not.toBe(first.port);
    expect(await count(second.url)).toBe(1);
    await write(second.url);
    await second.kill();
    await second.restart({ emptied: true });
    expect(await count(second.url)).toBe(0);
  });

  test('asks for its password, which no argument shows and no other user of the machine may read', async () => {
    const mongod = await keep(startMongod({ env }));
    const anybody = `mongodb://127.0.0.1:${mongod.port}/?directConnection=true`;
    await expect(count(anybody)).rejects.toThrow('requires authentication');
    const { password } = new URL(mongod.url);
    expect(await readFile(`/proc/${mongod.pid}/cmdline`, 'utf8').catch(() => '')).not.toContain(password);
    expect((await stat(join(dirname(mongod.log), 'password'))).mode & 0o77).toBe(0);
  });

  test('takes over the data of a release that asked for none', async () => {
    const data = join(dataDir, 'former');
    const former = await keep(startMongod({ env, dataDir: data }));
    await inMongo(former.url, (client) => client.db('admin').command({ dropUser: 'ticketing' }));
    await former.stop();
    await rm(join(data, 'password'));
    const mongod = await keep(startMongod({ env, dataDir: data }));
    await write(mongod.url);
    expect(await count(mongod.url)).toBe(1);
  });

  test('a folder that a running one uses is refused', async () => {
    const first = await keep(startMongod({ env, dataDir: join(dataDir, 'shared') }));
    await expect(startMongod({ env, dataDir: join(dataDir, 'shared') })).rejects.toThrow(
      `is in use by the running process ${first.pid}`,
    );
  });

  test('mongodb-memory-server runs on the resolved binary', async () => {
    const memory = await memoryMongo({ env });
    try {
      await write(memory.url);
      expect(await count(memory.url)).toBe(1);
    } finally {
      await memory.stop();
    }
  });
});

withRedis('redis', () => {
  const inRedis = async <T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> => {
    const client = new Redis(url);
    return work(client).finally(() => client.quit());
  };

  test('keeps its data over kill -9 and loses it when emptied', async () => {
    const redis = await keep(startRedis({ env, dataDir: join(dataDir, 'redis') }));
    await inRedis(redis.url, (client) => client.set('order', 'held'));
    const read = (url: string) => inRedis(url, (client) => client.get('order'));
    expect(await comesBackWith(redis, read)).toBe('held');
    await redis.restart({ emptied: true });
    expect(await read(redis.url)).toBeNull();
  });

  test('asks for its password, which no argument shows', async () => {
    const redis = await keep(startRedis({ env }));
    const anybody = new Redis(`redis://127.0.0.1:${redis.port}`);
    anybody.on('error', () => undefined);
    await expect(anybody.get('order')).rejects.toThrow('NOAUTH');
    anybody.disconnect();
    const { password } = new URL(redis.url);
    expect(await readFile(`/proc/${redis.pid}/cmdline`, 'utf8').catch(() => '')).not.toContain(password);
  });

  test('a port that another one has is refused, not taken for its own', async () => {
    const first = await keep(startRedis({ env }));
    await expect(startRedis({ env, port: first.port })).rejects.toThrow(`port ${first.port} is taken`);
    expect(isAlive(first.pid)).toBe(true);
  });

  test('a stop ends the process and removes a throw-away store', async () => {
    const redis = await startRedis({ env });
    const { pid } = redis;
    await redis.stop();
    expect(isAlive(pid)).toBe(false);
    await expect(access(dirname(redis.log))).rejects.toThrow('ENOENT');
  });

  test('an engine ends with its parent, even when that is killed', async () => {
    const parent = spawn(
      process.execPath,
      [
        '--conditions=source',
        '--input-type=module-typescript',
        '-e',
        `import { startRedis } from '../src/run.ts';
         const { pid, log } = await startRedis();
         console.log(JSON.stringify({ pid, log }));
         setInterval(() => undefined, 1000);`,
      ],
      { cwd: import.meta.dirname, env, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const { pid, log } = JSON.parse(line) as { pid: number; log: string };
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
    await until(() =>
      access(dirname(log)).then(
        () => false,
        () => true,
      ),
    );
  });
});

withNats('nats-streaming-server', () => {
  const connected = async (url: string, clusterId: string) => {
    const client = stan.connect(clusterId, `test-${Math.random().toString(36).slice(2)}`, { url });
    await once(client, 'connect');
    return client;
  };
  const publish = async (url: string, clusterId: string) => {
    const client = await connected(url, clusterId);
    await new Promise<void>((resolve, reject) => {
      client.publish('order:created', 'one', (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    client.close();
    await once(client, 'close');
  };
  const channels = async (monitorUrl: string | undefined): Promise<unknown> => {
    const answer = await fetch(`${monitorUrl ?? ''}/streaming/channelsz?subs=1`);
    const { channels: list } = (await answer.json()) as { channels?: { name: string; msgs: number }[] };
    return (list ?? [])
      .filter(({ name }) => !name.startsWith('_'))
      .map(({ name, msgs }) => `${name} ${msgs}`);
  };

  test('keeps its messages over kill -9 and loses them when emptied', async () => {
    const nats = await keep(startNats({ env, dataDir: join(dataDir, 'nats'), monitorPort: 0 }));
    await publish(nats.url, nats.clusterId);
    expect(await comesBackWith(nats, () => channels(nats.monitorUrl))).toEqual(['order:created 1']);
    await nats.restart({ emptied: true });
    expect(await channels(nats.monitorUrl)).toEqual([]);
  });

  test('a port that another one has is refused, not taken for its own', async () => {
    const first = await keep(startNats({ env }));
    await expect(startNats({ env, port: first.port })).rejects.toThrow(`port ${first.port} is taken`);
  });
});

withStripeMock('stripe-mock', () => {
  test('answers as Stripe would', async () => {
    const mock = await keep(startStripeMock({ env }));
    const answer = await fetch(`${mock.url}/v1/payment_intents`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_123', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'amount=2500&currency=eur',
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ object: 'payment_intent' });
  });
});
