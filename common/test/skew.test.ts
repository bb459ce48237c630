import { expect, test } from '@jest/globals';
import { mongoServer } from '../src/mongo.ts';
import { systemClock } from '../src/runtime.ts';
import { movableClock } from '../src/testing.ts';
import { watchSkew } from '../src/skew.ts';

test.each([600, -600, 0])('a clock that is %s s ahead of the database is told of, once', async (ahead) => {
  const server = mongoServer(process.env['TEST_MONGO_URL'] ?? '');
  const db = server.database('test-skew');
  await db.prepare();
  const clock = movableClock();
  clock.forward(ahead * 1000);
  const told: unknown[] = [];
  const shown: number[] = [];
  const over = new AbortController();
  let rests = 0;
  const watched = {
    service: 'things',
    db,
    clock: {
      now: clock.now,
      sleep: (_ms: number, signal?: AbortSignal) => {
        if ((rests += 1) === 3) over.abort();
        return systemClock.sleep(1, signal);
      },
    },
    log: { warn: ({ seconds }: { seconds: number }, line: string) => told.push([seconds, line]) },
    metrics: { gauge: (_name: string, _labels: object, value: number) => shown.push(value) },
  };
  await watchSkew(watched as never, over.signal);
  await server.close();
  expect(shown).toEqual([ahead, ahead, ahead]);
  expect(told).toEqual(ahead === 0 ? [] : [[ahead, "clocks differ: this one and the database's"]]);
});
