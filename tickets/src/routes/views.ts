import { z } from 'zod';
import { TicketState } from '@ticketing/common/contracts/ticket';
import { type Ticket, versionShown } from '../domain.ts';
import { STATUSES } from './list.ts';

export const TicketView = TicketState.omit({ deletedAt: true }).extend({
  sellerName: z.string().optional().meta({ description: 'As the seller wants to be called' }),
  status: z.enum(STATUSES),
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

/** What no view reads. */
export const INTERNAL = { holds: 0, words: 0, pending: 0, idempotencyKey: 0, requestHash: 0 } as const;
