import type { z } from 'zod';
import { AdmissionChanged } from '@ticketing/common/contracts/admission';
import { ACCOUNT_MESSAGES } from '@ticketing/common/contracts/account';
import type { Received } from '@ticketing/common/contracts/message';
import { EVENT_MESSAGES } from '@ticketing/common/contracts/event';
import { ExpirationComplete } from '@ticketing/common/contracts/expiration';
import {
  PaymentCreated,
  PaymentFailed,
  PaymentRefunded,
  PaymentStarted,
  type PaymentState,
} from '@ticketing/common/contracts/payment';
import { TicketCreated, TicketDeleted, TicketUpdated } from '@ticketing/common/contracts/ticket';
import { on } from '@ticketing/common/handler';
import { isRejection } from '@ticketing/common/rejection';
import { replicate } from '@ticketing/common/replicate';
import type { Store } from '@ticketing/common/store';
import type { Commands } from './commands.ts';
import type { Credit } from './credit.ts';
import type { Ticket } from './domain.ts';
import type { KnownEvent } from './domain/places.ts';

export const handlers = (
  { endEvent, expire, forgetBuyer, hearOfPayment, letGo, loseTicket }: Commands,
  Tickets: Store<Ticket>,
  Events: Store<KnownEvent>,
  { ended }: Pick<Credit, 'ended'>,
) => {
  const endPayment = async ({ data, congested }: Received<z.output<typeof PaymentState>>) => {
    const outcome = await hearOfPayment(data);
    if (!isRejection(outcome)) ended(data.updatedAt, congested);
    return outcome;
  };
  return [
    on(TicketCreated, ({ data }) => replicate(Tickets, data)),
    on(TicketUpdated, ({ data }) => replicate(Tickets, data)),
    on(TicketDeleted, async ({ data }) => {
      await replicate(Tickets, data);
      await loseTicket(data);
    }),
    ...EVENT_MESSAGES.map((EventNews) =>
      on(EventNews, async ({ data }) => {
        await replicate(Events, data);
        if (data.status === 'cancelled') await endEvent(data);
      }),
    ),
    ...ACCOUNT_MESSAGES.map((AccountNews) =>
      on(AccountNews, async ({ data }) => {
        if (data.deletedAt) await forgetBuyer(data);
      }),
    ),
    on(AdmissionChanged, async ({ data }) =>
      data.status === 'returned' ? letGo(data.orderId, data) : undefined,
    ),
    on(ExpirationComplete, ({ data }) => expire(data.orderId)),
    on(PaymentStarted, ({ data }) => hearOfPayment(data)),
    on(PaymentCreated, endPayment),
    on(PaymentFailed, endPayment),
    on(PaymentRefunded, ({ data }) => hearOfPayment(data)),
  ];
};
