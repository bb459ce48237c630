import type { EventState } from '@ticketing/common/contracts/event';
import type { OrderState } from '@ticketing/common/contracts/order';
import { placeId } from '@ticketing/common/places';
import { systemIds } from '@ticketing/common/runtime';

/** A complete order of so many places of the first tier of an event, as `orders` tells of it. */
export function orderOf(
  { id: saleId, title, internal, tiers: [tier] }: EventState,
  userId: string,
  count: number,
  given: Partial<OrderState> = {},
): OrderState {
  const now = given.completedAt ?? new Date();
  return {
    id: systemIds.next(),
    version: 1,
    userId,
    saleId,
    status: 'complete',
    items: Array.from({ length: count }, (_, n) => ({
      ticketId: placeId(tier!.poolId, n),
      ticketVersion: 0,
      title,
      price: tier!.price,
      sellerId: internal.ownerId,
      kind: 'place' as const,
      tierId: tier!.id,
      ...(tier!.taxRate !== undefined && { taxRate: tier!.taxRate }),
    })),
    total: count * tier!.price,
    currency: 'usd',
    expiresAt: now,
    completedAt: now,
    createdAt: now,
    updatedAt: now,
    ...given,
  };
}
