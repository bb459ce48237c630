import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { silentLog } from '@ticketing/common/log';
import { systemClock, systemIds } from '@ticketing/common/runtime';
import { eventually } from '@ticketing/common/testing';
import { engineIfAvailable } from '@ticketing/engines/resolve';
import { type RunningEngine, startRedis } from '@ticketing/engines/run';
import Queue from 'bull';
import { Redis } from 'ioredis';
import type { Timers } from '../src/timers.ts';
import { bullTimers } from '../src/timers-bull.ts';
import { memoryTimers } from '../src/timers-memory.ts';

/** Without the URL: these tests kill and empty what they start. */
const env = { ...process.env };
delete env['REDIS_URL'];
const available = (await engineIfAvailable('redis', { env })) !== undefined;
const withRedis = available ? describe : describe.skip;

const soon = (ms: number) => new Date(Date.now() + ms);
const opened: Timers[] = [];
afterEach(async () => {
  for (const timers of opened.splice(0)) await timers.close();
});

/** Timers that note what they woke for; the first `failures` wake-ups fail. */
const noting = (timers: Timers, failures = 0) => {
  const woken: { id: string; at: number; late: number }[] = [];
  let tries = 0;
  timers.start(async (id, at) => {
    tries += 1;
    if (tries <= failures) throw new Error('not now');
    woken.push({ id, at: at.getTime(), late: Date.now() - at.getTime() });
  });
  opened.push(timers);
  return { timers, woken, tries: () => tries };
};

/** What every kind of timers keeps to. */
const contract = (open: () => Timers) => {
  test('wake at their time, not before, each with its id and time', async () => {
    const { timers, woken } = noting(open());
    const [a, b] = [systemIds.next(), systemIds.next()];
    const [later, sooner] = [soon(600), soon(200)];
    await timers.set(a, later);
    await timers.set(b, sooner);
    await eventually(() => woken.length === 2);
    expect(woken.map(({ id, at }) => [id, at])).toEqual([
      [b, sooner.getTime()],
      [a, later.getTime()],
    ]);
    for (const { late } of woken) expect(late).toBeGreaterThanOrEqual(-5);
  });

  test('wake at once for a time that is past', async () => {
    const { timers, woken } = noting(open());
    await timers.set(systemIds.next(), soon(-60_000));
    await eventually(() => woken.length === 1);
  });

  test('set again take the place of the one before', async () => {
    const { timers, woken } = noting(open());
    const id = systemIds.next();
    await timers.set(id, soon(100_000));
    const at = soon(200);
    await timers.set(id, at);
    await timers.set(id, at);
    await eventually(() => woken.length > 0);
    const [canary] = [systemIds.next()];
    await timers.set(canary, soon(100));
    await eventually(() => woken.some((one) => one.id === canary));
    expect(woken.filter((one) => one.id === id)).toMatchObject([{ at: at.getTime() }]);
  });

  test('cleared wake nobody; clearing what is not there is fine', async () => {
    const { timers, woken } = noting(open());
    const [id, canary] = [systemIds.next(), systemIds.next()];
    const at = soon(100);
    await timers.set(id, at);
    await timers.clear(id, at);
    await timers.clear(systemIds.next(), at);
    await timers.set(canary, soon(300));
    await eventually(() => woken.length === 1);
    expect(woken[0]!.id).toBe(canary);
  });

  test('wake again when what they woke for failed', async () => {
    const { timers, woken, tries } = noting(open(), 2);
    const id = systemIds.next();
    await timers.set(id, soon(50));
    await eventually(() => woken.length === 1, { within: 120_000 });
    expect(tries()).toBe(3);
  });

  test('can be set again after they woke', async () => {
    const { timers, woken } = noting(open());
    const id = systemIds.next();
    for (let n = 1; n <= 2; n++) {
      await eventually(async () => {
        await timers.set(id, soon(20));
        return true;
      });
      await eventually(() => woken.length === n);
    }
  });
};

describe('timers in memory', () => contract(() => memoryTimers(systemClock)));

withRedis('timers by Bull on Redis', () => {
  let redis: RunningEngine;
  let client: Redis;
  beforeAll(async () => {
    redis = await startRedis({ env });
    client = new Redis(redis.url, { maxRetriesPerRequest: null });
    client.on('error', () => undefined);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });
  const open = () => bullTimers({ url: redis.url, log: silentLog });

  contract(open);

  /** Has woken once, so that all of Bull's connections stand. */
  const warm = async (noted: ReturnType<typeof noting>) => {
    const canary = systemIds.next();
    await noted.timers.set(canary, soon(10));
    await eventually(() => noted.woken.some(({ id }) => id === canary), { within: 120_000 });
    noted.woken.length = 0;
    return noted;
  };

  test('close in seconds though Redis is gone', async () => {
    const { timers } = await warm(noting(open()));
    await redis.kill();
    const start = performance.now();
    await timers.close();
    expect(performance.now() - start).toBeLessThan(60_000);
    await redis.restart();
  });

  test('keep a job under the id and the end of its order, which is set without a look', async () => {
    const { timers } = await warm(noting(open()));
    const [id, at] = [systemIds.next(), soon(60_000)];
    const key = `bull:order-expiration:${id}-${at.getTime()}`;
    const looks = async () => Number(/hgetall:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
    const before = await looks();
    await timers.set(id, at);
    await timers.set(id, at);
    expect(await looks()).toBe(before);
    expect(await client.exists(key)).toBe(1);
    await timers.clear(id, at);
    expect(await client.exists(key)).toBe(0);
  });

  test('wake for what an earlier release has set', async () => {
    const { woken } = await warm(noting(open()));
    const [id, at] = [systemIds.next(), soon(200)];
    const before = new Queue('order-expiration', redis.url);
    await before.add({ at: at.toISOString() }, { jobId: id, delay: 200 });
    await eventually(() => woken.length === 1);
    await before.close();
    expect(woken).toMatchObject([{ id, at: at.getTime() }]);
  });

  test('outlive the process that set them', async () => {
    const first = await warm(noting(open()));
    const id = systemIds.next();
    await first.timers.set(id, soon(500));
    await opened.pop()!.close();
    const second = noting(open());
    await eventually(() => second.woken.some((one) => one.id === id));
    expect(first.woken).toEqual([]);
  });

  test('work again after Redis was killed and came back empty', async () => {
    const { timers, woken } = noting(open());
    await timers.set(systemIds.next(), soon(60_000));
    await eventually(() => timers.connected);
    await redis.kill();
    await eventually(() => !timers.connected);
    await expect(timers.set(systemIds.next(), soon(100))).rejects.toThrow('Redis does not answer');
    await redis.restart();
    await eventually(() => timers.connected);
    const id = systemIds.next();
    await eventually(async () => {
      await timers.set(id, soon(100));
      return true;
    });
    await eventually(() => woken.some((one) => one.id === id), { within: 120_000 });
  });

  test('work again after Redis was emptied under them', async () => {
    const { timers, woken } = noting(open());
    await timers.set(systemIds.next(), soon(60_000));
    await client.flushall();
    const id = systemIds.next();
    await timers.set(id, soon(100));
    await eventually(() => woken.some((one) => one.id === id), { within: 120_000 });
  });

  test('start without Redis, say so, and work once it is there', async () => {
    await redis.kill();
    const { timers, woken } = noting(open());
    expect(timers.connected).toBe(false);
    await expect(timers.set(systemIds.next(), soon(100))).rejects.toThrow('Redis does not answer');
    await redis.restart();
    const id = systemIds.next();
    await eventually(
      async () => {
        await timers.set(id, soon(100));
        return true;
      },
      { within: 120_000 },
    );
    await eventually(() => woken.some((one) => one.id === id), { within: 120_000 });
  });
});
