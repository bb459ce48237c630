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
import { TEST_KEYS } from '../src/testing.ts';

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
    OPERATIONAL_PORT: '0',
    MONGO_URL: 'mongodb://nowhere',
    ...TEST_KEYS,
    PUBLIC_ORIGIN: 'http://localhost:3000',
    LOG_LEVEL: 'silent',
    DRAIN_SECONDS: '0',
  });
  const status = async (url: string) => (await fetch(url)).status;
  const health = async () => [
    await status(`${running.operationalUrl}/alive`),
    await status(`${running.operationalUrl}/health`),
  ];
  try {
    const early = await fetch(`${running.url}/api/things`);
    expect(early.status).toBe(503);
    expect(early.headers.get('retry-after')).toBe('1');
    expect(await health()).toEqual([200, 503]);
    prepared.resolve(undefined);
    await running.ready;
    expect([await status(`${running.url}/api/things`), ...(await health())]).toEqual([204, 200, 200]);
    // Whoever reaches the service's own port learns nothing of how it is.
    for (const path of ['/alive', '/health', '/metrics']) expect(await status(running.url + path)).toBe(404);
    for (const url of [running.url, running.operationalUrl])
      await expect(fetch(url.replace('localhost', '127.0.0.2'))).rejects.toThrow('fetch failed');
  } finally {
    await running.close();
  }
});
