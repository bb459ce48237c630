import type { Log } from '@ticketing/common/log';
import type { Clock } from '@ticketing/common/runtime';
import type { ChangeFeed, Store } from '@ticketing/common/store';
import type { Order } from './domain.ts';

/** What the database said within that, in milliseconds, is taken for new. */
export const FRESH = 1000;
/** It is followed for so long after somebody asked, in milliseconds. */
const LINGER = 60_000;
/** And tried again after so long. */
const PAUSE = 1000;

interface Deps {
  Orders: Pick<Store<Order>, 'watch'>;
  clock: Clock;
  log: Pick<Log, 'warn'>;
  take(order: Order): void;
}

/** Follows which orders come and end, while somebody asks (ADR 27); where that cannot be, whoever asks looks for themselves. */
export function hallFeed({ Orders, clock, log, take }: Deps) {
  const now = () => clock.now().getTime();
  let feed: ChangeFeed<Order> | undefined;
  /** Since when nothing was missed, and when the database last said so. */
  let since = Infinity;
  let heardAt = -Infinity;
  let askedAt = -Infinity;
  let nextAt = -Infinity;
  let closed = false;

  const follow = async () => {
    nextAt = Infinity;
    try {
      feed = Orders.watch({
        fields: ['status', 'returned'],
        without: ['buyer', 'words', 'payments', 'pending', 'outbox', 'idempotencyKey', 'requestHash'],
        heard: () => {
          heardAt = now();
          if (since === Infinity) since = heardAt;
          if (heardAt - askedAt > LINGER) void feed?.close().catch(() => undefined);
        },
      });
      for await (const { document } of feed) take(document);
    } catch (error) {
      if (!closed && now() - askedAt < LINGER)
        log.warn(
          { err: error },
          'the orders of events are not followed; what is taken is looked up meanwhile',
        );
    }
    feed = undefined;
    since = Infinity;
    heardAt = -Infinity;
    nextAt = now() + PAUSE;
  };

  return {
    /** Somebody asks what is taken. */
    wanted(): void {
      askedAt = now();
      if (!closed && askedAt >= nextAt) void follow();
    },
    /** Whether all is known that happened since `moment`, to within a second. */
    knowsSince: (moment: number): boolean => since <= moment && now() - heardAt < FRESH,
    async close(): Promise<void> {
      closed = true;
      await feed?.close().catch(() => undefined);
    },
  };
}
