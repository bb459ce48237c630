import { ExpirationComplete } from '@ticketing/common/contracts/expiration';
import {
  PaymentCreated,
  PaymentFailed,
  PaymentRefunded,
  PaymentStarted,
} from '@ticketing/common/contracts/payment';
import { TicketCreated, TicketDeleted, TicketUpdated } from '@ticketing/common/contracts/ticket';
import { on } from '@ticketing/common/handler';
import { replicate } from '@ticketing/common/replicate';
import type { Store } from '@ticketing/common/store';
import type { Commands } from './commands.ts';
import type { Ticket } from './domain.ts';

export const handlers = ({ expire, hearOfPayment, loseTicket }: Commands, Tickets: Store<Ticket>) => [
  on(TicketCreated, ({ data }) => replicate(Tickets, data)),
  on(TicketUpdated, ({ data }) => replicate(Tickets, data)),
  on(TicketDeleted, async ({ data }) => {
    await replicate(Tickets, data);
    await loseTicket(data);
  }),
  on(ExpirationComplete, ({ data }) => expire(data.orderId)),
  on(PaymentStarted, ({ data }) => hearOfPayment(data)),
  on(PaymentCreated, ({ data }) => hearOfPayment(data)),
  on(PaymentFailed, ({ data }) => hearOfPayment(data)),
  on(PaymentRefunded, ({ data }) => hearOfPayment(data)),
];
