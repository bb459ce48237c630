import { eventually } from '@ticketing/common/testing';
import { withDatabases } from '@ticketing/operations/databases';
import { inspect } from '@ticketing/operations/reconcile';
import { broken, type Load } from '../load.ts';
import type { Ground } from './ground.ts';

/** Every invariant of the design with what breaks it; an empty list where it holds. */
export type Verdict = Record<string, string[]>;

const IN_TIME = 'an unpaid order ends in time';

/** How long the suite may take to come to rest after the last fault, in milliseconds: holds run out, orders end. */
const REST = 120_000;
/** How long after the faults an order may still be overdue because of them, in milliseconds. */
const PARDON = 30_000;

/** Waits for the suite to come to rest, and holds it against all that the load saw acknowledged. */
export async function verdict({ suite }: Ground, load: Load, rest = REST): Promise<Verdict> {
  const { running } = suite;
  const open = () =>
    withDatabases(running, (database) =>
      database('orders')
        .collection('orders')
        .countDocuments({ status: { $in: ['created', 'awaiting:payment'] } }),
    );
  let found: Verdict = {};
  const late = new Set<string>();
  const pardoned = Date.now() + PARDON;
  const atRest = async () => {
    found = { ...(await inspect(running)), 'a stream tells every change': load.unseen() };
    // An order that ends too late is a breach even if it ends before the verdict.
    if (Date.now() > pardoned) for (const line of found[IN_TIME] ?? []) late.add(line);
    const unpaid = await open();
    if (unpaid > 0) found[IN_TIME]?.push(`${unpaid} orders are open still`);
    return Object.values(found).every((lines) => lines.length === 0);
  };
  await eventually(atRest, { within: rest, every: 500 }).catch((error: unknown) => {
    found['the suite comes to rest'] = [String(error)];
  });
  return {
    ...found,
    [IN_TIME]: [...new Set([...(found[IN_TIME] ?? []), ...late])],
    'an acknowledged write is never lost': await broken(load.acknowledged),
    'no answer is a bug': load.acknowledged.faults,
  };
}
