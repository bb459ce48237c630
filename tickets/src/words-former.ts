import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@ticketing/common/runtime';
import type { Store } from '@ticketing/common/store';
import { saying, SEARCHED_FIELDS, type Ticket, wordsOf } from './domain.ts';

const PAGE = 500;
const MINUTE = 60_000;

/**
 * For one release: pods of the one before edit titles and leave `words` as they were. For an hour from its start, longer than
 * pods of both stand side by side, a process looks again at what changed, and resolves with how many it put right. This file
 * goes with its job in `service.ts` and the text index in `model.ts`.
 */
export function formerEdits(Tickets: Store<Ticket>, clock: Clock): () => Promise<number> {
  const begun = clock.now().getTime();
  let seen = begun - 10 * MINUTE;
  return async () => {
    const now = clock.now().getTime();
    if (now > begun + 60 * MINUTE) return 0;
    let righted = 0;
    for (;;) {
      const changed = await Tickets.find(
        // An edit moves the version; holds, of which a crowd makes thousands in a minute, do not.
        { updatedAt: { $gt: new Date(seen) }, version: { $gt: 0 } },
        {
          sort: { updatedAt: 1, _id: 1 },
          limit: PAGE,
          projection: { ...SEARCHED_FIELDS, words: 1, updatedAt: 1 },
        },
      );
      const stale = changed.filter(({ words, ...text }) => words && !isDeepStrictEqual(words, wordsOf(text)));
      await Promise.all(
        stale.map((ticket) => Tickets.updateOne(saying(ticket), { $set: { words: wordsOf(ticket) } })),
      );
      righted += stale.length;
      if (changed.length < PAGE) break;
      seen = changed.at(-1)?.updatedAt.getTime() ?? now;
    }
    // Others' clocks differ, and what is written now is seen a little later.
    seen = Math.max(seen, now - MINUTE);
    return righted;
  };
}
