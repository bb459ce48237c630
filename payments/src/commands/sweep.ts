import type { Clock } from '@ticketing/common/runtime';
import { isDuplicate, type Store } from '@ticketing/common/store';
import { each } from './refunds.ts';
import type { Cursor } from '../domain.ts';
import { EVENTS_KEPT_MS, type Gateway, type News } from '../gateway.ts';

export interface SweepDeps {
  Cursors: Store<Cursor>;
  gateway: Gateway;
  clock: Clock;
  everyMs: number;
  hear(news: News): Promise<unknown>;
}

/** Before the cursor, in milliseconds: the provider lists what happened by its time, which is not when it can be seen. */
const OVERLAP = 600_000;

/**
 * Asks the provider what changed since it was last asked, so that what moved without us, and webhooks that never came, are
 * learnt all the same. One process does it at a time; the cursor moves on only when all was heard.
 */
export const sweep =
  ({ Cursors, gateway, clock, everyMs, hear }: SweepDeps) =>
  async (): Promise<number> => {
    const now = clock.now();
    const nextAt = new Date(now.getTime() + everyMs);
    const cursor =
      (await Cursors.findOneAndUpdate({ _id: NAME, nextAt: { $lte: now } }, { $set: { nextAt } })) ??
      (await begin(Cursors, { _id: NAME, heardUntil: now, nextAt }));
    if (!cursor) return 0;
    const from = new Date(cursor.heardUntil.getTime() - OVERLAP);
    const late = now.getTime() - from.getTime() > EVENTS_KEPT_MS;
    const seen = new Map<string, News>();
    for (const news of await gateway.since(from, late ? 'balance' : 'events'))
      seen.set(`${news.about} ${news.intentId}`, news);
    await each([...seen.values()], hear);
    await Cursors.updateOne({ _id: NAME }, { $set: { heardUntil: now } });
    return seen.size;
  };

/** Where nothing was kept yet, all that the provider still lists is heard. */
const begin = async (Cursors: Store<Cursor>, first: Cursor): Promise<Cursor | undefined> => {
  try {
    await Cursors.insert(first);
    return { ...first, heardUntil: new Date(first.heardUntil.getTime() - EVENTS_KEPT_MS + 2 * OVERLAP) };
  } catch (error) {
    if (isDuplicate(error)) return undefined;
    throw error;
  }
};

const NAME = 'provider';
