import { LONGEST_TOKEN } from '@ticketing/common/http/session';
import type { Ports } from '@ticketing/common/service';
import type { Store } from '@ticketing/common/store';
import type { Order } from '../domain.ts';
import type { Departure } from '../domain/buyer.ts';

/** How long is looked for what an account ordered after it was deleted, by a token that was still good, in milliseconds. */
const LOOKED_FOR = 2 * LONGEST_TOKEN * 1000;

interface Deps extends Pick<Ports, 'clock'> {
  Orders: Pick<Store<Order>, 'updateMany'>;
  Departures: Store<Departure>;
}

/** What orders know of their buyers goes with the account. It was told to nobody, so nobody is told that it is gone. */
export const buyers = ({ Orders, Departures, clock }: Deps) => {
  const forget = (userId: string) =>
    Orders.updateMany({ userId, buyer: { $exists: true } }, { $unset: { buyer: '', words: '' } });

  return {
    /** It was heard that an account is deleted. */
    async forgetBuyer({ id }: { id: string }) {
      await Departures.updateOne({ _id: id }, { $setOnInsert: { knownAt: clock.now() } }, { upsert: true });
      await forget(id);
    },

    /** Looks once more for orders of accounts that were deleted lately. Resolves with how many it found. */
    async forgetDeparted() {
      const since = new Date(clock.now().getTime() - LOOKED_FOR);
      const departed = await Departures.find({ knownAt: { $gte: since } }, { limit: 1000 });
      let found = 0;
      for (const { _id } of departed) found += await forget(_id);
      return found;
    },
  };
};
