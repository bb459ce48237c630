import { z } from 'zod';
import { integer } from '@ticketing/common/config';
import { Id } from '@ticketing/common/contracts/message';
import { Page, type Sort } from '@ticketing/common/http/page';
import { holding, searchedFor } from '@ticketing/common/search';
import type { Filter } from '@ticketing/common/store';
import { text } from '@ticketing/common/text';

export const SORTS = {
  newest: { field: '_id', direction: -1 },
  oldest: { field: '_id', direction: 1 },
  cheapest: { field: 'price', direction: 1 },
  dearest: { field: 'price', direction: -1 },
} as const satisfies Record<string, Sort>;

export const STATUSES = ['available', 'reserved', 'sold'] as const;

/** A bound on the price, which says nothing of tickets in another currency. */
const bound = (currency: string) =>
  integer(0)
    .optional()
    .meta({ description: `In minor units of ${currency.toUpperCase()}; only tickets in it are found` });

export const listIn = (currency: string) =>
  Page.extend({
    q: text({ most: 100 }).optional().meta({
      description:
        'Words, or their beginnings of two letters or more, that the title, event, place or description holds; a word of one letter stands for itself',
    }),
    minPrice: bound(currency),
    maxPrice: bound(currency),
    status: z.enum(STATUSES).optional().meta({ description: 'Only tickets that are so' }),
    sellerId: Id.optional(),
    saleId: Id.optional(),
    sort: z
      .enum(['newest', 'oldest', 'cheapest', 'dearest'])
      .default('newest')
      .meta({ description: 'What comes first; newest when left out' }),
  });

export const filterOf = (
  { q, minPrice, maxPrice, status, sellerId, saleId }: Partial<z.output<ReturnType<typeof listIn>>>,
  currency: string,
  now: Date,
): Filter => ({
  deletedAt: null,
  // Those of somebody, and of one sale, are told whatever became of them.
  ...(sellerId === undefined && saleId === undefined && { 'date.at': { $not: { $lte: minuteOf(now) } } }),
  ...(q !== undefined && holding(searchedFor(q))),
  ...((minPrice ?? maxPrice) !== undefined && {
    currency,
    price: {
      ...(minPrice !== undefined && { $gte: minPrice }),
      ...(maxPrice !== undefined && { $lte: maxPrice }),
    },
  }),
  ...(status && { status }),
  ...(sellerId !== undefined && { sellerId }),
  ...(saleId !== undefined && { saleId }),
});

/** Dates are of whole minutes; and who asks within the same one asks the same. */
const minuteOf = (now: Date) => new Date(Math.floor(now.getTime() / 60_000) * 60_000);
