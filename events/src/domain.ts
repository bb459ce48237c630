import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Changes, Fresh } from '@ticketing/common/record';
import { arrange, invalid, type Means, returnsOf, timesOf } from './domain/arrange.ts';
import { complaints, checkPublishedPools } from './domain/plan.ts';
import type { EventRecord, Expected, Wanted, WantedReturns } from './domain/record.ts';
import { type Asker, closed, EDITORS, OWNER, refusal, roleOf, unknown } from './domain/team.ts';
import { type LocalTime, moved } from '@ticketing/common/times';

/** A new event, which nobody but its team knows of. */
export const draft = (
  id: string,
  ownerId: string,
  wanted: Wanted,
  means: Means,
): Fresh<EventRecord> | Rejection => {
  const arranged = arrange(wanted, means);
  if (isRejection(arranged)) return arranged;
  const { held, ...fields } = arranged;
  return {
    _id: id,
    status: 'draft',
    ...fields,
    internal: { ownerId, team: [{ userId: ownerId, role: 'owner' }], held, codes: [] },
    links: [],
  };
};

/** All that the organizer says of an event, anew. Of one that is published, what orders hold stays. */
export const edit =
  (user: Asker, wanted: Wanted, now: Date, means: Means, expected: Expected) =>
  (event: EventRecord): Changes<EventRecord> | Rejection => {
    const refused = refusal(user, event, EDITORS, expected) ?? closed(event, now);
    if (refused) return refused;
    const arranged = arrange(wanted, means, event);
    if (isRejection(arranged)) return arranged;
    const { held, ...fields } = arranged;
    const kept =
      keepsTiers(event, fields) ??
      (event.status === 'published' ? keepsPublished(event, fields, now) : undefined);
    if (kept) return kept;
    const changes = {
      ...Object.fromEntries(LEFT_OUT.map((field) => [field, undefined])),
      ...fields,
      internal: { ...event.internal, held },
    };
    return Object.fromEntries(
      Object.entries(changes).filter(
        ([key, value]) => JSON.stringify(value) !== JSON.stringify(event[key as keyof EventRecord]),
      ),
    );
  };

/** They go when a request is silent of them. */
const LEFT_OUT = ['description', 'marks', 'returns', 'reentry'] as const;

type Plan = Pick<EventRecord, 'tiers' | 'pools' | 'currency' | 'endsAt'>;

const keepsTiers = ({ internal }: EventRecord, { tiers }: Plan): Rejection | undefined =>
  internal.codes.every(({ tierIds = [] }) => tierIds.every((id) => tiers.some((tier) => tier.id === id)))
    ? undefined
    : conflicting('tiers', 'must keep what codes are for: remove those first');

const keepsPublished = (event: EventRecord, after: Plan, now: Date): Rejection | undefined => {
  const { errors, complain } = complaints();
  if (after.currency !== event.currency)
    complain('currency', `must stay ${event.currency} once it is published`);
  if (after.endsAt <= now) complain('ends', 'must be in the future');
  for (const { id, name } of event.tiers)
    if (!after.tiers.some((tier) => tier.id === id))
      complain('tiers', `must keep ${name} (${id}): hide it, or close its sale`);
  checkPublishedPools(event.pools, after.pools, complain);
  return errors.length > 0 ? reject('conflict', 'Of a published event this stays', { errors }) : undefined;
};

/** From here on everybody may see it, and buy. */
export const publish =
  (user: Asker, now: Date, expected: Expected) =>
  (event: EventRecord): Changes<EventRecord> | Rejection => {
    const refused = refusal(user, event, EDITORS, expected);
    if (refused) return refused;
    if (event.status !== 'draft') return reject('conflict', `The event is ${event.status} already`);
    if (event.tiers.length === 0) return conflicting('tiers', 'must have one at least to be published');
    if (event.endsAt <= now) return conflicting('ends', 'must be in the future to be published');
    return { status: 'published', publishedAt: now, publishedVersion: event.version + 1 };
  };

/** For good: orders end, and what was paid goes back. */
export const cancel =
  (user: Asker, now: Date, expected: Expected) =>
  (event: EventRecord): Changes<EventRecord> | Rejection => {
    const refused = refusal(user, event, EDITORS, expected) ?? closed(event, now);
    if (refused) return refused;
    if (event.status === 'draft') return reject('conflict', 'Nobody knows of a draft: delete it');
    return { status: 'cancelled' };
  };

export interface Postponement {
  starts: LocalTime;
  ends: LocalTime;
  returns: WantedReturns;
}

/** Other times, and a day until which holders may give back; where sales end before, they stay ended. */
export const postpone =
  (user: Asker, { starts, ends, returns }: Postponement, now: Date, expected: Expected) =>
  (event: EventRecord): Changes<EventRecord> | Rejection => {
    const refused = refusal(user, event, EDITORS, expected) ?? closed(event, now);
    if (refused) return refused;
    if (event.status === 'draft') return reject('conflict', 'Nobody knows of a draft: change its times');
    const { errors, complain } = complaints();
    const times = timesOf({ starts, ends, zone: event.zone }, complain);
    const policy = returnsOf(returns, event.zone, times?.endsAt, complain);
    if (times && times.startsAt <= now) complain('starts', 'must be in the future');
    if (policy && policy.until <= now) complain('returns.until', 'must be in the future');
    event.tiers.forEach(({ name, closesAt, opensAt }) => {
      if (times && ((closesAt && closesAt > times.endsAt) || (opensAt && opensAt >= times.endsAt)))
        complain('ends', `must not be before the sale of ${name} does`);
    });
    const wrong = invalid(errors);
    if (wrong) return wrong;
    return { ...times, ...(policy && { returns: policy }), postponedFrom: event.startsAt };
  };

/** Whether a draft may go. */
export const remove = (user: Asker, event: EventRecord, expected: Expected): Rejection | undefined =>
  refusal(user, event, OWNER, expected) ??
  (event.status === 'draft'
    ? undefined
    : reject('conflict', `The event is ${event.status}: it can only be cancelled`));

/** The same at other times, asked for by a member of its team; its codes, links and team stay behind. */
export const copyOf = (
  user: Asker,
  event: EventRecord,
  { starts, ends, title = event.title }: { starts: LocalTime; ends: LocalTime; title?: string | undefined },
): Wanted | Rejection => {
  if (!roleOf(user, event))
    return event.status === 'draft' ? unknown(event._id) : reject('forbidden', 'This event is not yours');
  const { zone, returns, reentry } = event;
  /** As far from the beginning; where the copy is shorter, its end is the last of all. */
  const shift = (local: LocalTime) => {
    const then = moved(local, event.starts, starts, zone);
    return then > ends ? ends : then;
  };
  const ofPool = (poolId: string) => (range: { poolId: string }) => range.poolId === poolId;
  return {
    title,
    description: event.description,
    category: event.category,
    organizer: event.organizer,
    venue: event.venue,
    zone,
    starts,
    ends,
    currency: event.currency,
    pools: event.pools.map(({ id, capacity, blocks }) => ({
      capacity,
      blocks,
      held: event.internal.held.filter(ofPool(id)),
      marks: event.marks?.filter(ofPool(id)),
    })),
    tiers: event.tiers.map(({ id: _, poolId, opens, closes, limit, opensAt: _o, closesAt: _c, ...tier }) => ({
      ...tier,
      pool: event.pools.findIndex(({ id }) => id === poolId),
      opens: opens && shift(opens),
      closes: closes && shift(closes),
      limit: limit ?? null,
    })),
    returns: returns && { until: shift(returns.local), feePercent: returns.feePercent },
    reentry,
  };
};

const conflicting = (field: string, message: string): Rejection =>
  reject('conflict', 'The event cannot be so', { errors: [{ field, message }] });
