import type { Order } from '../api/types.ts';
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

export const reasonOf = ({ reason }: Pick<Order, 'reason'>): string => (reason ? REASONS[reason] : '');

export const isPayable = ({ status }: Pick<Order, 'status'>): boolean =>
  status === 'created' || status === 'awaiting:payment';

export const titlesOf = ({ items }: Pick<Order, 'items'>): string =>
  items.map(({ title }) => title).join(', ');
