export const LOCALE = 'en-US';

/** What is said of an amount that `minorUnits` cannot read. */
export const WRONG_AMOUNT = 'must be an amount such as 25 or 25.50';

/** So many tickets may be in one order. */
export const MOST_TOGETHER = 10;

const formats = new Map<string, Intl.NumberFormat>();

/** `2500, 'usd'` → `$25.00`; amounts are in minor units. */
export function money(amount: number, currency = 'usd'): string {
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat(LOCALE, { style: 'currency', currency });
    formats.set(currency, format);
  }
  return format.format(amount / 100);
}

const TURNING = /[\u202A-\u202E\u2066-\u2069]/g;
const RIGHT_TO_LEFT =
  /[\u0590-\u08FF\u200F\u202A-\u202E\u2066-\u2069\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** Somebody's words within a sentence, a label or a page's name: in their own direction, and turning nothing around them. */
export const isolated = (text: string): string =>
  RIGHT_TO_LEFT.test(text) ? `\u2068${text.replace(TURNING, '')}\u2069` : text;

/** What a person typed as an amount, in minor units; undefined when it is none. */
export const minorUnits = (text: string): number | undefined =>
  /^\d{1,9}([.,]\d{1,2})?$/.test(text.trim())
    ? Math.round(Number(text.trim().replace(',', '.')) * 100)
    : undefined;

/** `2500` → `25.00`, for a field. */
export const amountText = (amount: number): string => (amount / 100).toFixed(2);

/** What is too long for the letters of a short heading. */
export const isLong = (title: string): boolean => title.length > 40;

/** `754` seconds → `12:34`. */
export const clockText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
