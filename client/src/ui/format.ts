import { decimalsOf, digitsOf } from '@ticketing/common/currency';

/** The language of the pages: they show amounts and dates as it does. What is typed is read as the reader writes (ADR 32). */
export const LOCALE = 'en-US';

/** So many tickets may be in one order. */
export const MOST_TOGETHER = 10;

/** The time zone of this device, by its IANA name. */
export const ownZone = (): string => zoneOrUtc(new Intl.DateTimeFormat().resolvedOptions().timeZone);

/** That zone, or UTC where this browser does not know it: an account's may be younger, its own be unknown. */
export function zoneOrUtc(timeZone: string): string {
  try {
    new Intl.DateTimeFormat(LOCALE, { timeZone });
    return timeZone;
  } catch {
    return 'UTC';
  }
}

/** `2026-11-27`: which day it is in a time zone. */
export const dateIn = (timeZone: string, moment: number): string =>
  // Swedish writes dates as ISO 8601 does.
  new Intl.DateTimeFormat('sv-SE', { timeZone: zoneOrUtc(timeZone), dateStyle: 'short' }).format(moment);

const formats = new Map<string, Intl.NumberFormat>();

/** `2500, 'usd'` → `$25.00`; amounts are in minor units. */
export function money(amount: number, currency: string): string {
  const digits = digitsOf(amount, currency);
  const key = `${currency} ${digits}`;
  let format = formats.get(key);
  if (!format) {
    const exactly = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    format = new Intl.NumberFormat(LOCALE, { style: 'currency', currency, ...exactly });
    formats.set(key, format);
  }
  return format.format(amount / 10 ** decimalsOf(currency));
}

const TURNING = /[\u202A-\u202E\u2066-\u2069]/g;
const RIGHT_TO_LEFT =
  /[\u0590-\u08FF\u200F\u202A-\u202E\u2066-\u2069\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** Somebody's words within a sentence, a label or a page's name: in their own direction, and turning nothing around them. */
export const isolated = (text: string): string =>
  RIGHT_TO_LEFT.test(text) ? `\u2068${text.replace(TURNING, '')}\u2069` : text;

// The first of each kind takes a browser tens of milliseconds: it is made when it is asked for, not with the page.
let natural: Intl.Collator | undefined;

/** By title as people count: `Row 2` before `Row 10`. */
export function rising(a: { title: string; id: string }, b: { title: string; id: string }): number {
  natural ??= new Intl.Collator(LOCALE, { numeric: true });
  return natural.compare(a.title, b.title) || (a.id < b.id ? -1 : 1);
}

/** What is too long for the letters of a short heading. */
export const isLong = (title: string): boolean => title.length > 40;

/** `754` seconds → `12:34`. */
export const clockText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
