import { AccountChanged, AccountCreated, AccountDeleted } from './account.ts';
import { AdmissionChanged, AdmissionIssued } from './admission.ts';
import { EventCancelled, EventChanged, EventPublished } from './event.ts';
import { ExpirationComplete } from './expiration.ts';
import type { Draft, MessageType } from './message.ts';
import { OrderCancelled, OrderCompleted, OrderCreated, OrderUpdated } from './order.ts';
import { PaymentCreated, PaymentFailed, PaymentRefunded, PaymentStarted } from './payment.ts';
import { TicketCreated, TicketDeleted, TicketUpdated } from './ticket.ts';

/** A message whose contract is not known by type: what is done to every message alike. */
export type AnyMessage = Pick<MessageType, 'subject' | 'schema' | 'parse'> & ((record: never) => Draft);

/** Every message of the suite, by the service that alone emits it. */
export const CATALOGUE = {
  auth: [AccountCreated, AccountChanged, AccountDeleted],
  events: [EventPublished, EventChanged, EventCancelled],
  tickets: [TicketCreated, TicketUpdated, TicketDeleted],
  orders: [OrderCreated, OrderUpdated, OrderCancelled, OrderCompleted],
  expiration: [ExpirationComplete],
  payments: [PaymentStarted, PaymentCreated, PaymentFailed, PaymentRefunded],
  admissions: [AdmissionIssued, AdmissionChanged],
} satisfies Record<string, readonly AnyMessage[]>;

/** The service that alone emits messages of this subject; undefined for a subject that is none of the suite's. */
export const ownerOf = (subject: string): string | undefined => OWNERS.get(subject);

const OWNERS = new Map(
  Object.entries<readonly AnyMessage[]>(CATALOGUE).flatMap(([service, messages]) =>
    messages.map(({ subject }) => [subject, service] as const),
  ),
);

export const MESSAGES: readonly AnyMessage[] = Object.values(CATALOGUE).flat();
