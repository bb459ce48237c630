import type { Clock } from '@ticketing/common/runtime';
import type { Store } from '@ticketing/common/store';
import type { KnownAccount, Ticket } from './domain.ts';

interface Deps {
  Tickets: Pick<Store<Ticket>, 'updateMany'>;
  Accounts: Pick<Store<KnownAccount>, 'findOne'>;
  clock: Clock;
}

/** The name on each ticket follows its seller's account, whichever of both is written first. */
export function sellers({ Tickets, Accounts, clock }: Deps) {
  const known = (_id: string) => Accounts.findOne({ _id });

  /** Writes it on all tickets of an account. Who is changed meanwhile is written again: the newest name is the last one. */
  const callSeller = async (sellerId: string): Promise<void> => {
    let account = await known(sellerId);
    for (;;) {
      const { name = null, version } = account ?? {};
      await Tickets.updateMany(
        { sellerId, sellerName: { $ne: name } },
        name === null
          ? { $unset: { sellerName: '' }, $set: { updatedAt: clock.now() } }
          : { $set: { sellerName: name, updatedAt: clock.now() } },
      );
      account = await known(sellerId);
      if (account?.version === version) return;
    }
  };

  /** Makes a ticket under its seller's name; if that changed meanwhile, it may have been written on all others already. */
  const called = async <T>(
    sellerId: string,
    make: (name: Pick<Ticket, 'sellerName'>) => Promise<T>,
  ): Promise<T> => {
    const account = await known(sellerId);
    const made = await make(account?.name === undefined ? {} : { sellerName: account.name });
    if ((await known(sellerId))?.version !== account?.version) await callSeller(sellerId);
    return made;
  };

  return { callSeller, called };
}
