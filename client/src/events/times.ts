import { LOCALE, zoneOrUtc } from '../ui/format.ts';

/** Between when, and in which time zone, something is. */
export interface Span {
  startsAt: string;
  endsAt: string;
  /** Of the venue, by its IANA name. */
  zone: string;
}

const DAY = 24 * 60 * 60 * 1000;

// Browsers differ in the spaces around a dash and before AM; what the server wrote must be what they write.
const evenly = (text: string) => text.replace(/[\u2009\u202F]/g, ' ');

const DATE = { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric' } as const;

const format = (zone: string, brief = false) =>
  new Intl.DateTimeFormat(LOCALE, {
    ...DATE,
    ...(!brief && { hour: 'numeric', minute: '2-digit' }),
    timeZone: zoneOrUtc(zone),
  });

/** `Sat, Dec 5, 2026, 8:00 – 11:00 PM`, by the clocks of a zone. */
export const spanText = ({ startsAt, endsAt }: Omit<Span, 'zone'>, zone: string): string =>
  evenly(format(zone).formatRange(new Date(startsAt), new Date(endsAt)));

/** When it begins; of what lasts days, which days: `Dec 5 – 7, 2026`. */
export function beginText({ startsAt, endsAt }: Omit<Span, 'zone'>, zone: string): string {
  const [from, to] = [new Date(startsAt), new Date(endsAt)];
  return evenly(
    to.getTime() - from.getTime() < DAY
      ? format(zone).format(from)
      : format(zone, true).formatRange(from, to),
  );
}

/** `Europe/London` → `London time`: whose clocks are meant. */
export function zoneCalled(zone: string): string {
  const known = zoneOrUtc(zone);
  const [, place] = /^(?!Etc\/).+\/([^/]+)$/.exec(known) ?? [];
  return place === undefined ? known : `${place.replaceAll('_', ' ')} time`;
}
