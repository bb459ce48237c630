import { EVENT_MESSAGES } from '@ticketing/common/contracts/event';
import { ORDER_MESSAGES } from '@ticketing/common/contracts/order';
import { on } from '@ticketing/common/handler';
import { replicate } from '@ticketing/common/replicate';
import type { Store } from '@ticketing/common/store';
import type { Commands } from './commands.ts';
import type { KnownEvent } from './domain/record.ts';

export const handlers = ({ hearOfOrder }: Commands, Events: Store<KnownEvent>) => [
  ...EVENT_MESSAGES.map((EventNews) => on(EventNews, ({ data }) => replicate(Events, data))),
  ...ORDER_MESSAGES.map((OrderNews) => on(OrderNews, ({ data }) => hearOfOrder(data))),
];
