import type { Draft, EventType } from './event.ts';
import { ExpirationComplete } from './expiration.ts';
import { OrderCancelled, OrderCompleted, OrderCreated, OrderUpdated } from './order.ts';
import { PaymentCreated, PaymentFailed, PaymentRefunded, PaymentStarted } from './payment.ts';
import { TicketCreated, TicketDeleted, TicketUpdated } from './ticket.ts';

/** An event whose contract is not known by type: what is done to every event alike. */
export type AnyEvent = Pick<EventType, 'subject' | 'schema' | 'parse'> & ((record: never) => Draft);

/** Every event of the suite, by the service that alone emits it. */
export const CATALOGUE = {
  tickets: [TicketCreated, TicketUpdated, TicketDeleted],
  orders: [OrderCreated, OrderUpdated, OrderCancelled, OrderCompleted],
  expiration: [ExpirationComplete],
  payments: [PaymentStarted, PaymentCreated, PaymentFailed, PaymentRefunded],
} satisfies Record<string, readonly AnyEvent[]>;

/** The service that alone emits events of this subject; undefined for a subject that is none of the suite's. */
export const ownerOf = (subject: string): string | undefined => OWNERS.get(subject);

const OWNERS = new Map(
  Object.entries<readonly AnyEvent[]>(CATALOGUE).flatMap(([service, events]) =>
    events.map(({ subject }) => [subject, service] as const),
  ),
);

export const EVENTS: readonly AnyEvent[] = Object.values(CATALOGUE).flat();
