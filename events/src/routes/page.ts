import { ok, type Reply } from '@ticketing/common/http/route';
import type { Rejection } from '@ticketing/common/rejection';
import { remember } from '@ticketing/common/remember';
import type { Store } from '@ticketing/common/store';
import type { EventRecord } from '../domain/record.ts';
import { type Asker, roleOf, unknown } from '../domain/team.ts';
import { UNSEEN, view } from './views.ts';

/** So many events are kept as they are shown, of so many bytes at most: a stadium's is 30 kB. */
const KEPT = 100;
const LONGEST = 100_000;

const BRIEF = { version: 1, status: 1, 'internal.ownerId': 1, 'internal.team': 1 } as const;

/**
 * One event, as who asks may see it. What everybody sees is made once for each version; that this is the newest is asked
 * of the database each time, for all who ask at the same time in one operation.
 */
export function pages(Events: Pick<Store<EventRecord>, 'findOne'>) {
  const kept = new Map<string, { version: number; text: Buffer }>();
  return async (id: string, user: Asker | undefined): Promise<Reply | Rejection> => {
    const brief = await Events.findOne({ _id: id }, { projection: BRIEF });
    const seesAll = (one: EventRecord) => (user && roleOf(user, one)) ?? undefined;
    if (!brief || (brief.status === 'draft' && !seesAll(brief))) return unknown(id);
    const known = kept.get(id);
    if (known?.version === brief.version && !seesAll(brief)) return asKept(known);
    const event = await Events.findOne({ _id: id }, { projection: UNSEEN });
    const role = event && seesAll(event);
    if (!event || (event.status === 'draft' && !role)) return unknown(id);
    if (role) return ok(view(event, role));
    const made = { version: event.version, text: Buffer.from(JSON.stringify(view(event))) };
    if (made.text.length <= LONGEST) remember(kept, id, made, KEPT);
    return asKept(made);
  };
}

const asKept = ({ version, text }: { version: number; text: Buffer }): Reply => ({
  status: 200,
  text,
  headers: { ETag: `"${version}"` },
});
