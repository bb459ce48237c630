import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { MongoClient } from 'mongodb';
import { type RunningEngine, startMongod } from '@ticketing/engines/run';
import { startSandbox } from '../src/sandbox.ts';

let mongod: RunningEngine;
let client: MongoClient;
const cleanUp: (() => unknown)[] = [];
beforeAll(async () => {
  mongod = await startMongod();
  client = await MongoClient.connect(mongod.url);
});
afterEach(async () => {
  for (const end of cleanUp.splice(0)) await end();
});
afterAll(async () => {
  await client.close();
  await mongod.stop();
});

const post = async (url: string, path: string, key: string, body: Record<string, string>) => {
  const response = await fetch(`${url}/v1${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_crash', 'idempotency-key': key },
    body: new URLSearchParams(body),
  });
  return { status: response.status, body: (await response.json()) as { id: string; status: string } };
};
const intent = {
  amount: '2500',
  currency: 'usd',
  'automatic_payment_methods[enabled]': 'true',
  'automatic_payment_methods[allow_redirects]': 'never',
};
const visa = { payment_method: 'pm_card_visa' };

test('a request whose answer was never recorded takes effect once when it is repeated', async () => {
  const database = 'unrecorded';
  const purchase = async () => {
    const { url, close } = await startSandbox({ mongoUrl: mongod.url, database });
    const made = await post(url, '/payment_intents', 'create', intent);
    const charged = await post(url, `/payment_intents/${made.body.id}/confirm`, 'confirm', visa);
    const refunded = await post(url, '/refunds', 'refund', { payment_intent: made.body.id });
    await close();
    return [made.body.id, charged.status, charged.body.status, refunded.body];
  };
  const first = await purchase();
  // A crash may lose them.
  expect(await client.db(database).collection('requests').deleteMany({})).toMatchObject({ deletedCount: 3 });
  expect(await purchase()).toEqual(first);
  expect(await client.db(database).collection('intents').find().toArray()).toMatchObject([
    { charges: [{ status: 'succeeded' }], refunds: [{ amount: 2500 }] },
  ]);
});

test('of confirms with different keys at once one charges, and the others are told that it is too late', async () => {
  const sandbox = await startSandbox({ mongoUrl: mongod.url, database: 'racing' });
  cleanUp.push(sandbox.close);
  const { body } = await post(sandbox.url, '/payment_intents', 'create', intent);
  const confirm = (key: string) => post(sandbox.url, `/payment_intents/${body.id}/confirm`, key, visa);
  const replies = await Promise.all(Array.from({ length: 20 }, (_, racer) => confirm(`confirm-${racer}`)));
  expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(400)]);
});

test('a charge costs the database little: its intent is written twice, and the answers together', async () => {
  const sandbox = await startSandbox({ mongoUrl: mongod.url, database: 'frugal' });
  cleanUp.push(sandbox.close);
  const requests = client.db('frugal').collection('requests');
  const commands = async () => {
    const { metrics } = await client.db('admin').command({ serverStatus: 1 });
    const { insert, update, findAndModify } = metrics.commands as Record<string, { total: number }>;
    return (insert?.total ?? 0) + (update?.total ?? 0) + (findAndModify?.total ?? 0);
  };
  const before = await commands();
  const { body } = await post(sandbox.url, '/payment_intents', 'create', intent);
  await post(sandbox.url, `/payment_intents/${body.id}/confirm`, 'confirm', visa);
  while ((await requests.countDocuments({ answer: { $exists: true } })) < 2)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await commands()) - before).toBeLessThanOrEqual(4);
});

const startProcess = async (
  database: string,
  port: number,
): Promise<{ child: ChildProcess; url: string }> => {
  const child = spawn(process.execPath, ['--conditions=source', `${import.meta.dirname}/../src/main.ts`], {
    env: { MONGO_URL: mongod.url, MONGO_DATABASE: database, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanUp.push(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: /http:\S+/.exec(line.toString())?.[0] ?? '' };
};

test('killed again and again under load, it charges every purchase exactly once', async () => {
  let { child, url } = await startProcess('killed', 0);
  const port = Number(new URL(url).port);
  /** As the gateway does: the same key until there is an answer. */
  const persist = async (path: string, key: string, body: Record<string, string>) => {
    for (;;) {
      const reply = await post(url, path, key, body).catch(() => undefined);
      if (reply && reply.status < 409) return reply.body;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  let done = 0;
  const buyers = Array.from({ length: 10 }, async (_, buyer) => {
    for (let purchase = 0; purchase < 15; purchase += 1) {
      const key = `${buyer}-${purchase}`;
      const { id } = await persist('/payment_intents', `${key}-create`, intent);
      expect(await persist(`/payment_intents/${id}/confirm`, `${key}-confirm`, visa)).toMatchObject({
        status: 'succeeded',
      });
      done += 1;
    }
  });
  for (const when of [30, 90]) {
    while (done < when) await new Promise((resolve) => setTimeout(resolve, 1));
    child.kill('SIGKILL');
    await once(child, 'exit');
    ({ child, url } = await startProcess('killed', port));
  }
  await Promise.all(buyers);
  const intents = await client.db('killed').collection('intents').find().toArray();
  expect(intents).toHaveLength(150);
  expect(intents.every(({ status, charges }) => status === 'succeeded' && charges.length === 1)).toBe(true);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('it does not start with a wrong environment, and says what is wrong', async () => {
  const child = spawn(process.execPath, ['--conditions=source', `${import.meta.dirname}/../src/main.ts`], {
    env: { MONGO_URL: mongod.url, WEBHOOK_URL: 'http://127.0.0.1:1/', PORT: 'x' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toContain('PORT');
});
