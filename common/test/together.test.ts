import { expect, test } from '@jest/globals';
import { eventually } from '../src/testing.ts';
import { together } from '../src/together.ts';

/** A run that ends when it is told to. */
const controlled = () => {
  const runs: { asks: readonly number[]; end(error?: Error): void }[] = [];
  const run = (asks: number[]) =>
    new Promise<number[]>((resolve, reject) => {
      runs.push({ asks, end: (error) => (error ? reject(error) : resolve(asks.map((ask) => ask * 10))) });
    });
  const begun = (count: number) => eventually(() => Promise.resolve(runs.length === count));
  return { runs, run, begun };
};

test('who asks while a run is under way goes with all the others in the next one', async () => {
  const shared = together();
  const { runs, run, begun } = controlled();
  const ask = (one: number) => shared('a kind', one, run);
  const answers = [ask(1)];
  await begun(1);
  answers.push(ask(2), ask(3));
  runs[0]!.end();
  await begun(2);
  const late = shared('a kind', 4, run);
  runs[1]!.end();
  expect(await Promise.all(answers)).toEqual([10, 20, 30]);
  await begun(3);
  runs[2]!.end();
  expect(await late).toBe(40);
  expect(runs.map(({ asks }) => asks)).toEqual([[1], [2, 3], [4]]);
});

test('who was answered together asks together next', async () => {
  const shared = together();
  const { runs, run, begun } = controlled();
  const both = [1, 2].map(async (one) => shared('another', await shared('a kind', one, run), run));
  await begun(1);
  runs[0]!.end();
  await begun(2);
  runs[1]!.end();
  expect(await Promise.all(both)).toEqual([100, 200]);
  expect(runs.map(({ asks }) => asks)).toEqual([
    [1, 2],
    [10, 20],
  ]);
});

test('kinds do not wait for each other', async () => {
  const shared = together();
  const { runs, run, begun } = controlled();
  void shared('a kind', 1, run);
  void shared('another', 2, run);
  await begun(2);
  expect(runs.map(({ asks }) => asks)).toEqual([[1], [2]]);
});

test('a run that hangs does not hold up the next', async () => {
  const shared = together();
  const { runs, run, begun } = controlled();
  void shared('a kind', 1, run);
  await begun(1);
  const next = shared('a kind', 2, run);
  await begun(2);
  runs[1]!.end();
  expect(await next).toBe(20);
});

test('a run that fails fails for all who asked with it, and for nobody else', async () => {
  const shared = together();
  const { runs, run, begun } = controlled();
  const first = shared('a kind', 1, run);
  await begun(1);
  const failing = Promise.allSettled([2, 3].map((ask) => shared('a kind', ask, run)));
  runs[0]!.end();
  expect(await first).toBe(10);
  await begun(2);
  const after = shared('a kind', 4, run);
  runs[1]!.end(new Error('out'));
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await begun(3);
  runs[2]!.end();
  expect(await after).toBe(40);
});
