import type { Router } from 'express';
import { AdmissionStatus } from '@ticketing/common/contracts/admission';
import { Id, Instant } from '@ticketing/common/contracts/message';
import { CancelReason, OrderItem } from '@ticketing/common/contracts/order';
import { csvTime } from '@ticketing/common/csv';
import { csvLines, sendCsv } from '@ticketing/common/http/csv-reply';
import { Page, page } from '@ticketing/common/http/page';
import { signedIn } from '@ticketing/common/http/route';
import { idsOf, numberOf, OrderNumber } from '@ticketing/common/order-number';
import { seatName } from '@ticketing/common/places';
import { isRejection } from '@ticketing/common/rejection';
import { holding, searchedFor } from '@ticketing/common/search';
import type { Filter, Store } from '@ticketing/common/store';
import { text } from '@ticketing/common/text';
import { turns } from '@ticketing/common/turns';
import { z } from 'zod';
import { firstIn, lastIn } from '../domain/entry.ts';
import type { Admission, KnownEvent } from '../domain/record.ts';
import { DOORS, MANAGERS } from '../domain/team.ts';
import type { OfTeam } from './door.ts';

const ByEvent = z.object({ eventId: Id });

const ListHolders = Page.extend({
  q: text({ most: 100 }).optional().meta({
    description: 'The number of an order, or words of the name of who will come, or the beginnings of these',
  }),
  status: AdmissionStatus.optional().meta({ description: 'Those that stand so; all when left out' }),
});

/** A ticket as the team sees it. */
const HolderView = z.object({
  id: Id,
  number: z.string().meta({ description: 'Of its order' }),
  tier: z.string(),
  seat: OrderItem.shape.seat,
  name: z.string().optional(),
  status: AdmissionStatus,
  reason: z.enum([...CancelReason.options, 'blocked']).optional(),
  note: z.string().optional(),
  generation: z.int(),
  enteredAt: Instant.optional(),
  door: z.string().optional().meta({ description: 'By which they came in last' }),
  conflict: z.boolean().optional(),
});

const Counts = z.object({
  tiers: z.array(
    z
      .object({ tierId: z.string(), status: AdmissionStatus, count: z.int() })
      .meta({ description: 'Of each kind' }),
  ),
  conflicts: z
    .int()
    .meta({ description: 'Tickets to look at: not all that happened with them can have been right' }),
  entries: z
    .array(z.object({ from: Instant, count: z.int() }))
    .meta({ description: 'Who came in, in each five minutes' }),
});

const OLDEST = { field: '_id', direction: 1 } as const;
/** What is shown to nobody: whom it belongs to, and how it is found. */
const UNSEEN = { words: 0, claim: 0, pending: 0 } as const;

/** The tickets of an event, for its team. */
export const addTeam = (
  router: Router,
  { Admissions, ofTeam }: { Admissions: Store<Admission>; ofTeam: OfTeam },
): Router => {
  /** A report reads all tickets of its event: one at a time. */
  const inTurn = turns();
  return router
    .get(
      '/api/admissions/events/:eventId',
      signedIn(
        {
          summary: 'The tickets of an event, for its team',
          params: ByEvent,
          query: ListHolders,
          replies: { 200: z.array(HolderView) },
        },
        async ({ user, params, query, req }) => {
          const event = await ofTeam(params.eventId, user.id, DOORS);
          if (isRejection(event)) return event;
          const options = { url: req.originalUrl, projection: UNSEEN };
          return page(Admissions, filterOf(event._id, query), query, OLDEST, viewIn(event), options);
        },
      ),
    )
    .get(
      '/api/admissions/events/:eventId/counts',
      signedIn(
        {
          summary: 'How many came, and when, for its team',
          params: ByEvent,
          replies: { 200: Counts },
        },
        async ({ user, params: { eventId } }) => {
          const event = await ofTeam(eventId, user.id, DOORS);
          if (isRejection(event)) return event;
          const [counted] = (await inTurn(eventId, () =>
            Admissions.aggregate(countsOf(eventId)),
          )) as Counted[];
          return {
            status: 200,
            body: {
              tiers: counted?.tiers.map(({ _id, count }) => ({ ..._id, count })) ?? [],
              conflicts: counted?.conflicts[0]?.count ?? 0,
              entries: counted?.entries.map(({ _id, count }) => ({ from: _id, count })) ?? [],
            },
          };
        },
      ),
    )
    .get(
      '/api/admissions/events/:eventId/csv',
      signedIn(
        {
          summary: 'The same as a spreadsheet: CSV in UTF-8, at the venue’s time',
          params: ByEvent,
          replies: { 200: { media: 'text/csv' } },
          replyHeaders: { 'Content-Disposition': 'That it is a file, and its name' },
        },
        async ({ user, params, res }) => {
          const event = await ofTeam(params.eventId, user.id, MANAGERS);
          if (isRejection(event)) return event;
          return sendCsv(res, linesOf(Admissions, event), `tickets-${event._id}.csv`);
        },
      ),
    );
};

const filterOf = (
  eventId: string,
  { q, status }: Pick<z.output<typeof ListHolders>, 'q' | 'status'>,
): Filter => {
  // Each status by name, which the index needs.
  const all = { eventId, status: { $in: status ? [status] : AdmissionStatus.options } };
  if (q === undefined) return all;
  const named = { ...all, ...holding(searchedFor(q)) };
  const number = OrderNumber.safeParse(q).data;
  // What looks like a number may be a name.
  return number === undefined ? named : { $or: [{ ...all, orderId: idsOf(number) }, named] };
};

const viewIn =
  ({ tiers }: KnownEvent) =>
  ({ _id, orderId, tierId, scans = [], ...admission }: Admission): z.output<typeof HolderView> => {
    const { seat, name, status, reason, note, generation, conflict } = admission;
    const [enteredAt, last] = [firstIn(scans), lastIn(scans)];
    return {
      id: _id,
      number: numberOf(orderId),
      tier: tiers.find(({ id }) => id === tierId)?.name ?? '',
      ...(seat && { seat }),
      ...(name !== undefined && { name }),
      status,
      ...(reason && { reason }),
      ...(note !== undefined && { note }),
      generation,
      ...(enteredAt && { enteredAt }),
      ...(last && { door: last.door }),
      ...(conflict && { conflict }),
    };
  };

interface Counted {
  tiers: { _id: { tierId: string; status: AdmissionStatus }; count: number }[];
  conflicts: { count: number }[];
  entries: { _id: Date; count: number }[];
}

/** As `Counted`. */
const countsOf = (eventId: string): Filter[] => [
  { $match: { eventId } },
  { $project: { tierId: 1, status: 1, conflict: 1, scans: 1 } },
  {
    $facet: {
      tiers: [
        { $group: { _id: { tierId: '$tierId', status: '$status' }, count: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ],
      conflicts: [{ $match: { conflict: true } }, { $count: 'count' }],
      entries: [
        { $match: { 'scans.kind': 'in' } },
        { $unwind: '$scans' },
        { $match: { 'scans.kind': 'in' } },
        {
          $group: {
            _id: { $dateTrunc: { date: '$scans.at', unit: 'minute', binSize: 5 } },
            count: { $sum: 1 },
          },
        },
        { $sort: { _id: 1 } },
      ],
    },
  },
];

const HEADINGS = [
  'Order',
  'Ticket',
  'Seat',
  'Name',
  'Status',
  'In since (UTC)',
  'In since (at the venue)',
  'Door',
];
/** So many are read, and in memory, at a time. */
const AT_ONCE = 500;

const linesOf = (Admissions: Store<Admission>, event: KnownEvent) => {
  const local = csvTime(event.zone);
  const view = viewIn(event);
  return csvLines(Admissions, filterOf(event._id, {}), {
    headings: HEADINGS,
    cells: (admission) => {
      const { number, tier, seat, name = '', status, enteredAt, door = '' } = view(admission);
      const seated = seat ? seatName(seat) : '';
      const [utc, here] = enteredAt ? [enteredAt.toISOString(), local(enteredAt)] : ['', ''];
      return [number, tier, seated, name, status, utc, here, door];
    },
    sort: OLDEST,
    atOnce: AT_ONCE,
    projection: UNSEEN,
  });
};
