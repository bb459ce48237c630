import type { Router } from 'express';
import { z } from 'zod';
import { Id } from '@ticketing/common/contracts/message';
import { Money } from '@ticketing/common/contracts/money';
import { idsIn } from '@ticketing/common/http/ids';
import { nextPage, NOT_A_CURSOR } from '@ticketing/common/http/page';
import { anyone, ok } from '@ticketing/common/http/route';
import type { Clock } from '@ticketing/common/runtime';
import type { Store } from '@ticketing/common/store';
import type { Ticket } from '../domain.ts';
import { type Place, type Sale, sales, type Wanted } from './grouped.ts';
import { filterOf, listIn, SORTS, STATUSES } from './list.ts';
import { TicketView, view } from './views.ts';

/** As many as a page asks for that look different now. */
const MOST_ASKED = 50;

/** `0.2500.<id>`: the part, the price, and the ticket after which it goes on; `1`: from a part's beginning on. */
const CURSOR = /^([01])(?:\.(\d{1,15})\.([0-9a-f]{24}))?$/;

const searchIn = (currency: string) => listIn(currency).omit({ sellerId: true, saleId: true });
type Search = Omit<z.output<ReturnType<typeof searchIn>>, 'limit' | 'cursor'>;
const salesIn = (currency: string) =>
  searchIn(currency).extend({
    cursor: z.string().max(500).optional().meta({
      description: "From the Link header's rel=next of the page before",
      pattern: CURSOR.source,
    }),
    saleIds: idsIn(MOST_ASKED, 'Only these sales, on one page').optional(),
  });

const SaleView = z.object({
  id: Id.meta({ description: 'The `saleId` of its tickets' }),
  ticket: TicketView.meta({ description: 'The one that comes first: what is available before the others' }),
  status: z
    .enum(STATUSES)
    .meta({ description: 'Available while something is left, reserved while something may come back' }),
  left: z.int().min(0).meta({ description: 'How many of what was looked for are available' }),
  of: z.int().min(1).meta({ description: 'How many there are, whatever their status' }),
  from: Money.optional().meta({ description: 'The least that is asked for what is available' }),
  to: Money.optional().meta({ description: 'The most' }),
});
const CountView = z.object({
  count: z.int().min(0).meta({ description: 'Sales that were found, at least' }),
  more: z.boolean().meta({ description: 'There are more tickets than are counted' }),
});

const viewOf = ({ ticket, ...sale }: Sale): z.output<typeof SaleView> => ({
  id: ticket.saleId,
  ticket: view(ticket),
  ...sale,
});

interface SalesDoor {
  Tickets: Pick<Store<Ticket>, 'find' | 'aggregate'>;
  currency: string;
  clock: Pick<Clock, 'now'>;
}

/** The market as one looks at it: what one seller offers together is one entry. */
export const addSales = (router: Router, { Tickets, currency, clock }: SalesDoor): Router => {
  const { page, only, count } = sales(Tickets);
  const wanted = ({ status, ...query }: Search): Wanted => ({
    filter: filterOf(query, currency, clock.now()),
    statuses: status ? [status] : STATUSES,
    by: SORTS[query.sort],
  });
  return router
    .get(
      '/api/tickets/sales',
      anyone(
        {
          summary: 'The market, what is sold together as one: what can be had first',
          query: salesIn(currency),
          replies: { 200: z.array(SaleView) },
        },
        async ({ query: { cursor, limit, saleIds, ...query }, req }) => {
          const place = placeOf(cursor, query.sort);
          if (!place) return NOT_A_CURSOR;
          if (saleIds) return ok(only(wanted(query), [...new Set(saleIds)]).then((all) => all.map(viewOf)));
          const found = await page(wanted(query), limit, place);
          return {
            status: 200,
            body: found.page.map(viewOf),
            ...(found.next && { headers: nextPage(req.originalUrl, cursorOf(found.next, query.sort)) }),
          };
        },
      ),
    )
    .get(
      '/api/tickets/sales/count',
      anyone(
        {
          summary: 'How many sales a search finds, as far as that is soon counted',
          query: searchIn(currency).omit({ limit: true, cursor: true }),
          replies: { 200: CountView },
        },
        ({ query }) => ok(count(wanted(query))),
      ),
    );
};

type SortName = keyof typeof SORTS;

function placeOf(cursor: string | undefined, sort: SortName): Place | undefined {
  if (cursor === undefined) return { part: 0 };
  const [, part, price, id] = CURSOR.exec(cursor) ?? [];
  if (part === undefined) return undefined;
  if (price === undefined || id === undefined) return { part: Number(part) };
  return { part: Number(part), after: [SORTS[sort].field === '_id' ? id : Number(price), id] };
}

const cursorOf = ({ part, after }: Place, sort: SortName): string =>
  after ? `${part}.${SORTS[sort].field === '_id' ? 0 : Number(after[0])}.${after[1]}` : String(part);
