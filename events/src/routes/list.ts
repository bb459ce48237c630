import { z } from 'zod';
import { Currency } from '@ticketing/common/contracts/money';
import { integer } from '@ticketing/common/config';
import { Page, type Sort } from '@ticketing/common/http/page';
import { folded, holding, searchedFor } from '@ticketing/common/search';
import type { Filter } from '@ticketing/common/store';
import { text } from '@ticketing/common/text';
import { LONGEST } from '../domain/arrange.ts';
import { CATEGORIES } from './bodies.ts';

const Moment = z.iso
  .datetime({ offset: true, error: 'must be a moment such as 2026-06-01T18:00:00Z' })
  .transform((moment) => new Date(moment));

export const ListEvents = Page.extend({
  q: text({ most: 100 }).optional().meta({
    description:
      'Words, or their beginnings of two letters or more, of title, venue, city or description; a word of one letter stands for itself',
  }),
  from: Moment.optional().meta({
    description: 'What is not over by then; now when left out',
    type: 'string',
    format: 'date-time',
  }),
  to: Moment.optional().meta({ description: 'What begins before', type: 'string', format: 'date-time' }),
  city: text({ most: 100 }).optional().meta({ description: 'Whatever its accents and capitals' }),
  category: z.enum(CATEGORIES).optional().meta({ description: 'Only what is of this kind' }),
  currency: Currency.optional().meta({
    description: 'Only what is sold in it; that of the market where a price is asked for',
  }),
  minPrice: integer(0)
    .optional()
    .meta({ description: 'What has a price of so much or more, in minor units' }),
  maxPrice: integer(0)
    .optional()
    .meta({ description: 'What has a price of so much or less, in minor units' }),
  free: z.literal('true').optional().meta({ description: 'Only what has free tickets' }),
  sort: z
    .enum(['start', 'newest'])
    .default('start')
    .meta({ description: 'What comes first: what begins soonest, or what was published last' }),
  as: z
    .literal('team')
    .optional()
    .meta({ description: 'Events of whose team you are, drafts among them, whenever they are' }),
});
type Query = z.output<typeof ListEvents>;

export const SORTS = {
  start: { field: 'startsAt', direction: 1, moments: true },
  newest: { field: 'publishedAt', direction: -1, moments: true },
} as const satisfies Record<string, Sort>;
/** Drafts are not published at any time. */
export const OWN_SORTS = { ...SORTS, newest: { field: '_id', direction: -1 } } as const satisfies Record<
  string,
  Sort
>;

/** What everybody is shown. */
export const published = (query: Query, now: Date, currency: string): Filter => ({
  ...filterOf(query, now, currency),
  status: 'published',
  // An index of which nothing is asked gives order alone: it would not pass over what is over.
  ...(query.sort === 'newest' && query.cursor === undefined && { publishedAt: { $gt: new Date(0) } }),
});

export const ofTeam = (userId: string, query: Query, currency: string): Filter => ({
  ...filterOf(query, query.from ?? new Date(0), currency),
  'internal.team.userId': userId,
});

function filterOf(
  { q, from, to, city, category, minPrice, maxPrice, free, sort, cursor, ...query }: Query,
  since: Date,
  market: string,
): Filter {
  const open = from ?? since;
  const asks = (minPrice ?? maxPrice) !== undefined;
  const currency = query.currency ?? (asks ? market : undefined);
  const begins = {
    // What began so long before is over: the index need not look at it. A cursor says by itself where to begin.
    ...(sort === 'start' && cursor === undefined && { $gte: new Date(open.getTime() - LONGEST) }),
    ...(to && { $lt: to }),
  };
  return {
    endsAt: { $gte: open },
    ...(Object.keys(begins).length > 0 && { startsAt: begins }),
    ...(q !== undefined && holding(searchedFor(q))),
    ...(city !== undefined && { cityKey: folded(city) }),
    ...(category && { category }),
    ...(currency !== undefined && { currency }),
    ...(asks && {
      prices: {
        $elemMatch: {
          ...(minPrice !== undefined && { $gte: minPrice }),
          ...(maxPrice !== undefined && { $lte: maxPrice }),
        },
      },
    }),
    ...(free && { $and: [{ prices: 0 }] }),
  };
}
