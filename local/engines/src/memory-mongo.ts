import { MongoMemoryReplSet } from 'mongodb-memory-server-core';

import { resolveBinary, type ResolveOptions } from './resolve.ts';

/** A throw-away replica set of mongodb-memory-server on the resolved binary: what a service's tests run against. */
export const memoryMongo = async (
  options: ResolveOptions = {},
): Promise<{ url: string; stop(): Promise<void> }> => {
  const { path, version } = await resolveBinary('mongod', options);
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary: path, version },
    replSet: {
      count: 1,
      storageEngine: 'wiredTiger',
      args: [
        '--wiredTigerCacheSizeGB',
        '0.25',
        '--oplogSize',
        '64',
        '--setParameter',
        'diagnosticDataCollectionEnabled=false',
      ],
    },
    instanceOpts: [{ launchTimeout: 60_000 }],
  });
  return {
    url: set.getUri(),
    async stop() {
      await set.stop({ doCleanup: true, force: true });
    },
  };
};
