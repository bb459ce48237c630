import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { engineIfAvailable } from '@ticketing/engines/resolve';
import { type RunningEngine, startStripeMock } from '@ticketing/engines/run';
import { chargesOf } from '../src/charges.ts';
import type { Running } from '../src/running.ts';

const running: Running = {
  shape: 'services',
  origin: 'http://localhost',
  pid: process.pid,
  mongoUrl: 'mongodb://localhost',
};
let mock: RunningEngine | undefined;
/** In CI it throws instead. */
const given = (await engineIfAvailable('stripe-mock')) ? test : test.skip;
beforeAll(async () => {
  if (given === test) mock = await startStripeMock();
});
afterAll(() => mock?.stop());

given('reconcile asks a real account for nothing that Stripe does not know', async () => {
  const asked = { ...running, sandboxUrl: mock?.url ?? '', sandboxKey: 'sk_test_123' };
  // None of the charges that the mock makes up is ours.
  expect(await chargesOf(asked)).toEqual([]);
});

given('a list that the account does not give is said, not taken for empty', async () => {
  const asked = { ...running, sandboxUrl: `${mock?.url ?? ''}/nowhere`, sandboxKey: 'sk_test_123' };
  await expect(chargesOf(asked)).rejects.toThrow('The payment provider answers 404');
});

test('without a key nothing is asked', async () => expect(await chargesOf(running)).toEqual([]));
