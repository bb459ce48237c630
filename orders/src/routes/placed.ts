import type { Router } from 'express';
import { z } from 'zod';
import { Id, Instant } from '@ticketing/common/contracts/message';
import { Money } from '@ticketing/common/contracts/money';
import { CancelReason, OrderStatus } from '@ticketing/common/contracts/order';
import { plainAmount } from '@ticketing/common/currency';
import { csvLines, sendCsv } from '@ticketing/common/http/csv-reply';
import { Page, page } from '@ticketing/common/http/page';
import { signedIn } from '@ticketing/common/http/route';
import type { Records } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import { holding, searchedFor } from '@ticketing/common/search';
import type { Filter } from '@ticketing/common/store';
import { text } from '@ticketing/common/text';
import { csvTime } from '@ticketing/common/csv';
import type { Order } from '../domain.ts';
import { cellsOf, HEADINGS, placed, TOLD } from '../domain/placed.ts';
import { type KnownEvent, mayManage } from '../domain/places.ts';
import type { Halls } from '../halls.ts';
import { idsOf, numberOf, OrderNumber } from '@ticketing/common/order-number';
import { turns } from '@ticketing/common/turns';
import { statusIn, statusIs } from './status.ts';

const asked = {
  eventId: Id.meta({ description: 'Of which event' }),
  q: text({ most: 100 }).optional().meta({
    description:
      'The number of an order, or words of its buyer’s name or address as they stood when it was placed, or the beginnings of these',
  }),
  status: statusIn('places'),
};
const ListPlaced = Page.extend(asked);
const ExportPlaced = z.strictObject(asked);
type Asked = z.output<typeof ExportPlaced>;

/** To an event's team alone: no other answer, message or stream has a buyer's name or address. */
const Placed = z.object({
  id: Id,
  number: z.string(),
  status: OrderStatus,
  reason: CancelReason.optional(),
  places: z.int(),
  tiers: z.array(z.object({ tierId: z.string(), places: z.int() })),
  total: Money,
  currency: z.string(),
  paid: Money.meta({ description: 'What was paid here, whether or not it was given back' }),
  elsewhere: Money.meta({ description: 'What was paid at the box office' }),
  refunded: Money,
  createdAt: Instant,
  buyer: z
    .object({ name: z.string().optional(), email: z.string() })
    .optional()
    .meta({ description: 'As they stood when it was placed; unknown of old orders and deleted accounts' }),
});

interface Door {
  Orders: Records<Order>;
  halls: Pick<Halls, 'event'>;
}

/** The orders of an event, for who sells it. */
export const addPlaced = (router: Router, { Orders, halls }: Door): Router => {
  const ofTeam = async (eventId: string, userId: string): Promise<KnownEvent | Rejection> => {
    const event = await halls.event(eventId);
    if (!event || event.status === 'draft') return reject('not-found', `There is no event ${eventId}`);
    return mayManage(event, userId) ? event : reject('forbidden', 'This event is not yours');
  };
  /** What looks like a number may be a name, if no order has it. */
  const filterOf = async ({ eventId, q, status }: Asked): Promise<Filter> => {
    // Each status by name, which the index needs.
    const any = { status: { $in: OrderStatus.options } };
    const all = { saleId: eventId, 'items.kind': 'place', ...any, ...statusIs(status) };
    if (q === undefined) return all;
    const number = OrderNumber.safeParse(q).data;
    const named = number === undefined ? undefined : { ...all, _id: idsOf(number) };
    const found = named ? await Orders.find(named, { projection: { _id: 1 } }) : [];
    return found.length > 0
      ? { ...all, _id: { $in: found.map(({ _id }) => _id) } }
      : { ...all, ...holding(searchedFor(q)) };
  };
  /** A search reads all orders of its event: one at a time, as others reserve of the same database. */
  const inTurn = turns();
  const search = <R>({ eventId, q }: Asked, work: () => Promise<R>) =>
    q === undefined ? work() : inTurn(eventId, work);
  return router
    .get(
      '/api/orders/placed',
      signedIn(
        {
          summary: 'The orders of an event with their buyers, for its owner and managers, newest first',
          query: ListPlaced,
          replies: { 200: z.array(Placed) },
        },
        async ({ user, query, req }) => {
          const event = await ofTeam(query.eventId, user.id);
          if (isRejection(event)) return event;
          const view = (order: Order) => ({ ...placed(order), number: numberOf(order._id) });
          const filter = await filterOf(query);
          const options = { url: req.originalUrl, projection: TOLD };
          return search(query, () => page(Orders, filter, query, NEWEST, view, options));
        },
      ),
    )
    .get(
      '/api/orders/placed/csv',
      signedIn(
        {
          summary: 'The same as a spreadsheet: CSV in UTF-8, at the venue’s time',
          query: ExportPlaced,
          replies: { 200: { media: 'text/csv' } },
          replyHeaders: { 'Content-Disposition': 'That it is a file, and its name' },
        },
        async ({ user, query, res }) => {
          const event = await ofTeam(query.eventId, user.id);
          if (isRejection(event)) return event;
          const find: Door['Orders']['find'] = (...asked) => search(query, () => Orders.find(...asked));
          const lines = linesOf({ find }, await filterOf(query), event);
          return sendCsv(res, lines, `orders-${event._id}.csv`);
        },
      ),
    );
};

const NEWEST = { field: '_id', direction: -1 } as const;

/** So many orders are read, and in memory, at a time. */
const AT_ONCE = 200;

const linesOf = (Orders: Pick<Door['Orders'], 'find'>, filter: Filter, event: KnownEvent) => {
  const writing = { event, number: numberOf, amount: plainAmount, local: csvTime(event.zone) };
  return csvLines(Orders, filter, {
    headings: HEADINGS,
    cells: (order) => cellsOf(order, writing),
    sort: NEWEST,
    atOnce: AT_ONCE,
    projection: TOLD,
  });
};
