import type { OrderItem, OrderState, ReturnedItem } from '@ticketing/common/contracts/order';
import type { Changes, Fresh } from '@ticketing/common/record';
import type { Admission } from './record.ts';

/** What admissions are made of: an order as it was told. */
export type Sold = Pick<
  OrderState,
  | 'id'
  | 'userId'
  | 'saleId'
  | 'status'
  | 'reason'
  | 'items'
  | 'returned'
  | 'currency'
  | 'paidElsewhere'
  | 'completedAt'
>;

/** What an order says of each place that it ever sold: that it is kept, or why it is not. */
export interface Told {
  item: OrderItem | ReturnedItem;
  lost?: Admission['reason'];
}

/**
 * Of an order that was never complete nothing. A place that is not kept never is again: so the states of an order can be heard in
 * any order.
 */
export function placesOf({ status, reason, items, returned = [], completedAt }: Sold): Told[] {
  if (!completedAt) return [];
  const isPlace = ({ kind }: OrderItem) => kind === 'place';
  const left = new Set(returned.map(({ ticketId }) => ticketId));
  const kept = items.filter((item) => isPlace(item) && !left.has(item.ticketId));
  return [
    ...kept.map((item) => (status === 'complete' ? { item } : { item, lost: reason ?? ('admin' as const) })),
    ...returned.filter(isPlace).map((item) => ({ item, lost: 'returned' as const })),
  ];
}

/** The admission of a place as it is first heard of: in force, or already lost, so that an older state cannot issue it. */
export const issue = (
  id: string,
  { id: orderId, userId, saleId, currency, paidElsewhere, completedAt }: Sold,
  { item, lost }: Told,
  now: Date,
): Fresh<Admission> => ({
  _id: id,
  eventId: saleId,
  orderId,
  placeId: item.ticketId,
  tierId: item.tierId ?? item.ticketId,
  ...(item.seat && { seat: item.seat }),
  price: paidElsewhere ? 0 : item.price,
  currency,
  ...(item.taxRate !== undefined && { taxRate: item.taxRate }),
  buyerId: userId,
  holderId: userId,
  soldAt: completedAt ?? now,
  generation: 1,
  ...(lost ? { status: 'revoked' as const, reason: lost } : { status: 'valid' as const }),
});

/** Its order keeps it no more. Who is in stays in, and is shown to the team; who gave it back himself did. */
export const lose =
  (reason: NonNullable<Told['lost']>) =>
  (admission: Admission): Changes<Admission> => {
    switch (admission.status) {
      case 'valid':
      case 'listed':
      case 'out':
        return { status: 'revoked', reason, claim: undefined };
      case 'entered':
        return admission.reason ? {} : { reason, conflict: true };
      case 'revoked':
        // What the team blocked could be let in again by it.
        return admission.reason === 'blocked' ? { reason, note: undefined } : {};
      case 'returned':
        return {};
    }
  };
