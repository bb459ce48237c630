import { isLive, ORDER_MESSAGES } from '@ticketing/common/contracts/order';
import { on } from '@ticketing/common/handler';
import type { Timers } from './timers.ts';

/** A timer for each unpaid order; an older event that comes late sets one too many, which `orders` refuses. */
export const handlers = ({ set, clear }: Pick<Timers, 'set' | 'clear'>) =>
  ORDER_MESSAGES.map((OrderChanged) =>
    on(OrderChanged, ({ data: { id, status, expiresAt } }) =>
      isLive(status) && status !== 'complete' ? set(id, expiresAt) : clear(id, expiresAt),
    ),
  );
