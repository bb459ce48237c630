import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { memoryBackend } from './simulation/memory.ts';
import { mongodBackend } from './simulation/mongod.ts';
import { declareAll, simulate, WORKLOADS } from './simulation/run.ts';
import { KEPT } from './simulation/seeds.ts';

describe('the simulation', () => {
  const memory = memoryBackend();
  beforeAll(() => declareAll(memory));

  test.each(Object.entries(WORKLOADS))('the same seed gives the same run: %s', async (_, workload) => {
    const [one, other] = [
      await simulate({ ...workload, seed: 7 }, memory),
      await simulate({ ...workload, seed: 7 }, memory),
    ];
    expect(one.trace).toEqual(other.trace);
    expect(one.steps).toBeGreaterThan(100);
    const another = await simulate({ ...workload, seed: 8 }, memory);
    expect(another.trace).not.toEqual(one.trace);
  });

  test('seeds that once found a bug find nothing any more', async () => {
    for (const { found: _, ...plan } of KEPT) {
      const { failure } = await simulate(plan, memory);
      expect({ plan, failure }).toEqual({ plan, failure: undefined });
    }
  });

  describe('held against a real mongod', () => {
    let client: MongoClient;
    beforeAll(async () => {
      client = await MongoClient.connect(process.env['TEST_MONGO_URL'] ?? '');
    });
    afterAll(async () => {
      await client.db('simulation').dropDatabase();
      await client.close();
    });

    test.each(Object.entries(WORKLOADS))(
      'the same seed gives the same run there: %s',
      async (_, workload) => {
        const real = mongodBackend(client.db('simulation'));
        await declareAll(real);
        for (const seed of [21, 22]) {
          const [one, other] = [
            await simulate({ ...workload, seed }, memory),
            await simulate({ ...workload, seed }, real),
          ];
          expect(other.trace).toEqual(one.trace);
        }
      },
    );
  });
});
