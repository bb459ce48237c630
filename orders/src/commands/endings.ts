import { LIVE } from '@ticketing/common/contracts/order';
import { change, type Records } from '@ticketing/common/record';
import { isRejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import type { Store } from '@ticketing/common/store';
import * as rules from '../domain.ts';
import type { Order } from '../domain.ts';
import { type Ending, passed } from '../domain/endings.ts';

const PAGE = 100;
/** Whoever took an ending on has died when it was not heard of for so long, in milliseconds. */
const LEASE = 30_000;

interface Deps extends Pick<Ports, 'clock'> {
  Orders: Records<Order>;
  Endings: Store<Ending>;
}

/** The orders of cancelled events end page by page, whichever process goes on with it. */
export const endings = ({ Orders, Endings, clock }: Deps) => {
  const leased = () => new Date(clock.now().getTime() + LEASE);

  /** Ends what is live of a cancelled event. Resolves with how many were found. */
  const pass = async (eventId: string) => {
    let found = 0;
    for (;;) {
      const live = await Orders.find(
        { saleId: eventId, status: { $in: LIVE } },
        { limit: PAGE, projection: { _id: 1 } },
      );
      if (live.length === 0) return found;
      found += live.length;
      let ended = 0;
      for (const { _id } of live) if (!isRejection(await change(Orders, _id, rules.loseEvent))) ended += 1;
      await Endings.updateOne({ _id: eventId }, { $inc: { ended }, $set: { nextAt: leased() } });
      if (ended === 0) return found;
    }
  };

  return {
    /** It was heard that an event is cancelled, which it is for good. */
    async endEvent({ id, endsAt }: { id: string; endsAt: Date }) {
      const knownAt = clock.now();
      const begun = { knownAt, until: endsAt, nextAt: knownAt, ended: 0 };
      await Endings.updateOne({ _id: id }, { $setOnInsert: begun }, { upsert: true });
    },

    /** Goes on with what is due, and looks again at what was ended until its event is over. Resolves with how many orders were found. */
    async endOrdersOfEvents() {
      let found = 0;
      for (;;) {
        const began = clock.now();
        const ending = await Endings.findOneAndUpdate(
          { nextAt: { $lte: began } },
          { $set: { nextAt: leased() } },
          { sort: { nextAt: 1 } },
        );
        if (!ending) return found;
        const live = await pass(ending._id);
        found += ending.doneAt ? live : 0;
        const { nextAt, ...done } = passed(ending, began, live);
        await Endings.updateOne(
          { _id: ending._id },
          {
            $set: { ...done, ...(nextAt && { nextAt }) },
            ...(!nextAt && { $unset: { nextAt: '' } }),
          },
        );
      }
    },
  };
};
