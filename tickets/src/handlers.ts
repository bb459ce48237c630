import { ORDER_MESSAGES } from '@ticketing/common/contracts/order';
import { on } from '@ticketing/common/handler';
import { isRejection } from '@ticketing/common/rejection';
import type { Commands } from './commands.ts';

/** Whatever happens to an order, its tickets learn of its newest state; places of events are none of ours. */
export const handlers = ({ hold }: Commands) =>
  ORDER_MESSAGES.map((OrderChanged) =>
    on(OrderChanged, async ({ data }) => {
      const listings = data.items.filter(({ kind }) => kind !== 'place');
      const outcomes = await Promise.all(listings.map((item) => hold(item, data)));
      return outcomes.find(isRejection);
    }),
  );
