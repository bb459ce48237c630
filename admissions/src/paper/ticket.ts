import { amountText, taxIn } from '@ticketing/common/currency';
import { numberOf } from '@ticketing/common/order-number';
import type { Admission, KnownEvent } from '../domain/record.ts';

/** The language of what is not people's own words. */
const LOCALE = 'en-US';

/** What stands on a ticket, from top to bottom; a text may have several lines. */
export interface Paper {
  head: string;
  title: string;
  when: string;
  zone: string;
  venue: string;
  address: string;
  details: { label: string; value: string }[];
  code: string;
  note: string;
  organizer: string;
}

/** The `n`th of so many. */
interface Place {
  n: number;
  of: number;
}

/** A ticket in words, at the venue's time. */
export function paperOf(admission: Admission, event: KnownEvent, code: string, { n, of }: Place): Paper {
  const { seat, name, price, currency, taxRate, tierId, _id } = admission;
  const { organizer, venue, zone: timeZone, startsAt, endsAt, title } = event;
  const tier = event.tiers.find(({ id }) => id === tierId);
  const time = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'short', timeZone });
  const country = venue.country && new Intl.DisplayNames(LOCALE, { type: 'region' }).of(venue.country);
  const told = (label: string, value: string | undefined) => (value ? [{ label, value }] : []);
  return {
    head: of > 1 ? `Ticket ${n} of ${of}` : 'Ticket',
    title,
    when: time.formatRange(startsAt, endsAt),
    zone: `${zoneName(startsAt, timeZone)} (${timeZone})`,
    venue: venue.name,
    address: joined([venue.address, venue.city, country]),
    details: [
      ...told('Admits', tier?.name),
      ...told('Block', seat?.block),
      ...told('Row', seat?.row),
      ...told('Seat', seat?.seat),
      ...told('Name', name),
      ...(price > 0 ? told('Price', amountText(price, currency)) : []),
      ...(price > 0 && taxRate
        ? told(`With ${taxRate / 100}\u00a0% tax of`, amountText(taxIn(price, taxRate, currency), currency))
        : []),
      ...told('Number', numberOf(_id)),
    ],
    code,
    note: 'Show this code at the door, on paper or on a screen. It lets one person in, once: whoever comes with a copy of it first.',
    organizer: joined([
      organizer.name,
      organizer.address,
      organizer.taxNumber && `Tax number ${organizer.taxNumber}`,
    ]),
  };
}

/** An address may have many lines. */
const MOST_LINES = 8;
const joined = (texts: readonly (string | undefined)[]) =>
  texts
    .flatMap((text) => text?.split('\n') ?? [])
    .filter((line) => line.trim() !== '')
    .slice(0, MOST_LINES)
    .join('\n');

/** `Central European Standard Time`, as it is called on that day. */
const zoneName = (at: Date, timeZone: string) =>
  new Intl.DateTimeFormat(LOCALE, { timeZone, timeZoneName: 'long' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
