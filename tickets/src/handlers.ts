import { ORDER_MESSAGES } from '@ticketing/common/contracts/order';
import { on } from '@ticketing/common/handler';
import { isRejection } from '@ticketing/common/rejection';
import type { Commands } from './commands.ts';

/** Whatever happens to an order, its tickets learn of its newest state. */
export const handlers = ({ hold }: Commands) =>
  ORDER_MESSAGES.map((OrderChanged) =>
    on(OrderChanged, async ({ data }) => {
      const outcomes = await Promise.all(data.items.map((item) => hold(item, data)));
      return outcomes.find(isRejection);
    }),
  );
