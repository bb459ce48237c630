import { setTimeout as delay } from 'node:timers/promises';
import type { MongoClient } from 'mongodb';

const COMMANDS = [
  'find',
  'aggregate',
  'getMore',
  'insert',
  'update',
  'findAndModify',
  'delete',
  'bulkWrite',
] as const;

/** Commands by kind; documents that were written, and syncs of the journal. All of it only grows. */
export async function engineCounts(
  client: MongoClient,
): Promise<Record<'commands' | 'database', Record<string, number>>> {
  const status = (await client.db('admin').command({ serverStatus: 1 })) as {
    metrics: {
      commands: Record<string, { total: number }>;
      document: Record<'inserted' | 'updated' | 'deleted', number>;
    };
    wiredTiger: { log: Record<string, number> };
  };
  const { commands, document } = status.metrics;
  return {
    commands: Object.fromEntries(COMMANDS.map((name) => [name, commands[name]?.total ?? 0])),
    database: {
      writes: document.inserted + document.updated + document.deleted,
      syncs: status.wiredTiger.log['log sync operations'] ?? NaN,
    },
  };
}

/** Until no document was written between two looks; a minute is too long. */
export async function stillness(client: MongoClient): Promise<void> {
  let before = -1;
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(700)) {
    const { writes = 0 } = (await engineCounts(client)).database;
    if (writes === before) return;
    before = writes;
  }
  throw new Error('the suite goes on writing');
}
