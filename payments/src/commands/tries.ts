import type { Records } from '@ticketing/common/record';
import { reject, type Rejection } from '@ticketing/common/rejection';
import { remember } from '@ticketing/common/remember';
import type { Ports } from '@ticketing/common/service';
import type { Payment } from '../domain.ts';

/** How many cards may be declined within the window, before nothing more is tried. */
export interface TryLimits {
  perOrder: number;
  perUser: number;
  perAddress: number;
  perCard: number;
  windowMs: number;
}

export interface TriesDeps extends Pick<Ports, 'clock' | 'log' | 'metrics'> {
  Payments: Records<Payment>;
  /** None: cards may be tested here. */
  tryLimits: TryLimits | undefined;
}

interface Trying {
  orderId: string;
  userId: string;
  address?: string | undefined;
}

/** So many are remembered at a time; who is forgotten is refused again from the next decline on. */
const REMEMBERED = 10_000;

/**
 * Bounds card testing. A decline is written with its payment and counted afterwards, so that of several at once the last
 * one sees them all; who is over a limit is remembered by the process that counted. So a payment that succeeds reads and
 * writes nothing more, and of each limit there are as many tries more as there are other processes and tries under way.
 */
export const cardTries = ({ Payments, tryLimits, clock, log, metrics }: TriesDeps) => {
  const pausedUntil = new Map<string, number>();
  /** Users who had a card declined, until that is forgotten. */
  const declinedUntil = new Map<string, number>();

  const pause = (by: string, key: string, until: number, about: { orderId: string; userId: string }) => {
    const before = pausedUntil.get(key) ?? 0;
    remember(pausedUntil, key, until, REMEMBERED);
    if (before > clock.now().getTime()) return;
    metrics.count('card_tests_total', { by });
    log.warn({ by, ...about }, 'too many cards were declined; somebody may be testing cards');
  };

  return {
    /** Refuses who is known to have had too many cards declined. */
    refusal({ orderId, userId, address }: Trying): Rejection | undefined {
      const now = clock.now().getTime();
      if ((pausedUntil.get(`order ${orderId}`) ?? 0) > now) return ORDER_OVER;
      // Neighbours of whoever tests cards, who had none declined, pay on.
      const suspect = (declinedUntil.get(userId) ?? 0) > now;
      const until = Math.max(
        pausedUntil.get(`user ${userId}`) ?? 0,
        suspect ? (pausedUntil.get(`address ${address}`) ?? 0) : 0,
      );
      if (until <= now) return undefined;
      const minutes = Math.ceil((until - now) / 60_000);
      const wait = `in ${minutes} minute${minutes === 1 ? '' : 's'}`;
      return reject('too-many', `Too many cards were declined; you can try again ${wait}`, {
        retryAfter: Math.ceil((until - now) / 1000),
      });
    },

    /** Counts a decline that is written. Resolves with whether its order takes no more. */
    async count({ orderId, userId, tried }: Payment): Promise<boolean> {
      if (!tryLimits || !tried?.declinedAt) return false;
      const since = new Date(clock.now().getTime() - tryLimits.windowMs);
      metrics.count('cards_declined_total');
      remember(declinedUntil, userId, clock.now().getTime() + tryLimits.windowMs, REMEMBERED);
      /** Until when nothing more may be tried, or undefined. */
      const over = async (by: string, key: string | undefined, filter: object, most: number) => {
        if (key === undefined) return false;
        const newest = await Payments.find(
          { ...filter, 'tried.declinedAt': { $gte: since } },
          { sort: { 'tried.declinedAt': -1 }, limit: most, projection: { tried: 1 } },
        );
        const first = newest.at(most - 1)?.tried?.declinedAt;
        if (!first) return false;
        pause(by, `${by} ${key}`, first.getTime() + tryLimits.windowMs, { orderId, userId });
        return true;
      };
      const { address, card } = tried;
      const [ofOrder, ofCard] = await Promise.all([
        over('order', orderId, { orderId }, tryLimits.perOrder),
        over('card', card, { 'tried.card': card }, tryLimits.perCard),
        over('user', userId, { userId }, tryLimits.perUser),
        over('address', address, { 'tried.address': address }, tryLimits.perAddress),
      ]);
      return ofOrder || ofCard;
    },

    /** What was only kept to count by is taken away. Resolves with how many. */
    forget: (): Promise<number> =>
      Payments.updateMany(
        { 'tried.declinedAt': { $lt: new Date(clock.now().getTime() - (tryLimits?.windowMs ?? 0)) } },
        { $unset: { tried: '' } },
      ),
  };
};

export const ORDER_OVER = reject(
  'conflict',
  'Too many cards were declined for this order: it is over, and its tickets go back on sale',
);
