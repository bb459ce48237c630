import type { OrderItem, ReturnedItem } from '@ticketing/common/contracts/order';
import type { Changes } from '@ticketing/common/record';
import { reject, type Rejection } from '@ticketing/common/rejection';
import type { User } from '@ticketing/common/user';
import { DISPUTED, type Order, roleIn } from '../domain.ts';
import { allowanceOf } from './allowances.ts';

interface Returning {
  ticketIds: readonly string[];
  note?: string | undefined;
}

/**
 * What was bought leaves a complete order, and its price goes back, while the rest stands. The last one does not move, as a live order
 * without items would stand in its sale's way: the order is over. What left before is left alone, so that a request can be repeated.
 */
export const giveBack =
  (user: Pick<User, 'id' | 'roles'>, { ticketIds, note }: Returning, now: Date, manages = false) =>
  (order: Order): Changes<Order> | Rejection => {
    const role = roleIn(user, order, manages);
    if (!role) return reject('forbidden', 'This order is not yours');
    if (role === 'buyer') return reject('forbidden', 'Only who sold them can take tickets back');
    const { items, returned = [] } = order;
    const known = new Set([...items, ...returned].map(({ ticketId }) => ticketId));
    const strange = ticketIds.flatMap((id, n) =>
      known.has(id) ? [] : [{ field: `ticketIds.${n}`, message: `${id} is not in this order` }],
    );
    if (strange.length > 0) return reject('invalid', 'The order does not hold that', { errors: strange });
    const gone = new Set(returned.map(({ ticketId }) => ticketId));
    const leaving = items.filter(({ ticketId }) => ticketIds.includes(ticketId) && !gone.has(ticketId));
    if (leaving.length === 0) return {};
    if (order.status !== 'complete') return reject('conflict', 'The order is not paid, or is over');
    if (order.dispute?.status === 'open') return DISPUTED;
    const about = { ...(note !== undefined && { note }), at: now };
    return after(
      order,
      leaving.map((item) => ({ ...item, back: item.price, ...about })),
    );
  };

/** Its holder gave a place back at `admissions`, which decided what goes back for it: whatever the bank decides, others may have it. */
export const letGo =
  ({ placeId, back = 0 }: { placeId: string; back?: number | undefined }, now: Date) =>
  (order: Order): Changes<Order> | Rejection => {
    const item = order.items.find(({ ticketId }) => ticketId === placeId);
    if (!item) return {};
    switch (order.status) {
      case 'complete':
        return after(order, [{ ...item, back: Math.min(back, item.price), at: now }]);
      case 'created':
      case 'awaiting:payment':
        // Here it was not heard yet, or forgotten by a restored database, that it was paid.
        return reject('not-found', 'The order is not paid yet');
      case 'cancelled':
      case 'refunded':
        return {};
    }
  };

const after = (order: Order, leaving: readonly ReturnedItem[]): Changes<Order> => {
  const returned = [...(order.returned ?? []), ...leaving];
  const gone = new Set(leaving.map(({ ticketId }) => ticketId));
  const rest = order.items.filter(({ ticketId }) => !gone.has(ticketId));
  return rest.length > 0
    ? { items: rest, returned, ...allowancesAfter(order, rest) }
    : { items: order.items.slice(-1), returned, status: 'cancelled', reason: 'returned' };
};

/** As many of each as what is left takes: of a tier by its account, of a code by what was sold by it. */
const allowancesAfter = (
  { allowances, freed = [], items, userId }: Order,
  rest: readonly OrderItem[],
): Changes<Order> => {
  if (!allowances) return {};
  const tiers = new Map(items.map(({ tierId }) => [`${tierId}/${userId}`, tierId]));
  const left = Object.entries(Object.groupBy(allowances, (one) => allowanceOf(one).of)).flatMap(
    ([of, same = []]) => {
      const tierId = tiers.get(of);
      const takes = rest.filter((item) => (tierId === undefined ? item.coded : item.tierId === tierId));
      return same.slice(0, takes.length);
    },
  );
  const gone = allowances.filter((one) => !left.includes(one));
  if (gone.length === 0) return {};
  return { allowances: left.length > 0 ? left : undefined, freed: [...freed, ...gone] };
};
