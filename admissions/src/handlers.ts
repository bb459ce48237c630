import { EVENT_MESSAGES } from '@ticketing/common/contracts/event';
import { OrderCancelled, OrderCompleted, OrderUpdated } from '@ticketing/common/contracts/order';
import { on } from '@ticketing/common/handler';
import { replicate } from '@ticketing/common/replicate';
import type { Store } from '@ticketing/common/store';
import type { Commands } from './commands.ts';
import type { KnownEvent } from './domain/record.ts';

/** An order that was just placed has no admissions yet, but one that cost nothing: that is told as complete. */
const PAID_ORDERS = [OrderCompleted, OrderCancelled, OrderUpdated] as const;

export const handlers = ({ hearOfOrder }: Commands, Events: Store<KnownEvent>) => [
  ...EVENT_MESSAGES.map((EventNews) => on(EventNews, ({ data }) => replicate(Events, data))),
  ...PAID_ORDERS.map((OrderNews) => on(OrderNews, ({ data }) => hearOfOrder(data))),
];
