import type { Admission } from '../api/types.ts';
import { addressOf } from '../events/address.ts';
import { spanText, zoneCalled } from '../events/times.ts';
import { type KeptTicket, keepTickets } from '../session/kept.ts';
import { LOCALE } from '../ui/format.ts';
import { squaresOf } from './qr.ts';
import { isOver, placeText } from './words.ts';

/** So many are kept, of what comes first. */
const MOST = 60;

/** Keeps what is good of these tickets for when there is no network, in place of those of its event, or of all. */
export function keep(by: string, tickets: readonly Admission[], eventId?: string): void {
  const now = Date.now();
  const good = tickets
    .filter(({ code, event }) => code !== undefined && event.status !== 'cancelled' && !isOver(event, now))
    .sort((a, b) => Date.parse(a.event.startsAt) - Date.parse(b.event.startsAt))
    .slice(0, MOST);
  const at = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' }).format(now);
  keepTickets(
    by,
    good.map((ticket) => keptOf(ticket, at)),
    (one) => eventId === undefined || one.eventId === eventId,
  );
}

function keptOf(ticket: Admission, kept: string): KeptTicket {
  const { id, event, name, code = '' } = ticket;
  const { path, size } = squaresOf(code);
  return {
    id,
    eventId: event.id,
    title: event.title,
    when: `${spanText(event, event.zone)} ${zoneCalled(event.zone)}`,
    where: addressOf(event.venue).join(', '),
    lines: [placeText(ticket), ...(name === undefined ? [] : [name])],
    code: path,
    size,
    kept,
  };
}
