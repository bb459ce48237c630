import { isLive, keptOf, ORDER_MESSAGES } from '@ticketing/common/contracts/order';
import { on } from '@ticketing/common/handler';
import { replicate } from '@ticketing/common/replicate';
import type { Store } from '@ticketing/common/store';
import type { Commands } from './commands.ts';
import type { Order } from './domain.ts';

/** First the order's state is written, then the payments are looked at; recording a charge goes the other way round. */
export const handlers = ({ endOrder }: Commands, Orders: Store<Order>) =>
  ORDER_MESSAGES.map((OrderChanged) =>
    on(OrderChanged, async ({ id, data }) => {
      await replicate(Orders, data);
      const stands = isLive(data.status) && keptOf(data) === data.total;
      return stands ? undefined : endOrder(data.id, id);
    }),
  );
