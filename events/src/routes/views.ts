import { z } from 'zod';
import { CodeRule, EventState, Places, Pool, TeamRole, Tier } from '@ticketing/common/contracts/event';
import { Id, Instant } from '@ticketing/common/contracts/message';
import { isRejection, type Rejection } from '@ticketing/common/rejection';
import type { EventRecord, Link, SoldTier } from '../domain/record.ts';
import { type Asker, roleOf } from '../domain/team.ts';

const TierView = Tier.extend({
  opens: z.string().optional(),
  closes: z.string().optional(),
  limit: z.int().nullable().optional().meta({ description: 'null where the tier is free and has none' }),
});

const Range = Places.omit({ poolId: true });
const PoolView = Pool.extend({
  marks: z.array(Range.extend({ mark: z.enum(['accessible', 'companion']) })).optional(),
  held: z.array(Range).optional().meta({ description: 'For the team' }),
});

/** As lists and the stream show it. */
export const EventSummary = EventState.omit({
  description: true,
  pools: true,
  marks: true,
  internal: true,
  tiers: true,
  returns: true,
  pictures: true,
}).extend({
  starts: z.string(),
  ends: z.string(),
  tiers: z.array(TierView),
  returns: z.object({ until: Instant, local: z.string(), feePercent: z.int() }).optional(),
  publishedAt: Instant.optional(),
  pictures: z
    .array(z.object({ href: z.string(), width: z.int(), height: z.int() }))
    .optional()
    .meta({ description: 'Its picture in several widths, smallest first' }),
});

/** Where a file of a picture is, for ever. */
export const hrefOf = (picture: string): string => `/api/events/pictures/${picture}`;

export const LinkView = z.object({
  id: Id,
  role: z.enum(['manager', 'door']),
  expiresAt: Instant,
  uses: z.int(),
  used: z.int(),
});
export const OpenedLink = LinkView.extend({ token: z.string().meta({ description: 'Told this once' }) });
export const CodeView = CodeRule.omit({ hash: true });
export const MadeCode = CodeView.extend({ code: z.string().meta({ description: 'Told this once' }) });
export const OpenedCode = z.object({
  tiers: z.array(TierView).meta({ description: 'What it is for, also hidden ones' }),
  percent: z.int().optional(),
  amount: z.int().optional(),
});

export const EventView = EventSummary.extend({
  description: z.string().optional(),
  pools: z.array(PoolView),
  role: TeamRole.optional().meta({
    description: 'What you are in its team; the fields below are for that alone',
  }),
  team: z.array(z.object({ userId: Id, role: TeamRole })).optional(),
  codes: z.array(CodeView).optional(),
  links: z.array(LinkView).optional().meta({ description: 'For the owner' }),
});

type Summary = z.output<typeof EventSummary>;

const tierView = (tier: SoldTier): z.output<typeof TierView> =>
  tier.limit === undefined && tier.price === 0 ? { ...tier, limit: null } : tier;

/** What is not told to everybody goes by a role. */
export const summary = (event: EventRecord, role?: TeamRole): Summary => ({
  id: event._id,
  version: event.version,
  status: event.status,
  title: event.title,
  category: event.category,
  organizer: event.organizer,
  venue: event.venue,
  zone: event.zone,
  starts: event.starts,
  startsAt: event.startsAt,
  ends: event.ends,
  endsAt: event.endsAt,
  currency: event.currency,
  tiers: (role ? event.tiers : event.tiers.filter(({ hidden }) => !hidden)).map(tierView),
  returns: event.returns,
  reentry: event.reentry,
  postponedFrom: event.postponedFrom,
  publishedAt: event.publishedAt,
  pictures: picturesView(event),
  createdAt: event.createdAt,
  updatedAt: event.updatedAt,
});

const picturesView = ({ pictures, pictureSizes = [] }: EventRecord): Summary['pictures'] =>
  pictures?.flatMap((id, index) => {
    const size = pictureSizes[index];
    return size ? { href: hrefOf(id), ...size } : [];
  });

export function view(event: EventRecord, role?: TeamRole): z.output<typeof EventView> {
  const { internal, marks = [], links } = event;
  const of = <P extends Places>(places: readonly P[], pool: string) =>
    places.filter(({ poolId }) => poolId === pool).map(({ poolId: _, ...range }) => range);
  const pools = event.pools.map((pool) => ({
    ...pool,
    ...(marks.length > 0 && { marks: of(marks, pool.id) }),
    ...(role && { held: of(internal.held, pool.id) }),
  }));
  return {
    ...summary(event, role),
    description: event.description,
    pools,
    ...(role && { role, team: internal.team, codes: internal.codes.map(codeView) }),
    ...(role === 'owner' && { links: links.map(linkView) }),
  };
}

/** As somebody of the team sees what he just changed. */
export const seenBy =
  (user: Asker) =>
  (outcome: EventRecord | Rejection): z.output<typeof EventView> | Rejection =>
    isRejection(outcome) ? outcome : view(outcome, roleOf(user, outcome));

export const codeView = ({ hash: _, ...rule }: CodeRule): z.output<typeof CodeView> => rule;
export const linkView = ({ id, role, expiresAt, uses, used }: Link): z.output<typeof LinkView> => ({
  id,
  role,
  expiresAt,
  uses,
  used,
});
export const tiersView = (tiers: readonly SoldTier[]) => tiers.map(tierView);

/** Nothing that a page of events shows; what they are found by, and what the outbox keeps. */
export const UNSEEN = {
  words: 0,
  cityKey: 0,
  prices: 0,
  pending: 0,
  idempotencyKey: 0,
  requestHash: 0,
} as const;
export const UNLISTED = {
  ...UNSEEN,
  pools: 0,
  marks: 0,
  description: 0,
  links: 0,
  'internal.codes': 0,
  'internal.held': 0,
} as const;
