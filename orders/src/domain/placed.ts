import { keptOf, type OrderStatus } from '@ticketing/common/contracts/order';
import { seatName } from '@ticketing/common/places';
import type { Order } from '../domain.ts';
import type { KnownEvent } from './places.ts';

/** Of an order, what its event's team is told. */
export const TOLD = {
  status: 1,
  reason: 1,
  items: 1,
  returned: 1,
  total: 1,
  currency: 1,
  paidElsewhere: 1,
  completedAt: 1,
  refundedAmount: 1,
  createdAt: 1,
  buyer: 1,
} as const;
export type Told = Pick<Order, '_id' | (keyof typeof TOLD & keyof Order)>;

/** What stands as given back; orders from before amounts were kept were given back whole. */
const back = ({ status, total, refundedAmount }: Told) =>
  refundedAmount ?? (status === 'refunded' ? total : 0);

/** An order of places as its event's team sees it. */
export const placed = (order: Told) => {
  const { _id, status, reason, total, currency, paidElsewhere, completedAt, createdAt, buyer } = order;
  // When all was taken back one by one, the last still stands in it.
  const items = reason === 'returned' ? [] : order.items;
  const byTier = Object.entries(Object.groupBy(items, ({ tierId = '' }) => tierId));
  return {
    id: _id,
    status,
    ...(reason && { reason }),
    places: items.length,
    tiers: byTier.map(([tierId, some = []]) => ({ tierId, places: some.length })),
    total,
    currency,
    // What was charged when it was over already went back, and nothing else was paid.
    paid: paidElsewhere ? 0 : completedAt ? total : back(order),
    elsewhere: paidElsewhere ? keptOf(order) : 0,
    refunded: back(order),
    createdAt,
    ...(buyer && { buyer }),
  };
};

/** How a spreadsheet calls what a status means. */
const CALLED: Record<OrderStatus, string> = {
  created: 'reserved',
  'awaiting:payment': 'being paid',
  complete: 'complete',
  cancelled: 'cancelled',
  refunded: 'refunded',
};

export const HEADINGS = [
  'Order',
  'Status',
  'Places',
  'Tickets',
  'Seats',
  'Total',
  'Currency',
  'Paid here',
  'Paid at the box office',
  'Refunded',
  'Placed (UTC)',
  'Placed (at the venue)',
  'Name',
  'Address',
] as const;

interface Writing {
  event: Pick<KnownEvent, 'tiers'>;
  number(id: string): string;
  /** An amount in its currency's units, such as `25.00`. */
  amount(amount: number, currency: string): string;
  local(at: Date): string;
}

/** The same as a line of a spreadsheet; a cell for each heading. */
export function cellsOf(order: Told, { event, number, amount, local }: Writing): string[] {
  const { id, status, places, tiers, total, currency, paid, elsewhere, refunded, createdAt, buyer } =
    placed(order);
  const called = (tierId: string) => event.tiers.find((tier) => tier.id === tierId)?.name ?? tierId;
  const seats = order.items.flatMap(({ seat }) => (seat ? [seatName(seat)] : []));
  const money = (sum: number) => amount(sum, currency);
  return [
    number(id),
    CALLED[status],
    String(places),
    tiers.map((one) => `${one.places} × ${called(one.tierId)}`).join('; '),
    seats.join('; '),
    money(total),
    currency.toUpperCase(),
    money(paid),
    money(elsewhere),
    money(refunded),
    createdAt.toISOString(),
    local(createdAt),
    buyer?.name ?? '',
    buyer?.email ?? '',
  ];
}
