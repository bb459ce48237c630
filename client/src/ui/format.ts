/** The language of the pages: they show amounts and dates as it does. What is typed is read as the reader writes (ADR 32). */
export const LOCALE = 'en-US';

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

/** `754` seconds → `12:34`. */
export const clockText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
