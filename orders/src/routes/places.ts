import type { Router } from 'express';
import { z } from 'zod';
import { Code } from '@ticketing/common/codes';
import { integer } from '@ticketing/common/config';
import { EventState, PoolId } from '@ticketing/common/contracts/event';
import { Id, Instant } from '@ticketing/common/contracts/message';
import { Money } from '@ticketing/common/contracts/money';
import { LIVE } from '@ticketing/common/contracts/order';
import { idsIn } from '@ticketing/common/http/ids';
import { anyone, ok, signedIn } from '@ticketing/common/http/route';
import type { Records } from '@ticketing/common/record';
import type { Store } from '@ticketing/common/store';
import { isAdmin } from '@ticketing/common/user';
import { reject } from '@ticketing/common/rejection';
import { type KnownEvent, mayManage, MOST, MOST_OF_TEAM } from '../domain/places.ts';
import type { Order } from '../domain.ts';
import { since } from '../domain/earnings.ts';
import type { Ending } from '../domain/endings.ts';
import type { Used } from '../domain/allowances.ts';
import { eventSales, type PlacesSold } from '../domain/sales.ts';
import type { Halls } from '../halls.ts';
import { boughtOf, placesSoldOf, unboughtOf, unpaidOf } from '../model.ts';
import type { LeftStream } from './left.ts';

/** Places are numbered in eight hexadecimal digits. */
const LAST_PLACE = 0xffff_ffff;

const line = {
  tierId: Id,
  price: Money.meta({
    description: 'What one costs, as the buyer saw it; refused with 409 if that has changed',
  }),
};
const Line = z.union([
  z.strictObject({ ...line, quantity: z.int().min(1).max(MOST_OF_TEAM) }),
  z.strictObject({
    ...line,
    places: z
      .array(z.int().min(0).max(LAST_PLACE))
      .min(1)
      .max(MOST_OF_TEAM)
      .meta({ description: 'These, by their numbers in the pool of the tier' }),
  }),
]);
export const OrderPlaces = z.strictObject({
  eventId: Id,
  lines: z
    .array(Line)
    .min(1, 'must name at least one tier')
    .max(MOST_OF_TEAM)
    .meta({ description: `At most ${MOST} places in all, ${MOST_OF_TEAM} for the event’s team` }),
  code: Code.optional().meta({ description: 'For hidden tiers and discounts' }),
  for: z.enum(['guests', 'box-office']).optional().meta({
    description:
      'By the owner and managers of the event: for guests at 0, or for what was paid elsewhere; complete at once, also of places that are held back',
  }),
});

/** As it is now to those who hold its places. */
export const ShownEvent = EventState.pick({
  id: true,
  version: true,
  status: true,
  title: true,
  venue: true,
  zone: true,
  startsAt: true,
  endsAt: true,
  postponedFrom: true,
  returns: true,
});
const PoolLeft = z.object({
  poolId: PoolId,
  left: z.int().min(0).meta({ description: 'What buyers can still have; no promise' }),
});
const Left = z.object({
  eventId: Id,
  pools: z.array(
    PoolLeft.extend({
      gone: z.string().optional().meta({
        contentEncoding: 'base64',
        description:
          'Of pools with blocks: a bit for each place, of place n `1 << (n & 7)` in byte `n >> 3`, set where it is reserved, sold or held back',
      }),
    }),
  ),
});
const Counts = z.array(
  z.object({
    eventId: Id,
    pools: z.array(
      PoolLeft.extend({
        of: z.int().min(0).meta({ description: 'What they could have at first' }),
      }),
    ),
  }),
);
/** As many as a page of events shows. */
const MOST_COUNTED = 50;
const OfEvents = z.strictObject({ eventIds: idsIn(MOST_COUNTED, 'Of which events') });
const EndingView = z.object({
  eventId: Id,
  ended: z.int().meta({ description: 'Orders that were ended so far' }),
  left: z.int().meta({ description: 'Orders that are still to be ended' }),
  doneAt: Instant.optional(),
});
const SalesOf = z.strictObject({
  eventId: Id.meta({ description: 'Of which event' }),
  days: integer(1, 365).default(30).meta({ description: 'How many days back, today included' }),
});
const SalesView = z.object({
  eventId: Id,
  currency: z.string(),
  zone: z.string().meta({ description: 'Of the venue: whose days they are' }),
  sold: z.int().meta({ description: 'Places that are sold, guests among them' }),
  held: z.int().meta({ description: 'Places that somebody is just paying' }),
  earned: Money.meta({ description: 'What was paid here and not given back' }),
  elsewhere: Money.meta({ description: 'What was paid at the box office' }),
  refunded: Money.meta({ description: 'What was paid here and given back, or is about to be' }),
  tiers: z.array(z.object({ tierId: Id, sold: z.int(), held: z.int(), earned: Money, elsewhere: Money })),
  days: z
    .array(z.object({ date: z.iso.date(), amount: Money, sold: z.int() }))
    .meta({ description: 'The days on which something was sold, oldest first' }),
  orders: z
    .object({
      complete: z.int().meta({ description: 'Those that were ever complete' }),
      unpaid: z.int().meta({ description: 'Those that are still to be paid' }),
      ended: z.int().meta({ description: 'Those that ended without being paid' }),
    })
    .meta({ description: 'What became of the orders that were placed, which is all of these' }),
  codes: z
    .array(z.object({ codeId: Id, used: z.int(), of: z.int() }))
    .meta({ description: 'Of codes with so many uses, for how many places they are used just now' }),
});
const OfEvent = z.strictObject({ eventId: Id.meta({ description: 'Of which event' }) });
const ByEvent = z.object({ eventId: Id });

export interface PlacesDoor {
  Orders: Pick<Records<Order>, 'count' | 'aggregate' | 'clock'>;
  Endings: Pick<Store<Ending>, 'findOne'>;
  halls: Halls;
  left: LeftStream;
}

/** What there is to be read about the places of an event. */
export const addPlaces = (router: Router, { Orders, Endings, halls, left }: PlacesDoor): Router => {
  const onSale = async (eventId: string) => {
    const event = await halls.event(eventId);
    return event?.status === 'draft' ? null : event;
  };
  return router
    .get(
      '/api/orders/places',
      anyone(
        {
          summary: 'How many places of an event are left, and which seats are gone',
          query: OfEvent,
          replies: { 200: Left },
        },
        async ({ query: { eventId } }) => {
          const event = await onSale(eventId);
          if (!event) return reject('not-found', `There is no event ${eventId}`);
          const hall = halls.of(eventId);
          await hall.refresh();
          return { status: 200, text: hall.counted(event).whole };
        },
      ),
    )
    .get(
      '/api/orders/places/counts',
      anyone(
        {
          summary: 'How many places of several events are left, of those that are on sale or were',
          query: OfEvents,
          replies: { 200: Counts },
        },
        async ({ query: { eventIds } }) => {
          const counts: z.output<typeof Counts> = [];
          // One after the other: who asks about many events waits longer, and nobody else does.
          for (const eventId of new Set(eventIds)) {
            const event = await onSale(eventId);
            if (!event) continue;
            const left = await halls.brief(event);
            const pools = left.map((pool) => ({ ...pool, of: forBuyers(event, pool.poolId) }));
            counts.push({ eventId, pools });
          }
          return ok(counts);
        },
      ),
    )
    .get(
      '/api/orders/places/stream',
      anyone(
        {
          summary:
            'Server-sent events of what is left of an event: the same answer first, then, of pools that changed, `left` and the seats `taken` and `freed`; after many changes the whole anew',
          query: OfEvent,
          replies: { 200: 'stream' },
        },
        async ({ query: { eventId }, res }) =>
          (await onSale(eventId))
            ? left.serve(eventId, res)
            : reject('not-found', `There is no event ${eventId}`),
      ),
    )
    .get(
      '/api/orders/sales',
      signedIn(
        {
          summary: 'How an event sells, for its owner and managers',
          query: SalesOf,
          replies: { 200: SalesView },
        },
        async ({ user, query: { eventId, days } }) => {
          const event = await halls.event(eventId);
          if (!event || event.status === 'draft') return reject('not-found', `There is no event ${eventId}`);
          if (!isAdmin(user) && !mayManage(event, user.id))
            return reject('forbidden', 'This event is not yours');
          const asked = { days, now: Orders.clock.now() };
          const rows = (await Orders.aggregate(placesSoldOf(eventId, since(asked)))) as PlacesSold[];
          const [complete = 0, unpaid = 0, ended = 0] = await Promise.all(
            [boughtOf, unpaidOf, unboughtOf].map((of) => Orders.count(of(eventId))),
          );
          const hall = halls.of(eventId);
          await hall.refresh();
          return ok({
            eventId,
            ...eventSales(rows, event, asked),
            orders: { complete, unpaid, ended },
            codes: usesOf(event, hall.used),
          });
        },
      ),
    )
    .get(
      '/api/orders/endings/:eventId',
      signedIn(
        {
          summary: 'How far the orders of a cancelled event are ended',
          params: ByEvent,
          replies: { 200: EndingView },
        },
        async ({ user, params: { eventId } }) => {
          const event = await halls.event(eventId);
          const ending = await Endings.findOne({ _id: eventId });
          if (!event || !ending) return reject('not-found', `There is no cancelled event ${eventId}`);
          if (!isAdmin(user) && !mayManage(event, user.id))
            return reject('forbidden', 'This event is not yours');
          const left = await Orders.count({ saleId: eventId, status: { $in: LIVE } });
          return ok({ eventId, ended: ending.ended, left, ...(ending.doneAt && { doneAt: ending.doneAt }) });
        },
      ),
    );
};

const usesOf = ({ internal }: KnownEvent, used: Used) =>
  internal.codes.flatMap(({ id, uses }) =>
    uses === undefined ? [] : [{ codeId: id, used: used.get(id)?.size ?? 0, of: uses }],
  );

/** How many places of a pool are not held back. */
const forBuyers = ({ pools, internal }: KnownEvent, poolId: string) =>
  internal.held
    .filter((range) => range.poolId === poolId)
    .reduce(
      (left, { from, to }) => left - (to - from + 1),
      pools.find(({ id }) => id === poolId)?.capacity ?? 0,
    );
