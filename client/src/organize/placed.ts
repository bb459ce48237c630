import type { PlacedOrder } from '../api/types.ts';
import { STATUS } from '../orders/words.ts';
import { isolated } from '../ui/format.ts';

/** Which orders of an event are looked for, as the address of their page has it. */
export interface PlacedSearch {
  q: string;
  status: string;
}

export const STATUSES = {
  complete: 'Complete',
  unpaid: 'Not paid yet',
  cancelled: 'Cancelled',
  refunded: 'Money back',
} as const;

export function readSearch({ status }: { status?: string | string[] | undefined }, q: string): PlacedSearch {
  return { q, status: typeof status === 'string' && Object.hasOwn(STATUSES, status) ? status : '' };
}

const queryOf = (eventId: string, { q, status }: PlacedSearch) =>
  new URLSearchParams({ eventId, ...(q && { q }), ...(status && { status }) });

/** Where its team is told of the orders of an event, and where it gets them for a spreadsheet. */
export const placedPath = (eventId: string, search: PlacedSearch): string =>
  `/api/orders/placed?${queryOf(eventId, search)}`;
export const sheetPath = (eventId: string, search: PlacedSearch): string =>
  `/api/orders/placed/csv?${queryOf(eventId, search)}`;

/** How an order stands, to who sells. */
export const standing = ({ status, total, elsewhere }: PlacedOrder): (typeof STATUS)['complete'] => {
  if (status !== 'complete') return STATUS[status];
  return { label: total === 0 ? 'Free' : elsewhere > 0 ? 'Box office' : 'Paid', tone: 'good' };
};

/** `2 × Standing, 1 × Box` */
export const ticketsText = (
  { tiers }: Pick<PlacedOrder, 'tiers'>,
  known: readonly { id: string; name: string }[],
): string =>
  tiers
    .map(({ tierId, places }) => {
      const name = known.find(({ id }) => id === tierId)?.name;
      return `${places} × ${isolated(name ?? 'a ticket that is no more')}`;
    })
    .join(', ');
