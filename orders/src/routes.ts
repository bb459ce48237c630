import { Router } from 'express';
import { z } from 'zod';
import { integer } from '@ticketing/common/config';
import { Id, Instant, Version } from '@ticketing/common/contracts/message';
import { Money } from '@ticketing/common/contracts/money';
import { LIVE, OrderState } from '@ticketing/common/contracts/order';
import { IdempotencyKey } from '@ticketing/common/idempotency';
import { Page, page } from '@ticketing/common/http/page';
import { created, noContent, ok, signedIn } from '@ticketing/common/http/route';
import type { Stream } from '@ticketing/common/http/stream';
import { numberOf } from '@ticketing/common/number';
import type { Records } from '@ticketing/common/record';
import { isRejection, reject } from '@ticketing/common/rejection';
import type { Store } from '@ticketing/common/store';
import type { Metrics } from '@ticketing/common/metrics';
import { text } from '@ticketing/common/text';
import { Zone } from '@ticketing/common/zone';
import type { Commands } from './commands.ts';
import { cancellableUntil, mustSee, type Order, roleIn, type Ticket } from './domain.ts';
import { customer } from './domain/buyer.ts';
import { type KnownEvent, shownEvent } from './domain/places.ts';
import { earnings, type Sales, since } from './domain/earnings.ts';
import { salesOf } from './model.ts';
import { idsOf, OrderNumber } from './number.ts';
import { addPlaced } from './routes/placed.ts';
import { addPlaces, OrderPlaces, type PlacesDoor, ShownEvent } from './routes/places.ts';
import { statusIn, statusIs } from './routes/status.ts';

const OrderTickets = z.strictObject({
  ticketIds: z
    .array(Id)
    .min(1, 'must name at least one ticket')
    .max(10, 'must name at most 10 tickets')
    .refine((ids) => new Set(ids).size === ids.length, 'must name each ticket once')
    .meta({ description: 'All of one sale; all are reserved, or none', uniqueItems: true }),
  seen: z
    .array(z.strictObject({ ticketId: Id, price: Money.optional(), version: Version.optional() }))
    .max(10)
    .default([])
    .meta({
      description:
        'The price or version of each ticket that the buyer saw; refused with 409 if it has changed. An order that leaves one out pays any price: deprecated',
    }),
});
const GiveBack = z.strictObject({
  ticketIds: z
    .array(Id)
    .min(1, 'must name at least one ticket')
    .max(100, 'must name at most 100 tickets')
    .refine((ids) => new Set(ids).size === ids.length, 'must name each ticket once')
    .meta({ description: 'Of its `items`; what left it before stays as it is', uniqueItems: true }),
  note: text({ most: 200 }).optional().meta({ description: 'Why, for its buyer' }),
});
const PlaceOrder = z.union([OrderTickets, OrderPlaces]);
/** Sent with the answer to an order that does not say what its buyer saw (RFC 9745, RFC 8594). */
const DEPRECATED = {
  Deprecation: `@${Date.UTC(2026, 10, 26) / 1000}`,
  Sunset: new Date(Date.UTC(2027, 2, 1)).toUTCString(),
};
const ById = z.object({ id: Id });
const ByIdOrNumber = z.object({
  id: z
    .union([Id, OrderNumber])
    .meta({ description: 'An id, or the number that pages show and people read out' }),
});
/** As its buyer, its sellers and admins are shown it. */
const OrderView = OrderState.extend({
  number: z
    .string()
    .meta({ description: 'What people read out; `GET /api/orders/{id}` takes it for the id' }),
  cancellableUntil: Instant.optional().meta({
    description: 'Until when the buyer of a complete order may cancel it',
  }),
  event: ShownEvent.optional().meta({
    description: 'Whose places it holds, as it is now; not in the stream',
  }),
});
const ListOrders = Page.extend({
  as: z
    .enum(['buyer', 'seller'])
    .default('buyer')
    .meta({ description: 'Orders that you placed, or those of your tickets' }),
  status: statusIn('tickets'),
  ticketId: Id.optional().meta({ description: 'Only the order that holds this ticket, or has bought it' }),
});
const Window = z.strictObject({
  days: integer(1, 365).default(30).meta({ description: 'How many days back, today included' }),
  zone: Zone.default('UTC').meta({ description: 'Whose days, as the IANA name of a time zone' }),
});
const Earned = z.object({
  currency: z.string(),
  earned: Money.meta({
    description: 'Over all time, what was given back not counted; minor units of the currency',
  }),
  sold: z.int().meta({ description: 'How many tickets that were' }),
  refunded: Money.meta({ description: 'What was paid and given back, over all time' }),
  days: z
    .array(z.object({ date: z.iso.date(), amount: Money, sold: z.int() }))
    .meta({ description: 'The days of that zone on which something was sold, oldest first' }),
});
const Earnings = Earned.extend({
  others: z
    .array(Earned)
    .meta({ description: 'The same in each other currency in which something was sold' }),
}).meta({ description: 'In the currency of the market, and apart from it in others' });

/** What is told of an order, where buyers may undo what they paid for so many seconds. */
export const viewWith = (buyerCancelSeconds: number) => (order: Order) => {
  const {
    _id,
    pending,
    outbox,
    payments,
    idempotencyKey,
    requestHash,
    buyer,
    words,
    slot,
    allowances,
    freed,
    atBank,
    confirmed,
    ...told
  } = order;
  const until = cancellableUntil(order, buyerCancelSeconds);
  return { id: _id, number: numberOf(_id), ...told, ...(until && { cancellableUntil: until }) };
};

/** Of an event, what its orders show. */
const SHOWN = { tiers: 0, pools: 0, marks: 0, internal: 0, description: 0 } as const;

interface Deps extends PlacesDoor {
  act: Commands;
  Orders: Records<Order>;
  Tickets: Store<Ticket>;
  Events: Store<KnownEvent>;
  view: ReturnType<typeof viewWith>;
  stream: Stream;
  metrics: Pick<Metrics, 'count'>;
  /** The market's. */
  currency: string;
}

export const routes = ({ act, view, stream, metrics, currency, ...deps }: Deps) => {
  const { Orders, Tickets, Events } = deps;
  const { place, placePlaces, cancel, giveBack, manages } = act;
  /** Live orders of a ticket, by the index that sells it once. */
  const holding = async (ticketId: string) => {
    const [ticket] = await Tickets.find({ _id: ticketId }, { limit: 1 });
    return { saleId: ticket?.saleId ?? ticketId, 'items.ticketId': ticketId, status: { $in: LIVE } };
  };
  const shown = <R extends object>(outcome: Order | R) =>
    'version' in outcome ? view(outcome as Order) : (outcome as R);
  /** With the events whose places orders hold, as they are now. */
  const withEvents = async (views: readonly ReturnType<typeof view>[]) => {
    const isOfEvent = ({ items }: Pick<Order, 'items'>) => items.some(({ kind }) => kind === 'place');
    const ids = [...new Set(views.filter(isOfEvent).map(({ saleId }) => saleId))];
    const found = ids.length > 0 ? await Events.find({ _id: { $in: ids } }, { projection: SHOWN }) : [];
    const events = new Map(found.map((event) => [event._id, shownEvent(event)]));
    return views.map((told) => {
      const event = isOfEvent(told) ? events.get(told.saleId) : undefined;
      return event ? { ...told, event } : told;
    });
  };
  const withEvent = async (told: ReturnType<typeof view>) => (await withEvents([told]))[0] ?? told;
  /** With the event as it was a moment ago, which is what was sold. */
  const withKnown = async (told: ReturnType<typeof view>) => {
    const event = await deps.halls.event(told.saleId);
    return event ? { ...told, event: shownEvent(event) } : told;
  };
  const router = Router()
    .get(
      '/api/orders',
      signedIn(
        { summary: 'Your orders', query: ListOrders, replies: { 200: z.array(OrderView) } },
        async ({ user, query, req }) => {
          const found = await page(
            Orders,
            {
              [query.as === 'seller' ? 'items.sellerId' : 'userId']: user.id,
              ...(query.ticketId === undefined
                ? statusIs(query.status)
                : { $and: [await holding(query.ticketId), statusIs(query.status)] }),
            },
            query,
            { field: '_id', direction: -1 },
            view,
            { url: req.originalUrl },
          );
          return isRejection(found)
            ? found
            : { ...found, body: await withEvents(found.body as ReturnType<typeof view>[]) };
        },
      ),
    )
    .post(
      '/api/orders',
      signedIn(
        {
          summary: 'Reserve tickets, or places of an event',
          headers: IdempotencyKey,
          body: PlaceOrder,
          replies: { 201: OrderView },
          replyHeaders: {
            Deprecation:
              'Since when an order without `seen` is deprecated (RFC 9745); with such an order only',
            Sunset: 'From when it may be refused (RFC 8594)',
          },
        },
        async ({ user, body, headers, req, res }) => {
          const idempotencyKey = headers['idempotency-key'];
          if ('eventId' in body) {
            const made = await placePlaces(
              { ...customer(user), address: req.ip },
              { ...body, idempotencyKey },
            );
            return created(isRejection(made) ? made : withKnown(view(made)), ({ id }) => `/api/orders/${id}`);
          }
          if (mustSee(body.ticketIds, body.seen)) {
            metrics.count('orders_unseen_total');
            for (const [name, value] of Object.entries(DEPRECATED)) res.setHeader(name, value);
          }
          return created(
            place(customer(user), { ...body, idempotencyKey }).then(shown),
            ({ id }) => `/api/orders/${id}`,
          );
        },
      ),
    )
    .get(
      '/api/orders/stream',
      signedIn(
        { summary: 'Server-sent events of your orders', replies: { 200: 'stream' } },
        ({ user, req, res }) => stream.serve(req, res, user),
      ),
    )
    .get(
      '/api/orders/earnings',
      signedIn(
        { summary: 'What your tickets earned', query: Window, replies: { 200: Earnings } },
        async ({ user, query }) => {
          const asked = { ...query, currency, now: Orders.clock.now() };
          const sales = (await Orders.aggregate(salesOf(user.id, since(asked)))) as Sales[];
          return ok(earnings(sales, asked));
        },
      ),
    );
  return addPlaced(addPlaces(router, deps), deps)
    .get(
      '/api/orders/:id',
      signedIn(
        { summary: 'An order of yours', params: ByIdOrNumber, replies: { 200: OrderView } },
        async ({ user, params: { id } }) => {
          const orders = await Orders.find({ _id: idsOf(id) });
          for (const order of orders)
            if (roleIn(user, order) ?? (await manages(user.id, order))) return ok(withEvent(view(order)));
          // By a number one does not learn of others' orders.
          return orders.some(({ _id }) => _id === id)
            ? reject('forbidden', 'This order is not yours')
            : reject('not-found', `There is no order ${id}`);
        },
      ),
    )
    .post(
      '/api/orders/:id/returns',
      signedIn(
        {
          summary: 'Take back some of what a paid order holds; its price goes back to the buyer',
          params: ById,
          body: GiveBack,
          replies: { 200: OrderView },
        },
        async ({ user, params, body }) => {
          const outcome = await giveBack(user, params.id, body);
          return isRejection(outcome) ? outcome : ok(withEvent(view(outcome)));
        },
      ),
    )
    .delete(
      '/api/orders/:id',
      signedIn(
        { summary: 'Cancel an order', params: ById, replies: { 204: 'nothing' } },
        ({ user, params }) => noContent(cancel(user, params.id)),
      ),
    );
};
