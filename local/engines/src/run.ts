import { answer } from './answer.ts';
import { type Program, type RunningEngine, startProgram } from './process.ts';
import { becomePrimary, isProcess, REPLICA_SET } from './replica-set.ts';
import { resolveBinary, type ResolveOptions } from './resolve.ts';
import { freePort } from './place.ts';

export type { RunningEngine } from './process.ts';

/** Without `dataDir` the data is thrown away at the end; without `port` any free one is taken. */
export type StartOptions = ResolveOptions & { dataDir?: string; port?: number };

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
    url: (port) => `mongodb://127.0.0.1:${port}/?replicaSet=${REPLICA_SET}`,
    ready,
  });
};

/** A one-member replica set; its URL names no database. */
export const startMongod = (options: StartOptions = {}): Promise<RunningEngine> =>
  mongod(({ port, pid }) => becomePrimary(port, pid), options);

/** A member of a replica set that the caller initiates. */
export const startMember = (options: StartOptions = {}): Promise<RunningEngine> =>
  mongod(({ port, pid }) => isProcess(port, pid), options);

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

/** NATS Streaming: a file store in `dataDir`, else in memory. `monitorPort` 0 takes a free one. */
export const startNats = async (
  options: StartOptions & { monitorPort?: number; clusterId?: string; onFiles?: boolean } = {},
): Promise<RunningEngine & { clusterId: string; monitorUrl?: string }> => {
  const { clusterId = NATS_CLUSTER_ID, dataDir, onFiles = dataDir !== undefined } = options;
  const { path } = await resolveBinary('nats-streaming-server', options);
  const monitor = options.monitorPort === undefined ? undefined : options.monitorPort || (await freePort());
  const engine = await startProgram({
    ...place(options),
    name: 'nats-streaming-server',
    binary: path,
    args: (port, store) => [
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
    url: (port) => `nats://127.0.0.1:${port}`,
    // The protocol does not name the process; its log does, and only ours is in that file.
    ready: async ({ port, said }) =>
      (await said()).includes('Streaming Server is ready') && (await answer(port, '')).startsWith('INFO {'),
  });
  return Object.assign(
    engine,
    { clusterId },
    monitor === undefined ? {} : { monitorUrl: `http://127.0.0.1:${monitor}` },
  );
};

/** Redis or Valkey: append-only in `dataDir`, else without persistence. Never evicts, as Bull demands. */
export const startRedis = async (options: StartOptions = {}): Promise<RunningEngine> => {
  const { path } = await resolveBinary('redis', options);
  return startProgram({
    ...place(options),
    name: 'redis',
    binary: path,
    args: (port, store) => [
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
    url: (port) => `redis://127.0.0.1:${port}`,
    ready: async ({ port, pid }) => {
      const info = await answer(port, 'INFO\r\nQUIT\r\n');
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

const place = ({ dataDir, port }: StartOptions): Pick<StartOptions, 'dataDir' | 'port'> => ({
  ...(dataDir === undefined ? {} : { dataDir }),
  ...(port === undefined ? {} : { port }),
});
