import { expect } from '@jest/globals';
import type { mongo } from 'mongoose';

type Db = mongo.Db;

export interface Profiled {
  op: string;
  ns: string;
  command: Record<string, unknown>;
  planSummary: string;
  keysExamined: number;
  docsExamined: number;
  nreturned: number;
  hasSortStage?: boolean;
}

/** All that a database did while `work` ran, as its own profiler tells. */
export async function profiled(db: Db, work: () => Promise<unknown>): Promise<Profiled[]> {
  await db.command({ profile: 0 });
  await db.collection('system.profile').drop();
  await db.command({ profile: 2 });
  await work();
  await db.command({ profile: 0 });
  const own = { ns: { $regex: String.raw`\.(?!system\.)` }, 'command.profile': { $exists: false } };
  return (await db.collection('system.profile').find(own).toArray()) as unknown as Profiled[];
}

/** The reads of a collection while `work` ran. */
export const readsOf = async (
  db: Db,
  collection: string,
  work: () => Promise<unknown>,
): Promise<Profiled[]> =>
  (await profiled(db, work)).filter(
    ({ ns, op, command }) =>
      ns === `${db.databaseName}.${collection}` && (op === 'query' || command['aggregate'] === collection),
  );

/** An index that fits, no sorting, and no more documents read than returned. */
export function expectFrugal(reads: readonly Profiled[]): void {
  expect(reads).not.toHaveLength(0);
  for (const { docsExamined, nreturned, ...read } of reads) {
    expectIndexed([read]);
    expect({ planSummary: read.planSummary, docsExamined }).toEqual({
      planSummary: read.planSummary,
      docsExamined: nreturned,
    });
  }
}

/** An index that fits, and no sorting. */
export function expectIndexed(
  reads: readonly Pick<Profiled, 'planSummary' | 'hasSortStage' | 'command'>[],
): void {
  for (const { planSummary, hasSortStage = false, command } of reads)
    expect({ planSummary, hasSortStage, command }).toEqual({
      planSummary: expect.stringMatching(/^(IXSCAN|IDHACK|EXPRESS|COUNT_SCAN|DISTINCT_SCAN)/),
      hasSortStage: false,
      command,
    });
}
