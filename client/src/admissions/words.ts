import type { Admission } from '../api/types.ts';
import { seatText } from '../events/seat-text.ts';
import { dateIn, isolated } from '../ui/format.ts';
import type { Tone } from '../ui/parts.tsx';

/** How a status is said to the holder. */
const STATUS: Record<Admission['status'], { label: string; tone: Tone }> = {
  valid: { label: 'Good', tone: 'good' },
  listed: { label: 'For sale', tone: 'warn' },
  entered: { label: 'Inside', tone: 'good' },
  out: { label: 'Outside', tone: 'warn' },
  returned: { label: 'Given back', tone: 'plain' },
  revoked: { label: 'Not good any more', tone: 'bad' },
};

type Standing = Pick<Admission, 'status' | 'reason' | 'event'>;

export const statusOf = ({ status, reason, event }: Standing): { label: string; tone: Tone } => {
  if (status === 'revoked' && reason === 'blocked') return { label: 'Blocked', tone: 'bad' };
  return status === 'valid' && event.status === 'cancelled'
    ? { label: 'Event cancelled', tone: 'bad' }
    : STATUS[status];
};

const LOST: Record<NonNullable<Admission['reason']>, string> = {
  buyer: 'Its order was cancelled by who bought it.',
  seller: 'Its order was cancelled by the organizer.',
  admin: 'Its order was cancelled by the marketplace.',
  expired: 'Its order was not paid in time.',
  'event-cancelled': 'The event is cancelled: the money goes back to who paid by itself.',
  'ticket-withdrawn': 'It was withdrawn by the organizer.',
  returned: 'The organizer has taken it back: the money goes back to who paid.',
  blocked: 'The organizer lets nobody in with it.',
};

/** Why it lets nobody in any more. */
export const lostText = ({ reason = 'admin' }: Pick<Admission, 'reason'>): string => LOST[reason];

/** What may be handed on, given back and named: nobody has entered with it. */
export const isFree = ({ status, event }: Standing, now: number): boolean =>
  status === 'valid' && event.status !== 'cancelled' && !isOver(event, now);

export const isOver = ({ endsAt }: Pick<Admission['event'], 'endsAt'>, now: number): boolean =>
  Date.parse(endsAt) <= now;

/** `Seated, Stalls, row A, seat 3` */
export const placeText = ({ tier, seat }: Pick<Admission, 'tier' | 'seat'>): string =>
  seat ? `${isolated(tier)}, ${seatText(seat)}` : isolated(tier);

export const GROUPS = [
  ['today', 'Today'],
  ['coming', 'Coming'],
  ['past', 'Past'],
] as const;
export type Group = (typeof GROUPS)[number][0];

/** Today is what is going on, or begins on this day where it is. */
export function groupOf({ event }: Pick<Admission, 'event'>, now: number): Group {
  if (isOver(event, now)) return 'past';
  return dateIn(event.zone, Date.parse(event.startsAt)) <= dateIn(event.zone, now) ? 'today' : 'coming';
}

/** Those of one event together, in the order of their places. */
export function byEvent(tickets: readonly Admission[]): [Admission, ...Admission[]][] {
  const events = new Map<string, [Admission, ...Admission[]]>();
  for (const ticket of [...tickets].sort(inOrder)) {
    const there = events.get(ticket.event.id);
    if (there) there.push(ticket);
    else events.set(ticket.event.id, [ticket]);
  }
  return [...events.values()];
}

let natural: Intl.Collator | undefined;

/** As they come, and as people count: `seat 2` before `seat 10`. */
export function inOrder(a: Admission, b: Admission): number {
  natural ??= new Intl.Collator('en-US', { numeric: true });
  return (
    Date.parse(a.event.startsAt) - Date.parse(b.event.startsAt) ||
    natural.compare(placeText(a), placeText(b)) ||
    (a.id < b.id ? -1 : 1)
  );
}
