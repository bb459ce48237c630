import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AddressInfo, connect } from 'node:net';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { natsStreamingBus } from '@ticketing/common/bus/nats-streaming';
import { silentLog } from '@ticketing/common/log';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, eventually, testHost } from '@ticketing/common/testing';
import { bullTimers } from '@ticketing/expiration/timers-bull';
import { type RunningEngine, startProgram } from '@ticketing/engines/process';
import { resolveBinary } from '@ticketing/engines/resolve';
import { startRedis } from '@ticketing/engines/run';
import { tickets } from '@ticketing/tickets/service';
import { MongoClient } from 'mongodb';

const FETCH_MS = 300_000; // the first time, engines are fetched and built
const running: RunningEngine[] = [];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ticketing-elsewhere-'));
});
afterAll(async () => {
  for (const engine of running) await engine.stop();
  await rm(folder, { recursive: true });
});

/** Without the URLs of the environment: these are started here. */
const { MONGO_URL: _mongo, NATS_URL: _nats, REDIS_URL: _redis, ...HERE } = process.env;
const start = async (
  name: 'mongod' | 'nats-streaming-server',
  args: (port: number, store: string) => string[],
) => {
  const url = (port: number) => `localhost:${port}`;
  const ready = async ({ said }: { said(): Promise<string> }) =>
    /Waiting for connections|Streaming Server is ready/.test(await said());
  const { path } = await resolveBinary(name, { env: HERE });
  const engine = await startProgram({ name, binary: path, args, url, ready });
  running.push(engine);
  return engine.url;
};
const member = (...more: string[]) =>
  start('mongod', (port, store) => [
    ...['--replSet', 'rs0', '--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', store],
    ...['--wiredTigerCacheSizeGB', '0.25', '--nounixsocket', ...more],
  ]);
const initiated = async (url: string, options = '') => {
  await using client = new MongoClient(`mongodb://${url}/?directConnection=true${options}`);
  const admin = client.db('admin');
  await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: url }] } });
  await eventually(async () => (await admin.command({ hello: 1 }))['isWritablePrimary'] === true);
  await admin.command({ createUser: 'root', pwd: 'of before', roles: ['root'] });
};

describe('an engine whose address says so is spoken to by TLS', () => {
  let cert: string;
  let key: string;
  let pem: string;
  let authority: string;
  const trusted = tls.getCACertificates();
  beforeAll(async () => {
    [cert, key, pem, authority] = ['cert', 'key', 'pem', 'ca'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
      string,
    ];
    const pair = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
    openssl(...pair, '-x509', '-subj', '/CN=authority', '-keyout', `${authority}.key`, '-out', authority);
    openssl(...pair, '-subj', '/CN=localhost', '-keyout', key, '-out', `${cert}.csr`);
    await writeFile(`${cert}.names`, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    const signed = ['-CA', authority, '-CAkey', `${authority}.key`, '-extfile', `${cert}.names`];
    openssl('x509', '-req', '-in', `${cert}.csr`, ...signed, '-days', '1', '-out', cert);
    await writeFile(pem, `${await readFile(cert, 'utf8')}${await readFile(key, 'utf8')}`);
    // As NODE_EXTRA_CA_CERTS does for a process that begins.
    tls.setDefaultCACertificates([...trusted, await readFile(authority, 'utf8')]);
  });
  afterAll(() => tls.setDefaultCACertificates(trusted));

  test(
    'MongoDB: tls=true',
    async () => {
      const only = ['--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', pem, '--tlsCAFile', authority];
      const url = await member(...only, '--tlsAllowConnectionsWithoutCertificates');
      await initiated(url, '&tls=true');
      const host = await testHost([tickets], { mongoUrl: `mongodb://${url}/?replicaSet=rs0&tls=true` });
      const sold = await fetch(`${host.url}/api/tickets`, {
        method: 'POST',
        headers: { ...bearer({ id: systemIds.next() }), 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'By TLS', price: 2500 }),
      });
      expect(sold.status).toBe(201);
      await sold.body?.cancel();
      await host.destroy();
    },
    FETCH_MS,
  );

  test(
    'NATS Streaming: tls://',
    async () => {
      const url = await start('nats-streaming-server', (port) => [
        ...['-a', '127.0.0.1', '-p', String(port), '-cluster_id', 'ticketing', '-store', 'MEMORY'],
        ...['--tls', '--tlscert', cert, '--tlskey', key],
        ...['-secure', '-tls_client_cacert', authority], // the streaming server is a client of its own broker
      ]);
      const bus = natsStreamingBus({
        url: `tls://${url}`,
        clusterId: 'ticketing',
        name: 'tls',
        log: silentLog,
      });
      const heard: string[] = [];
      bus.subscribe({ subject: 'note', group: 'test', handle: async (message) => void heard.push(message) });
      await eventually(() => bus.publish('note', 'by TLS').then(() => true));
      await eventually(() => heard.includes('by TLS'));
      await bus.close();
    },
    FETCH_MS,
  );

  test(
    'Redis: rediss://',
    async () => {
      // The Redis of a test may be built without TLS: what is before it ends it, as before many a managed one.
      const redis = await startRedis({ env: HERE });
      running.push(redis);
      const pair = { cert: await readFile(cert), key: await readFile(key) };
      const door = tls.createServer(pair, (socket) => {
        const inside = connect(redis.port, '127.0.0.1');
        socket.pipe(inside).pipe(socket);
        for (const end of [socket, inside]) end.on('error', () => inside.destroy());
      });
      await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
      const url = `localhost:${(door.address() as AddressInfo).port}`;
      const timers = bullTimers({ url: `rediss://:${redis.password}@${url}`, log: silentLog });
      const woken: string[] = [];
      timers.start(async (id) => void woken.push(id));
      const id = systemIds.next();
      await timers.set(id, new Date());
      await eventually(() => woken.includes(id));
      await timers.close();
      door.close();
    },
    FETCH_MS,
  );
});

describe('the Job that initiates a database', () => {
  test(
    'gives a service a user of its databases alone, and its administrator a new password by the one of before',
    async () => {
      const keyFile = join(folder, 'keyfile');
      await writeFile(keyFile, randomBytes(32).toString('hex'), { mode: 0o400 });
      const url = await member('--keyFile', keyFile);
      await initiated(url);
      const run = (more: Record<string, string>) =>
        promisify(execFile)(process.execPath, [join(import.meta.dirname, '../infra/k8s/initiate.ts')], {
          env: { MEMBERS: url, SERVICE: 'payments', DATABASES: 'payments,sandbox', ...more },
        });
      const secret = { MONGO_PASSWORD: 'its own', MONGO_ROOT_PASSWORD: 'another' };
      const { stdout } = await run({ ...secret, MONGO_ROOT_PASSWORD_BEFORE: 'of before' });
      expect(stdout).toContain('the administrator has another password');
      expect((await run(secret)).stdout).toBe('user payments may read and write payments,sandbox\n');

      const as = (user: string, password: string) =>
        new MongoClient(
          `mongodb://${user}:${encodeURIComponent(password)}@${url}/?replicaSet=rs0&authSource=admin`,
        );
      await using service = as('payments', 'its own');
      for (const database of ['payments', 'sandbox'])
        await service.db(database).collection('payments').insertOne({ ours: true });
      const refused = expect.objectContaining({ codeName: 'Unauthorized' });
      await expect(service.db('orders').collection('orders').findOne()).rejects.toEqual(refused);
      await expect(service.db('admin').command({ usersInfo: 1 })).rejects.toEqual(refused);
      await expect(service.db('admin').command({ shutdown: 1 })).rejects.toEqual(refused);
      await using former = as('root', 'of before');
      await expect(former.connect()).rejects.toMatchObject({ codeName: 'AuthenticationFailed' });
    },
    FETCH_MS,
  );
});
