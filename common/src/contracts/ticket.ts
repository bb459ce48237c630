import { z } from 'zod';
import { defineMessage, Id, Instant, Version } from './message.ts';
import { Money } from './money.ts';

/** What everybody may know of a ticket; whether it is taken is for `orders` to say. */
export const TicketState = z.object({
  id: Id,
  version: Version,
  title: z.string(),
  description: z.string().optional(),
  /** What it lets somebody into, where and when: as its seller says. */
  event: z.string().optional(),
  place: z.string().optional(),
  /** What was meant, by the clocks of a zone, and the moment that it is. */
  date: z.object({ local: z.string(), zone: z.string(), at: Instant }).optional(),
  price: Money,
  currency: z.string(),
  sellerId: Id,
  /** Tickets of one sale can be bought in one order: its own id, or that of an earlier ticket of the seller. */
  saleId: Id,
  createdAt: Instant,
  updatedAt: Instant,
  /** Present on a tombstone: the ticket was withdrawn. */
  deletedAt: Instant.optional(),
});

export const TicketCreated = defineMessage('ticket:created', TicketState);
export const TicketUpdated = defineMessage('ticket:updated', TicketState);
export const TicketDeleted = defineMessage('ticket:deleted', TicketState);
