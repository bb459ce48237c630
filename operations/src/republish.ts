import { ObjectId } from 'mongodb';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Operation } from '@ticketing/common/republish';
import { OWNERS, withDatabases } from './databases.ts';
import type { Running } from './running.ts';

const USAGE = `Usage: npm run republish -- <${OWNERS.join(' | ')}> [--since 2026-01-31T12:00:00Z]`;

/** Has a service publish the present state of everything that changed since; without `--since`, of everything. Throws when one could not. */
export async function republish(
  running: Running,
  args: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { since: { type: 'string' } },
    allowPositionals: true,
  });
  const [service = ''] = positionals;
  const since = new Date(values.since ?? 0);
  if (!(OWNERS as readonly string[]).includes(service) || Number.isNaN(since.getTime()))
    throw new Error(USAGE);
  await withDatabases(running, async (database) => {
    const operations = database(service).collection<Operation>('operations');
    const _id = new ObjectId().toHexString();
    await operations.insertOne({ _id, kind: 'republish', since, status: 'waiting' });
    say(`Asked ${service} to publish again what changed since ${since.toISOString()} …`);
    for (;;) {
      const asked = await operations.findOne({ _id });
      if (asked?.status === 'done') {
        say(`${service} published ${asked.published} events again.`);
        const failed = asked.failed ?? [];
        for (const id of failed) say(`${id} cannot be announced.`);
        if (failed.length > 0)
          throw new Error(`${failed.length} not published; the log of ${service} says why.`);
        return;
      }
      await delay(200);
    }
  });
}
