import { answer } from './answer.ts';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { PASSWORD, type Program, type RunningEngine, SETTINGS, startProgram } from './process.ts';
import { becomePrimary, isProcess, REPLICA_SET, USER } from './replica-set.ts';
import { resolveBinary, type ResolveOptions } from './resolve.ts';
import { freePort } from './place.ts';

export { newPassword, type RunningEngine } from './process.ts';

/** Without `dataDir` the data is thrown away at the end; without `port` any free one is taken. */
export type StartOptions = ResolveOptions & { dataDir?: string; port?: number; password?: string };

const mongod = async (ready: Program['ready'], options: StartOptions): Promise<RunningEngine> => {
  const { path } = await resolveBinary('mongod', options);
  return startProgram({
    ...place(options),
    name: 'mongod',
    binary: path,
    args: (port, store) => [
      '--replSet',
      REPLICA_SET,
      '--bind_ip',
      '127.0.0.1',
      '--port',
      String(port),
      '--dbpath',
      store,
      // With it, it asks who is there: members for the key, others for a name and a password.
      '--keyFile',
      join(store, '..', PASSWORD),
      '--wiredTigerCacheSizeGB',
      '0.25',
      '--oplogSize',
      '256',
      '--nounixsocket',
      '--quiet',
      '--setParameter',
      'diagnosticDataCollectionEnabled=false',
      // Nobody is waiting for another member to take over.
      '--setParameter',
      'shutdownTimeoutMillisForSignaledShutdown=100',
    ],
    url: (port, password) =>
      `mongodb://${USER}:${password}@127.0.0.1:${port}/?replicaSet=${REPLICA_SET}&authSource=admin`,
    ready,
  });
};

/** A one-member replica set; its URL names no database. */
export const startMongod = (options: StartOptions = {}): Promise<RunningEngine> =>
  mongod(becomePrimary, options);

/** A member of a replica set that the caller initiates (`replica-set.ts`); all members have one password. */
export const startMember = (options: StartOptions = {}): Promise<RunningEngine> => mongod(isProcess, options);

/** How long the broker keeps a message; what remembers handled ones must remember longer. */
export const NATS_MAX_AGE_HOURS = 72;
export const NATS_CLUSTER_ID = 'ticketing';

/** The broker's settings, wherever it runs: short client heartbeats, and limits so that no channel fills the disk. */
export const NATS_STREAMING_ARGS: readonly string[] = [
  '-hb_interval',
  '2s',
  '-hb_timeout',
  '2s',
  '-hb_fail_count',
  '2',
  '-max_channels',
  '200',
  '-max_subs',
  '1000',
  '-max_msgs',
  '1000000',
  '-max_bytes',
  '1GB',
  '-max_age',
  `${NATS_MAX_AGE_HOURS}h`,
];

/** Who may publish what: the subjects of each user. */
export type Publishers = Readonly<Record<string, readonly string[]>>;

/**
 * NATS Streaming: a file store in `dataDir`, else in memory. `monitorPort` 0 takes a free one. Its URL is that of a user
 * who may do everything; `urls` has those of `publishers`.
 */
export const startNats = async (
  options: StartOptions & {
    monitorPort?: number;
    clusterId?: string;
    onFiles?: boolean;
    publishers?: Publishers;
  } = {},
): Promise<RunningEngine & { clusterId: string; monitorUrl?: string; urls: Record<string, string> }> => {
  const { clusterId = NATS_CLUSTER_ID, dataDir, onFiles = dataDir !== undefined, publishers = {} } = options;
  const { path } = await resolveBinary('nats-streaming-server', options);
  const monitor = options.monitorPort === undefined ? undefined : options.monitorPort || (await freePort());
  const engine = await startProgram({
    ...place(options),
    name: 'nats-streaming-server',
    binary: path,
    settings: (secret) => natsUsers(secret, publishers),
    args: (port, store) => [
      '-c',
      join(store, '..', SETTINGS),
      '-a',
      '127.0.0.1',
      '-p',
      String(port),
      '-cluster_id',
      clusterId,
      ...NATS_STREAMING_ARGS,
      ...(monitor === undefined ? [] : ['-m', String(monitor)]),
      ...(onFiles ? ['-store', 'FILE', '-dir', store] : ['-store', 'MEMORY']),
    ],
    url: (port, secret) => natsUrl(USER, secret, port),
    // The protocol does not name the process; its log does, and only ours is in that file.
    ready: async ({ port, said }) =>
      (await said()).includes('Streaming Server is ready') && (await answer(port, '')).startsWith('INFO {'),
  });
  return Object.assign(
    engine,
    {
      clusterId,
      urls: Object.fromEntries(
        Object.keys(publishers).map((user) => [user, natsUrl(user, engine.password, engine.port)]),
      ),
    },
    monitor === undefined ? {} : { monitorUrl: `http://127.0.0.1:${monitor}` },
  );
};

/** Made of the store's, so that no service can make another's. */
const passwordOf = (user: string, secret: string) =>
  createHmac('sha256', secret).update(user).digest('hex').slice(0, 48);

const natsUrl = (user: string, secret: string, port: number) =>
  `nats://${user}:${passwordOf(user, secret)}@127.0.0.1:${port}`;

/**
 * The users of the broker. What a client of NATS Streaming publishes besides its messages is asking, pings, and
 * acknowledgements, which go to inboxes; what it reads comes to inboxes, whatever the channel (docs/adr/0021).
 */
const natsUsers = (secret: string, publishers: Publishers) => {
  const user = (name: string, rights: string) =>
    `    { user: ${name}, password: "${passwordOf(name, secret)}"${rights} }\n`;
  const rights = (subjects: readonly string[]) => {
    const own = subjects.map((subject) => `"_STAN.pub.*.${subject}"`);
    return `, permissions: { publish: { allow: [${[...STREAMING, ...own].join(', ')}] }, subscribe: { allow: ["_INBOX.>", "_STAN.acks.*"] } }`;
  };
  const all = Object.entries(publishers).map(([name, subjects]) => user(name, rights(subjects)));
  return `authorization {
  users = [
${user(USER, '')}${all.join('')}  ]
}
streaming { username: ${USER}, password: "${passwordOf(USER, secret)}" }
`;
};

const STREAMING = ['discover.*', 'discover.*.pings', 'sub.*', 'unsub.*', 'subclose.*', 'close.*']
  .map((subject) => `"_STAN.${subject}"`)
  .concat('"_INBOX.>"');

/** Redis or Valkey: append-only in `dataDir`, else without persistence. Never evicts, as Bull demands. */
export const startRedis = async (options: StartOptions = {}): Promise<RunningEngine> => {
  const { path } = await resolveBinary('redis', options);
  return startProgram({
    ...place(options),
    name: 'redis',
    binary: path,
    settings: (password) => `requirepass ${password}\n`,
    args: (port, store) => [
      join(store, '..', SETTINGS),
      '--bind',
      '127.0.0.1',
      '--port',
      String(port),
      '--dir',
      store,
      '--save',
      '',
      '--maxmemory-policy',
      'noeviction',
      '--appendonly',
      options.dataDir === undefined ? 'no' : 'yes',
    ],
    url: (port, password) => `redis://:${password}@127.0.0.1:${port}`,
    ready: async ({ port, pid, password }) => {
      const info = await answer(port, `AUTH ${password}\r\nINFO\r\nQUIT\r\n`);
      return info.includes(`process_id:${pid}\r\n`) && info.includes('loading:0\r\n');
    },
  });
};

/** Stripe's own stateless mock, over HTTP; it keeps nothing. */
export const startStripeMock = async (
  options: Omit<StartOptions, 'dataDir'> = {},
): Promise<RunningEngine> => {
  const { path } = await resolveBinary('stripe-mock', options);
  return startProgram({
    ...place(options),
    name: 'stripe-mock',
    binary: path,
    args: (port) => ['-http-addr', `127.0.0.1:${port}`],
    url: (port) => `http://127.0.0.1:${port}`,
    ready: async ({ port, said }) =>
      (await said()).includes('Listening for HTTP') &&
      (await fetch(`http://127.0.0.1:${port}/v1/charges`)).status === 401,
  });
};

const place = ({
  dataDir,
  port,
  password,
}: StartOptions): Pick<StartOptions, 'dataDir' | 'port' | 'password'> => ({
  ...(dataDir === undefined ? {} : { dataDir }),
  ...(port === undefined ? {} : { port }),
  ...(password === undefined ? {} : { password }),
});
