import { Router } from 'express';
import { z } from 'zod';
import { Id } from '@ticketing/common/contracts/message';
import { priceIn } from '@ticketing/common/contracts/money';
import { IfMatch } from '@ticketing/common/http/if-match';
import { page } from '@ticketing/common/http/page';
import { anyone, created, noContent, ok, signedIn } from '@ticketing/common/http/route';
import { IdempotencyKey } from '@ticketing/common/idempotency';
import type { Stream } from '@ticketing/common/http/stream';
import { reject } from '@ticketing/common/rejection';
import type { Store } from '@ticketing/common/store';
import type { Clock } from '@ticketing/common/runtime';
import { text } from '@ticketing/common/text';
import { LocalTime, Zone } from '@ticketing/common/zone';
import type { Commands } from './commands.ts';
import type { Ticket } from './domain.ts';
import { filterOf, listIn, SORTS } from './routes/list.ts';
import { addSales } from './routes/sales.ts';
import { INTERNAL, TicketView, view } from './routes/views.ts';

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

export const routes = (
  { offer, edit, withdraw }: Commands,
  Tickets: Store<Ticket>,
  stream: Stream,
  currency: string,
  clock: Pick<Clock, 'now'>,
) => {
  const OfferTicket = offerIn(currency);
  const router = Router();
  addSales(router, { Tickets, currency, clock });
  return router
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
