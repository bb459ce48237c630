import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { eventually } from '@ticketing/common/testing';
import { OWNERS } from '@ticketing/operations/databases';
import { demo } from '@ticketing/suite/demo';
import { load } from '../load.ts';
import { kubectlIn } from './kubectl.ts';
import { must, note, step } from '../stage.ts';
import { answers, lose, nothingIsLost, ORIGIN, reconciled, refusedSince, roll, serves } from './suite.ts';

const NAMESPACE = 'ticketing-production-test';
/** `infra/k8s-prod`, scaled down to a small machine. */
const OVERLAY = join(import.meta.dirname, 'production');
const PEOPLE = 6;
const PACE = { pause: 250, pages: ['/'] };

/** What somebody learns who asks `orders`' database without a password. */
const UNINVITED = `
  const { MongoClient } = require('mongodb');
  const client = new MongoClient('mongodb://orders-mongo-0.orders-mongo/?directConnection=true');
  client.db('orders').collection('orders').findOne().then(console.log, (error) => console.log(error.codeName))
    .finally(() => client.close());`;

/** What a service and the tools may not: administer, and read of another's. */
const ADMINISTERS = `
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(process.env.ORDERS_MONGO_URL);
  const tries = [client.db('admin').command({ usersInfo: 1 }), client.db('local').collection('oplog.rs').findOne()];
  Promise.allSettled(tries).then((all) => console.log(all.map(({ reason }) => reason?.codeName ?? 'done').join()))
    .finally(() => client.close());`;
/** How many keys a pod can verify with, and whether it can sign. */
const KEYS = `
  const { TOKEN_PUBLIC_KEYS, TOKEN_PRIVATE_KEYS, REFRESH_KEYS } = process.env;
  console.log(JSON.parse(TOKEN_PUBLIC_KEYS).keys.length, TOKEN_PRIVATE_KEYS || REFRESH_KEYS ? 'signs' : 'verifies');`;

/** Which member takes the writes. */
const PRIMARY = `
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(process.env.ORDERS_MONGO_URL, { serverSelectionTimeoutMS: 20000 });
  client.db('admin').command({ hello: 1 }).then(({ primary }) => console.log(primary.split('.')[0]))
    .finally(() => client.close());`;

/** What the broker says to somebody without a password. */
const STRANGER = `
  const socket = require('node:net').connect(4222, 'nats');
  socket.write('CONNECT {}\\r\\nPING\\r\\n');
  socket.on('data', (text) => process.stdout.write(text)).setTimeout(2000, () => socket.destroy());`;

/** What it says to a service that publishes on another's channel. */
const FORGER = `
  const socket = require('node:net').connect(4222, 'nats');
  const { username: user, password: pass } = new URL(process.env.NATS_URL);
  socket.write('CONNECT ' + JSON.stringify({ user, pass }) + '\\r\\nPUB _STAN.pub.ticketing.ticket:created 0\\r\\n\\r\\n');
  socket.on('data', (text) => process.stdout.write(text)).setTimeout(2000, () => socket.destroy());`;

/** `infra/k8s-prod`: nothing is open, and losing the member in charge loses nothing. */
export async function production(secrets: string, certificates: string): Promise<void> {
  const cluster = kubectlIn(NAMESPACE);
  const { kubectl, pods, settled } = cluster;
  const inside = (pod: string, script: string) => kubectl('exec', pod, '--', 'node', '-e', script);

  const stripe = { STRIPE_KEY: `sk_test_${key()}`, STRIPE_WEBHOOK_SECRET: `whsec_${key()}` };

  await step('production: comes up with secrets made by one command', async () => {
    await cluster.destroy(); // what an earlier run left behind
    execFileSync(secrets, { env: { ...process.env, ...stripe, NAMESPACE } });
    const [cert, tlsKey] = ['tls.crt', 'tls.key'].map((file) => join(certificates, file));
    await kubectl('create', 'secret', 'tls', 'ticketing-tls', `--cert=${cert}`, `--key=${tlsKey}`);
    await kubectl('apply', '--kustomize', OVERLAY);
    await settled();
    await answers();
    return `${(await pods()).length} pods`;
  });

  await step('production: the purchase journey through the ingress', async () => {
    let lines = 0;
    await demo({ origin: ORIGIN, report: () => (lines += 1) });
    return `${lines} lines; ${await reconciled(cluster)}`;
  });

  await step('production: no engine is open', async () => {
    const database = await inside('deployment/tools', UNINVITED);
    const broker = await inside('deployment/orders-service', STRANGER);
    const redis = await kubectl('exec', 'redis-0', '--', 'env', '-u', 'REDISCLI_AUTH', 'redis-cli', 'ping');
    const said = [database, broker.split('\r\n').at(-2) ?? '', redis].map((line) => line.trim()).join('; ');
    must(said.startsWith("Unauthorized; -ERR 'Authorization Violation'; NOAUTH"), () => said);
    const forger = await inside('deployment/orders-service', FORGER);
    must(forger.includes("-ERR 'Permissions Violation for Publish"), () => forger);
    const rights = (await inside('deployment/tools', ADMINISTERS)).trim();
    must(rights === 'Unauthorized,Unauthorized', () => `the user of a service: ${rights}`);
    const admins = await kubectl(
      'get',
      'secrets',
      '--output',
      'jsonpath={.items[*].data.MONGO_ROOT_PASSWORD}',
    );
    must(new Set(admins.split(' ')).size === OWNERS.length, () => 'two databases have one administrator');
    return `${said}; as a service ${rights}`;
  });

  await step(
    'production: a key that is added reaches every pod, and what signs reaches auth alone',
    async () => {
      const redis = () => kubectl('get', 'secret', 'redis', '--output', 'jsonpath={.data}');
      const before = await redis();
      const env = { ...process.env, ...stripe, NAMESPACE };
      execFileSync(secrets, ['add', 'tokens'], { env });
      await settled();
      for (const pod of ['auth-service', 'orders-service', 'client']) {
        const [known, signs] = (await inside(`deployment/${pod}`, KEYS)).trim().split(' ');
        must(known === '2', () => `${pod} knows ${known} public keys`);
        must((signs === 'signs') === (pod === 'auth-service'), () => `${pod} ${signs}`);
      }
      must((await redis()) === before, () => 'the password of Redis is another one');
      const generation = () =>
        kubectl('get', 'deployments', '--output', 'jsonpath={.items[*].metadata.generation}');
      const rolled = await generation();
      execFileSync(secrets, { env });
      must((await generation()) === rolled, () => 'the same values again roll the services');
      return 'by a rollout; the same again rolls nothing';
    },
  );

  const pressure = await load({ origin: ORIGIN }, PEOPLE, PACE);
  await serves(pressure, 20);

  await step('production: every Deployment rolls under load', () => roll(cluster, pressure));

  await step('production: the primary of orders dies under load, another one is elected', async () => {
    const start = Date.now();
    const before = (await inside('deployment/tools', PRIMARY)).trim();
    await kubectl('delete', 'pod', before, '--grace-period=1', '--wait=false');
    const after = await eventually(
      async () => {
        const now = (await inside('deployment/tools', PRIMARY)).trim();
        must(now !== before, () => `${now} is the primary still`);
        return now;
      },
      { within: 600_000, every: 200 },
    );
    const elected = Date.now() - start;
    await serves(pressure, 10);
    await settled();
    note(refusedSince(pressure, start) || 'nothing refused');
    return `${after} after ${before}, found after ${(elected / 1000).toFixed(1)} s`;
  });

  await step('production: each broker dies under load', async () => {
    for (const name of ['nats-0', 'nats-1', 'nats-2']) await lose(name, cluster, pressure);
    return 'three, one of them the leader';
  });

  await step('production: nothing acknowledged is lost', () => nothingIsLost(cluster, pressure));
  await cluster.destroy();
}

const key = () => randomBytes(16).toString('hex');
