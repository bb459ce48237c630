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
  'event-cancelled': 'The event is cancelled.',
  'ticket-withdrawn': 'The seller withdrew a ticket in the same moment.',
  returned: 'All of it was taken back.',
};

/** Why an order is over, as said to its buyer or to anybody else. */
export const reasonOf = ({ reason }: Pick<Order, 'reason'>, mine: boolean): string =>
  reason === undefined ? '' : mine && reason === 'buyer' ? 'You have cancelled it.' : REASONS[reason];

/** What costs nothing is nobody's payment. */
export const statusOf = ({
  status,
  total,
}: Pick<Order, 'status' | 'total'>): (typeof STATUS)[Order['status']] =>
  status === 'complete' && total === 0 ? { label: 'Yours', tone: 'good' } : STATUS[status];

export const isPayable = ({ status }: Pick<Order, 'status'>): boolean =>
  status === 'created' || status === 'awaiting:payment';

/** Where one's own order of a ticket is asked for. */
export const orderOfTicket = (ticketId: string): string => `/api/orders?ticketId=${ticketId}`;

type Items = { items: readonly Pick<Order['items'][number], 'title'>[] };

/** What an order is called: `Front row`, `2 × Front row`, `Cup final · 10 tickets`, `Front row and 2 more`. */
export function titlesOf({ items }: Items): string {
  const titles = [...new Set(items.map(({ title }) => title))];
  const first = isolated(titles[0] ?? '');
  if (titles.length === 1) return items.length === 1 ? first : `${items.length} × ${first}`;
  const shared = beginningOf(titles);
  return shared === ''
    ? `${first} and ${items.length - 1} more`
    : `${isolated(shared)} · ${items.length} tickets`;
}

/** What a seat is called before its number. */
const LABEL = /[\s\p{P}\p{S}]+(rows?|seats?|places?|no|nr)$/iu;

/** The words that all titles begin with. */
function beginningOf(titles: readonly string[]): string {
  const [first = [], ...others] = titles.map((title) => Array.from(title));
  const differs = first.findIndex((sign, at) => others.some((other) => other[at] !== sign));
  const length = differs === -1 ? first.length : differs;
  const inWord = [first, ...others].some((title) => /[\p{L}\p{N}\p{M}]/u.test(title[length] ?? ''));
  const same = first.slice(0, length).join('');
  const words = (inWord ? same.replace(/[\p{L}\p{N}\p{M}]+$/u, '') : same).replace(/[\s\p{P}\p{S}]+$/u, '');
  const bare = words.replace(LABEL, '');
  return bare === words ? bare : bare.replace(LABEL, '');
}

/** Whether it holds places of an event, which are shown there; else tickets, each with a page of its own. */
export const isOfEvent = ({ items }: Pick<Order, 'items'>): boolean =>
  items.some(({ kind }) => kind === 'place');

/** Whether what it says of its event is older than what was heard of that. */
export const isBehind = (
  { event }: { event?: Pick<NonNullable<Order['event']>, 'version'> },
  version: number,
): boolean => event !== undefined && event.version < version;

export interface Row {
  ticketId: string;
  title: string;
  /** Where somebody sits, one after the other. */
  seats: NonNullable<Order['items'][number]['seat']>[];
  count: number;
  /** Of all of them. */
  price: number;
}

/** The tickets of an order, those of one name and price together. */
export function rowsOf({ items }: Pick<Order, 'items'>): Row[] {
  const rows = new Map<string, Row>();
  for (const { ticketId, title, price, seat } of items) {
    const key = `${price} ${title}`;
    const row = rows.get(key) ?? { ticketId, title, count: 0, price: 0, seats: [] };
    const seats = seat ? [...row.seats, seat] : row.seats;
    rows.set(key, { ...row, count: row.count + 1, price: row.price + price, seats });
  }
  return [...rows.values()];
}
