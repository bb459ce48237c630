import { expect, test } from '@jest/globals';
import { memoryBus } from '@ticketing/common/bus/memory';
import { unruly } from '@ticketing/common/bus/unruly';
import { systemClock } from '@ticketing/common/runtime';

const numbers = Array.from({ length: 50 }, (_, index) => String(index));

test('an unruly bus delivers everything to every group, some of it twice, and in another order', async () => {
  const habits = { repeats: 0.5, delays: 0.5, upTo: 20, random: Math.random, clock: systemClock };
  const bus = unruly(memoryBus(), habits);
  const heard: Record<string, string[]> = { orders: [], payments: [] };
  for (const [group, messages] of Object.entries(heard))
    bus.subscribe({ subject: 'number', group, handle: async (message) => void messages.push(message) });
  await Promise.all(numbers.map((number) => bus.publish('number', number)));
  for (const messages of Object.values(heard)) {
    expect(new Set(messages)).toEqual(new Set(numbers));
    expect(messages.length).toBeGreaterThan(numbers.length);
    expect([...new Set(messages)]).not.toEqual(numbers);
  }
  await bus.close();
});

test('an unruly bus keeps the promise of the bus below: a refusal is one', async () => {
  const habits = { repeats: 1, delays: 0, upTo: 0, random: Math.random, clock: systemClock };
  const bus = unruly(memoryBus(), habits);
  const tries: boolean[] = [];
  bus.subscribe({
    subject: 'number',
    group: 'orders',
    handle: async (_, { redelivered }) => {
      tries.push(redelivered);
      if (redelivered) throw new Error('the second time');
    },
  });
  await expect(bus.publish('number', '1')).rejects.toThrow('did not acknowledge');
  expect(tries.sort()).toEqual([false, true]);
  await bus.close();
});
