import { Router } from 'express';
import { z } from 'zod';
import { Id } from '@ticketing/common/contracts/message';
import { priceIn } from '@ticketing/common/contracts/money';
import { TicketState } from '@ticketing/common/contracts/ticket';
import { IfMatch } from '@ticketing/common/http/if-match';
import { Page, page, type Sort } from '@ticketing/common/http/page';
import { anyone, created, noContent, ok, signedIn } from '@ticketing/common/http/route';
import { IdempotencyKey } from '@ticketing/common/idempotency';
import type { Stream } from '@ticketing/common/http/stream';
import { reject } from '@ticketing/common/rejection';
import { holding, searchedFor } from '@ticketing/common/search';
import type { Filter, Store } from '@ticketing/common/store';
import type { Clock } from '@ticketing/common/runtime';
import { text } from '@ticketing/common/text';
import { LocalTime, Zone } from '@ticketing/common/zone';
import { integer } from '@ticketing/common/config';
import type { Commands } from './commands.ts';
import { type Ticket, versionShown } from './domain.ts';

const Title = text({ most: 140 });
const Short = text({ most: 100 });
const When = z
  .strictObject({ local: LocalTime, zone: Zone })
  .meta({ description: 'When it is for; the ticket leaves the market then' });
const Description = text({ most: 2000, least: 0, lines: true });

const offerIn = (currency: string) =>
  z.strictObject({
    title: Title,
    description: Description.optional(),
    event: Short.optional().meta({ description: 'What it lets somebody into' }),
    place: Short.optional().meta({ description: 'Where that is' }),
    date: When.optional(),
    price: priceIn(currency),
    saleId: Id.optional().meta({
      description: 'Of an earlier ticket of yours, to be sold together with, in its currency',
    }),
  });
const editIn = (currency: string) =>
  z
    .strictObject({
      title: Title,
      description: Description.nullable(),
      event: Short.nullable(),
      place: Short.nullable(),
      date: When.nullable(),
      price: priceIn(currency),
    })
    .partial()
    .refine(
      (edit) => Object.keys(edit).length > 0,
      'must name at least one of title, description, event, place, date, price',
    )
    .meta({ minProperties: 1 });
const ById = z.object({ id: Id });

const SORTS = {
  newest: { field: '_id', direction: -1 },
  oldest: { field: '_id', direction: 1 },
  cheapest: { field: 'price', direction: 1 },
  dearest: { field: 'price', direction: -1 },
} as const satisfies Record<string, Sort>;

/** A bound on the price, which says nothing of tickets in another currency. */
const bound = (currency: string) =>
  integer(0)
    .optional()
    .meta({ description: `In minor units of ${currency.toUpperCase()}; only tickets in it are found` });

const listIn = (currency: string) =>
  Page.extend({
    q: text({ most: 100 }).optional().meta({
      description:
        'Words, or their beginnings of two letters or more, that the title, event, place or description holds; a word of one letter stands for itself',
    }),
    minPrice: bound(currency),
    maxPrice: bound(currency),
    status: z
      .enum(['available', 'reserved', 'sold'])
      .optional()
      .meta({ description: 'Only tickets that are so' }),
    sellerId: Id.optional(),
    saleId: Id.optional(),
    sort: z
      .enum(['newest', 'oldest', 'cheapest', 'dearest'])
      .default('newest')
      .meta({ description: 'What comes first; newest when left out' }),
  });

const TicketView = TicketState.omit({ deletedAt: true }).extend({
  sellerName: z.string().optional().meta({ description: 'As the seller wants to be called' }),
  status: z.enum(['available', 'reserved', 'sold']),
});

/** What everybody may see; written out without spreads, as it is the hottest path of the suite. */
export const view = (ticket: Ticket): z.output<typeof TicketView> & { deleted?: true | undefined } => ({
  id: ticket._id,
  version: versionShown(ticket),
  title: ticket.title,
  description: ticket.description,
  event: ticket.event,
  place: ticket.place,
  date: ticket.date,
  price: ticket.price,
  currency: ticket.currency,
  sellerId: ticket.sellerId,
  sellerName: ticket.sellerName,
  saleId: ticket.saleId,
  status: ticket.status,
  createdAt: ticket.createdAt,
  updatedAt: ticket.updatedAt,
  deleted: ticket.deletedAt ? true : undefined,
});

const INTERNAL = { holds: 0, words: 0, pending: 0, idempotencyKey: 0, requestHash: 0 } as const;

const filterOf = (
  { q, minPrice, maxPrice, status, sellerId, saleId }: z.output<ReturnType<typeof listIn>>,
  currency: string,
  now: Date,
): Filter => ({
  deletedAt: null,
  // Those of somebody, and of one sale, are told whatever became of them.
  ...(sellerId === undefined && saleId === undefined && { 'date.at': { $not: { $lte: now } } }),
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

export const routes = (
  { offer, edit, withdraw }: Commands,
  Tickets: Store<Ticket>,
  stream: Stream,
  currency: string,
  clock: Pick<Clock, 'now'>,
) => {
  const OfferTicket = offerIn(currency);
  return Router()
    .get(
      '/api/tickets',
      anyone(
        {
          summary: 'The market: what is not over; of a seller or a sale, all',
          query: listIn(currency),
          replies: { 200: z.array(TicketView) },
        },
        ({ query, req }) =>
          page(Tickets, filterOf(query, currency, clock.now()), query, SORTS[query.sort], view, {
            url: req.originalUrl,
            projection: INTERNAL,
          }),
      ),
    )
    .post(
      '/api/tickets',
      signedIn(
        {
          summary: 'Put a ticket on sale',
          headers: IdempotencyKey,
          body: OfferTicket,
          replies: { 201: TicketView },
        },
        ({ user, body, headers }) =>
          created(
            offer(user.id, body, headers['idempotency-key']).then(shown),
            ({ id }) => `/api/tickets/${id}`,
          ),
      ),
    )
    .get(
      '/api/tickets/stream',
      anyone({ summary: 'Server-sent events of what changes', replies: { 200: 'stream' } }, ({ req, res }) =>
        stream.serve(req, res),
      ),
    )
    .get(
      '/api/tickets/:id',
      anyone({ summary: 'One ticket', params: ById, replies: { 200: TicketView } }, async ({ params }) => {
        const ticket = await Tickets.findOne({ _id: params.id }, { projection: INTERNAL });
        return !ticket || ticket.deletedAt
          ? reject('not-found', `There is no ticket ${params.id}`)
          : ok(view(ticket));
      }),
    )
    .patch(
      '/api/tickets/:id',
      signedIn(
        {
          summary: 'Change a ticket of yours',
          params: ById,
          headers: IfMatch,
          body: editIn(currency),
          replies: { 200: TicketView },
        },
        ({ user, params, headers, body }) => ok(edit(user, params.id, body, headers['if-match']).then(shown)),
      ),
    )
    .put(
      '/api/tickets/:id',
      signedIn(
        {
          summary: 'Replace what a ticket of yours says and costs',
          params: ById,
          headers: IfMatch,
          body: OfferTicket.omit({ saleId: true }),
          replies: { 200: TicketView },
        },
        ({ user, params, headers, body }) =>
          ok(
            edit(
              user,
              params.id,
              {
                ...body,
                description: body.description ?? null,
                event: body.event ?? null,
                place: body.place ?? null,
                date: body.date ?? null,
              },
              headers['if-match'],
            ).then(shown),
          ),
      ),
    )
    .delete(
      '/api/tickets/:id',
      signedIn(
        {
          summary: 'Withdraw a ticket of yours',
          params: ById,
          headers: IfMatch,
          replies: { 204: 'nothing' },
        },
        ({ user, params, headers }) => noContent(withdraw(user, params.id, headers['if-match'])),
      ),
    );
};

const shown = <R extends object>(outcome: Ticket | R) =>
  'version' in outcome ? view(outcome as Ticket) : (outcome as R);
