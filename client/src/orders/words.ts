import type { Order } from '../api/types.ts';
import { isolated } from '../ui/format.ts';
import type { Tone } from '../ui/parts.tsx';

/** How a status is said to the buyer. */
export const STATUS: Record<Order['status'], { label: string; tone: Tone }> = {
  created: { label: 'Reserved', tone: 'warn' },
  'awaiting:payment': { label: 'Payment under way', tone: 'warn' },
  complete: { label: 'Paid', tone: 'good' },
  cancelled: { label: 'Cancelled', tone: 'plain' },
  refunded: { label: 'Money back', tone: 'plain' },
};

const REASONS: Record<NonNullable<Order['reason']>, string> = {
  buyer: 'The buyer has cancelled it.',
  seller: 'The seller has cancelled it.',
  admin: 'It was cancelled by the marketplace.',
  expired: 'The time to pay ran out.',
  'ticket-withdrawn': 'The seller withdrew a ticket in the same moment.',
};

/** Why an order is over, as said to its buyer or to anybody else. */
export const reasonOf = ({ reason }: Pick<Order, 'reason'>, mine: boolean): string =>
  reason === undefined ? '' : mine && reason === 'buyer' ? 'You have cancelled it.' : REASONS[reason];

export const isPayable = ({ status }: Pick<Order, 'status'>): boolean =>
  status === 'created' || status === 'awaiting:payment';

/** `2 × Front row, Balcony`. */
export function titlesOf({ items }: Pick<Order, 'items'>): string {
  const counts = new Map<string, number>();
  for (const { title } of items) counts.set(title, (counts.get(title) ?? 0) + 1);
  return [...counts]
    .map(([title, count]) => (count === 1 ? isolated(title) : `${count} × ${isolated(title)}`))
    .join(', ');
}
