import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { natsStreamingBus } from '@ticketing/common/bus/nats-streaming';
import { silentLog } from '@ticketing/common/log';
import { eventually } from '@ticketing/common/testing';
import { startNats } from '@ticketing/engines/run';
import { readFile } from 'node:fs/promises';

const FETCH_MS = 300_000; // the first time, the broker is fetched and built
let broker: Awaited<ReturnType<typeof startNats>>;
beforeAll(async () => {
  broker = await startNats({
    publishers: { tickets: ['ticket:created'], orders: ['order:created', 'order:updated'] },
  });
}, FETCH_MS);
afterAll(() => broker.stop());

const as = async (url: string) => {
  const bus = natsStreamingBus({ url, clusterId: broker.clusterId, name: 'users', log: silentLog });
  await eventually(() => bus.connected);
  return bus;
};

test('a user publishes on its own channels, hears every channel and acknowledges what it heard', async () => {
  const [tickets, orders] = [await as(broker.urls['tickets']!), await as(broker.urls['orders']!)];
  const heard: string[] = [];
  const hear = async (message: string, { redelivered }: { redelivered: boolean }) =>
    void heard.push(redelivered ? `${message} again` : message);
  try {
    orders.subscribe({ subject: 'ticket:created', group: 'orders', handle: hear });
    for (const message of ['one', 'two']) await tickets.publish('ticket:created', message);
    await orders.publish('order:updated', 'mine');
    await eventually(() => expect(heard).toEqual(['one', 'two']));
    expect(await readFile(broker.log, 'utf8')).not.toContain('Violation');
  } finally {
    await Promise.all([tickets.close(), orders.close()]);
  }
});

test('a user publishes on no channel of another', async () => {
  const tickets = await as(broker.urls['tickets']!);
  try {
    await expect(tickets.publish('order:created', 'forged')).rejects.toThrow('ack timeout');
    await expect(tickets.publish('ticket:created', 'mine')).resolves.toBeUndefined();
    expect(await readFile(broker.log, 'utf8')).toContain(
      'Publish Violation - User "tickets", Subject "_STAN.pub.ticketing.order:created"',
    );
  } finally {
    await tickets.close();
  }
});

test.each([
  ['without a password', ({ port }: URL) => `nats://127.0.0.1:${port}`],
  ['with a wrong one', ({ port }: URL) => `nats://orders:wrong@127.0.0.1:${port}`],
  ['with that of another', (url: URL) => Object.assign(new URL(url), { username: 'orders' }).href],
])('nobody comes in %s', async (_how, of) => {
  const told: string[] = [];
  const log = {
    info: () => undefined,
    warn: ({ err }: { err?: unknown }) => void told.push(String(err)),
  };
  const url = of(new URL(broker.urls['tickets']!));
  const bus = natsStreamingBus({ url, clusterId: broker.clusterId, name: 'users', log });
  await eventually(() => expect(told.join()).toContain('Authorization Violation'));
  expect(bus.connected).toBe(false);
  await bus.close();
});
