import { z } from 'zod';
import { defineMessage, Id, Instant, Version } from './message.ts';
import { Money } from './money.ts';

export const EventStatus = z.enum(['draft', 'published', 'cancelled']);
export type EventStatus = z.infer<typeof EventStatus>;

export const TeamRole = z.enum(['owner', 'manager', 'door']);
export type TeamRole = z.infer<typeof TeamRole>;

/** Eight hexadecimal digits of time and eight at random; with the number of a place it names that. */
export const PoolId = z.string().regex(/^[0-9a-f]{16}$/, 'must be a pool: 16 hexadecimal digits');

/** Places of a pool by their numbers, both ends included. */
export const Places = z.object({ poolId: PoolId, from: z.int().min(0), to: z.int().min(0) });
export type Places = z.infer<typeof Places>;

/** Its seats are called 1, 2, …, or by their names. */
export const Row = z.object({
  label: z.string(),
  seats: z.int().min(1),
  names: z.array(z.string()).optional(),
});

export const Block = z.object({ name: z.string(), rows: z.array(Row).min(1) });

/** What several tiers sell from: so many places, or those of its rows, numbered from 0 as they stand. */
export const Pool = z.object({ id: PoolId, capacity: z.int().min(1), blocks: z.array(Block).optional() });
export type Pool = z.infer<typeof Pool>;

export const Tier = z.object({
  id: Id,
  name: z.string(),
  poolId: PoolId,
  /** Minor units, tax included; 0 is free. */
  price: Money,
  /** Hundredths of a percent: 1900 is 19 %. */
  taxRate: z.int().min(0).max(10_000).optional(),
  /** Only a code shows it. */
  hidden: z.boolean().optional(),
  /** When its sale opens and closes; without them from publication to the end of the event. */
  opensAt: Instant.optional(),
  closesAt: Instant.optional(),
  /** Places of it that one account may have. */
  limit: z.int().min(1).optional(),
});
export type Tier = z.infer<typeof Tier>;

/** What a code does; what it is, is known by its keyed hash alone (`codes.ts`). */
export const CodeRule = z.object({
  id: Id,
  hash: z.string(),
  /** The tiers that it is for, and shows where they are hidden; without them all that are not. */
  tierIds: z.array(Id).optional(),
  /** Off the price of each place: a share, or minor units. */
  percent: z.int().min(1).max(100).optional(),
  amount: Money.optional(),
  /** How many places may be had by it, in all and by one account. */
  uses: z.int().min(1).optional(),
  limit: z.int().min(1).optional(),
});
export type CodeRule = z.infer<typeof CodeRule>;

/** What an organizer sells tickets for: all that services need of it. */
export const EventState = z.object({
  id: Id,
  version: Version,
  status: EventStatus,
  title: z.string(),
  /** A safe part of Markdown. */
  description: z.string().optional(),
  category: z.string(),
  organizer: z.object({
    name: z.string(),
    address: z.string().optional(),
    taxNumber: z.string().optional(),
  }),
  venue: z.object({
    name: z.string(),
    address: z.string().optional(),
    city: z.string(),
    country: z.string().optional(),
  }),
  zone: z.string().meta({ description: 'The IANA name of the time zone of the venue' }),
  /** Derived from what was meant: local time and zone. */
  startsAt: Instant,
  endsAt: Instant,
  currency: z.string(),
  tiers: z.array(Tier),
  pools: z.array(Pool),
  /** Places that are for who needs them, or who comes along. */
  marks: z.array(Places.extend({ mark: z.enum(['accessible', 'companion']) })).optional(),
  /** By what they hold: SHA-256 in hexadecimal digits. */
  pictures: z.array(z.string()).optional(),
  /** Until when holders may give back, and what of the price is kept. */
  returns: z.object({ until: Instant, feePercent: z.int().min(0).max(100) }).optional(),
  /** Who went out may come in again. */
  reentry: z.boolean().optional(),
  /** It was to begin then. */
  postponedFrom: Instant.optional(),
  createdAt: Instant,
  updatedAt: Instant,
  /** For services alone: no public answer, stream or catalog shows it. */
  internal: z.object({
    ownerId: Id,
    team: z.array(z.object({ userId: Id, role: TeamRole })),
    /** Places that are sold to guests and at the box office only. */
    held: z.array(Places),
    codes: z.array(CodeRule),
  }),
});
export type EventState = z.output<typeof EventState>;

export const EventPublished = defineMessage('event:published', EventState);
export const EventChanged = defineMessage('event:changed', EventState);
export const EventCancelled = defineMessage('event:cancelled', EventState);

/** For those to whom any change of an event is news: each carries its whole state. */
export const EVENT_MESSAGES = [EventPublished, EventChanged, EventCancelled] as const;
