import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  type OrderStatus,
  OrderUpdated,
} from '@ticketing/common/contracts/order';
import { systemIds } from '@ticketing/common/runtime';
import { eventually, tell, testHost, type TestHost } from '@ticketing/common/testing';
import { engineIfAvailable } from '@ticketing/engines/resolve';
import { type RunningEngine, startRedis } from '@ticketing/engines/run';
import { z } from 'zod';
import { expiration } from '../src/service.ts';
import { bullTimers } from '../src/timers-bull.ts';
import { memoryTimers } from '../src/timers-memory.ts';

const env = { ...process.env };
delete env['REDIS_URL'];
const available = (await engineIfAvailable('redis', { env })) !== undefined;
const mongoUrl = process.env['TEST_MONGO_URL'] ?? '';

const order = (id: string, version: number, status: OrderStatus, expiresAt: Date) => {
  const at = new Date();
  const changed = { cancelled: OrderCancelled, complete: OrderCompleted }[status as string] ?? OrderUpdated;
  return (version === 0 && status === 'created' ? OrderCreated : changed)({
    id,
    version,
    status,
    expiresAt,
    userId: systemIds.next(),
    saleId: id,
    items: [{ ticketId: id, ticketVersion: 0, title: 'Seat', price: 2500, sellerId: systemIds.next() }],
    total: 2500,
    currency: 'usd',
    createdAt: at,
    updatedAt: at,
  });
};
const soon = (ms: number) => new Date(Date.now() + ms);

/** A busy machine takes its time to start an engine. */
const patient = { within: 120_000 };

const kinds = ['memory', 'redis'] as const;
describe.each(kinds.filter((kind) => kind === 'memory' || available))('with timers in %s', (kind) => {
  let redis: RunningEngine | undefined;
  let host: TestHost;
  const complete: { orderId: string; expiresAt: string }[] = [];
  const of = (id: string) => complete.filter(({ orderId }) => orderId === id);
  beforeAll(async () => {
    redis = kind === 'redis' ? await startRedis({ env }) : undefined;
    const service = expiration(z.object({}), (_config, { clock, log }) =>
      redis ? bullTimers({ url: redis.url, log }) : memoryTimers(clock),
    );
    host = await testHost([service], { mongoUrl });
    const handle = async (message: string) => {
      complete.push((JSON.parse(message) as { data: (typeof complete)[number] }).data);
    };
    host.bus.subscribe({ subject: 'expiration:complete', group: 'test', handle });
  });
  afterAll(async () => {
    await host.destroy();
    await redis?.stop();
  });

  test('an unpaid order is announced when its time is over', async () => {
    const id = systemIds.next();
    const expiresAt = soon(200);
    await tell(host.bus, order(id, 0, 'created', expiresAt));
    await eventually(() => of(id).length > 0);
    expect(of(id)).toEqual([{ orderId: id, expiresAt: expiresAt.toISOString() }]);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt.getTime() - 5);
  });

  test('a prolonged order is announced at its new time, a paid, free or cancelled one never', async () => {
    /** All of it is told before any of it is due, however slow the machine is. */
    const told = async (lead: number): Promise<{ prolonged: string; others: string[]; at: Date }> => {
      const [prolonged, paid, cancelled, free] = [
        systemIds.next(),
        systemIds.next(),
        systemIds.next(),
        systemIds.next(),
      ];
      const [first, at] = [soon(lead), soon(lead + 200)];
      const isLate = () => Date.now() >= first.getTime();
      try {
        await tell(host.bus, order(free, 0, 'complete', first));
        for (const id of [prolonged, paid, cancelled]) await tell(host.bus, order(id, 0, 'created', first));
        await tell(host.bus, order(prolonged, 1, 'awaiting:payment', at));
        await tell(host.bus, order(paid, 1, 'complete', first));
        await tell(host.bus, order(cancelled, 1, 'cancelled', first));
      } catch (error) {
        // One that is at work cannot be cleared, and is told again.
        if (!isLate()) throw error;
      }
      return isLate() ? told(2 * lead) : { prolonged, others: [paid, cancelled, free], at };
    };
    const { prolonged, others, at } = await told(600);
    // At its old time `orders` refuses it, as it is too early.
    await eventually(() => of(prolonged).some(({ expiresAt }) => expiresAt === at.toISOString()));
    expect(others.flatMap(of)).toEqual([]);
  });

  test('health tells whether Redis is there, and is well without it', async () => {
    const health = async () => {
      const response = await fetch(`${host.operationalUrl}/health`);
      return { ...((await response.json()) as { degraded: string[] }), status: response.status };
    };
    await eventually(
      async () => expect(await health()).toMatchObject({ status: 200, degraded: [] }),
      patient,
    );
    if (!redis) return;
    await redis.kill();
    await eventually(
      async () => expect(await health()).toMatchObject({ status: 200, degraded: ['redis'] }),
      patient,
    );
    const lost = order(systemIds.next(), 0, 'created', soon(100));
    await expect(tell(host.bus, lost)).rejects.toThrow('did not acknowledge');
    await redis.restart();
    await eventually(
      async () => expect(await health()).toMatchObject({ status: 200, degraded: [] }),
      patient,
    );
    // A timer that is set while Bull finds its feet may be lost, and be swept up by `orders`; the next ones are not.
    await eventually(async () => {
      const id = systemIds.next();
      await tell(host.bus, order(id, 0, 'created', soon(100)));
      return eventually(() => of(id).length > 0, { within: 120_000 });
    }, patient);
  });
});
