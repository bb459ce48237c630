import { expect, test } from '@jest/globals';
import { Router } from 'express';
import { z } from 'zod';
import { memoryBus } from '../src/bus/memory.ts';
import { host } from '../src/host.ts';
import { anyone } from '../src/http/route.ts';
import type { PlatformType } from '../src/platform.ts';
import { systemClock, systemIds } from '../src/runtime.ts';
import { defineService } from '../src/service.ts';
import type { Database } from '../src/store.ts';
import { TEST_JWT_KEY } from '../src/testing.ts';

test('nothing is served before the databases are prepared: an event would find no subscriber', async () => {
  const prepared = Promise.withResolvers<undefined>();
  const database: Database = {
    store: () => {
      throw new Error('not used');
    },
    prepare: () => prepared.promise,
    ping: () => Promise.resolve(systemClock.now()),
    close: () => Promise.resolve(),
  };
  const platform: PlatformType = {
    config: z.object({}),
    open: () => ({
      bus: memoryBus(),
      remoteBus: false,
      database: () => database,
      clock: systemClock,
      ids: systemIds,
      random: Math.random,
      close: () => Promise.resolve(),
    }),
  };
  const things = defineService({
    name: 'things',
    config: z.object({}),
    setup: () => ({
      routes: Router().get(
        '/api/things',
        anyone({ summary: 'Things', replies: { 204: 'nothing' } }, () => ({ status: 204 })),
      ),
    }),
  });
  const running = await host([things], platform, {
    PORT: '0',
    MONGO_URL: 'mongodb://nowhere',
    JWT_KEY: TEST_JWT_KEY,
    PUBLIC_ORIGIN: 'http://localhost:3000',
    LOG_LEVEL: 'silent',
    DRAIN_SECONDS: '0',
  });
  const status = async (path: string) => (await fetch(running.url + path)).status;
  try {
    const early = await fetch(`${running.url}/api/things`);
    expect(early.status).toBe(503);
    expect(early.headers.get('retry-after')).toBe('1');
    expect([await status('/alive'), await status('/health')]).toEqual([200, 503]);
    prepared.resolve(undefined);
    await running.ready;
    expect([await status('/api/things'), await status('/health')]).toEqual([204, 200]);
  } finally {
    await running.close();
  }
});
