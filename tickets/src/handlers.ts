import { ACCOUNT_MESSAGES } from '@ticketing/common/contracts/account';
import { ORDER_MESSAGES } from '@ticketing/common/contracts/order';
import { on } from '@ticketing/common/handler';
import { isRejection } from '@ticketing/common/rejection';
import { replicate } from '@ticketing/common/replicate';
import type { Store } from '@ticketing/common/store';
import type { Commands } from './commands.ts';
import type { KnownAccount } from './domain.ts';

/** Whatever happens to an order, its tickets learn of its newest state; places of events are none of ours. */
export const handlers = ({ hold, callSeller }: Commands, Accounts: Store<KnownAccount>) => [
  ...ORDER_MESSAGES.map((OrderChanged) =>
    on(OrderChanged, async ({ data }) => {
      const isListing = ({ kind }: { kind?: string | undefined }) => kind !== 'place';
      const left = { ...data, status: 'cancelled' as const };
      const outcomes = await Promise.all([
        ...data.items.filter(isListing).map((item) => hold(item, data)),
        ...(data.returned ?? []).filter(isListing).map((item) => hold(item, left)),
      ]);
      return outcomes.find(isRejection);
    }),
  ),
  ...ACCOUNT_MESSAGES.map((AccountNews) =>
    on(AccountNews, async ({ data }) => {
      await replicate(Accounts, data);
      // Also when it is no news: who heard of it may have died in between.
      await callSeller(data.id);
    }),
  ),
];
