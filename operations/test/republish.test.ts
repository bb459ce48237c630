import { expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import { withDatabases } from '../src/databases.ts';
import { republish } from '../src/republish.ts';
import type { Running } from '../src/running.ts';

test('what could not be announced is told by its id, and the command fails', async () => {
  const running = { mongoUrl: process.env['TEST_MONGO_URL']! } as Running;
  await withDatabases(running, async (database) => {
    const operations = database('payments').collection('operations');
    const since = `2026-01-31T12:00:00.${process.pid % 1000}Z`;
    const said: string[] = [];
    const command = republish(running, ['payments', '--since', since], (line) => said.push(line));
    const failed = expect(command).rejects.toThrow('2 not published; the log of payments says why');
    const mine = { kind: 'republish', since: new Date(since) };
    // As the service does.
    const done = { $set: { status: 'done', published: 5, failed: ['one', 'other'] } };
    await eventually(async () => (await operations.updateOne(mine, done)).matchedCount === 1);
    await failed;
    await operations.deleteMany(mine);
    expect(said.slice(1)).toEqual([
      'payments published 5 events again.',
      'one cannot be announced.',
      'other cannot be announced.',
    ]);
  });
});
