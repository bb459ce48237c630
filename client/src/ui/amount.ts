import { decimalsOf, digitsOf, mostOf, plainAmount } from '@ticketing/common/currency';
import { LOCALE, money } from './format.ts';

/** What is said of an amount that `readAmount` cannot read. */
export const wrongAmount = (currency: string): string =>
  `must be an amount such as ${digitsOf(0, currency) === 0 ? '2500' : `25 or ${plainAmount(255 * 10 ** (decimalsOf(currency) - 1), currency)}`}`;

/** An amount as it was typed; not `sure` when somebody of another country would mean another by it. */
export interface Amount {
  /** In minor units. */
  amount: number;
  sure: boolean;
}

/** How a person writes the decimals of a number. */
export type Decimal = '.' | ',';

export function decimalOf(locale: string): Decimal {
  try {
    const parts = new Intl.NumberFormat(locale).formatToParts(0.5);
    return parts.some(({ type, value }) => type === 'decimal' && value === ',') ? ',' : '.';
  } catch {
    return '.'; // a browser may call its language what is none, such as `en-US@posix`
  }
}

/** What a currency is called for so much: `$`, `US dollars`. */
const called = (currency: string, currencyDisplay: 'symbol' | 'narrowSymbol' | 'name', amount = 2) =>
  new Intl.NumberFormat(LOCALE, { style: 'currency', currency, currencyDisplay })
    .formatToParts(amount)
    .find(({ type }) => type === 'currency')?.value ?? currency;

/** `usd` → `US dollars` */
export const currencyName = (currency: string): string => called(currency, 'name');

const around = new Map<string, RegExp>();

/** What people write of a currency before or behind an amount: `$`, `US$`, `usd`, `dollars`. */
function aroundIn(currency: string): RegExp {
  const known = around.get(currency);
  if (known) return known;
  const names = [called(currency, 'name', 1), called(currency, 'name')];
  const short = called(currency, 'narrowSymbol');
  const country = currency.slice(0, 2);
  const all = [
    ...[currency, short, called(currency, 'symbol'), `${country} ${short}`, `${short} ${country}`],
    ...names.flatMap((name) => [name, name.split(' ').at(-1) ?? name]),
  ];
  const written = all
    .map((text) =>
      text
        .normalize('NFKC')
        .replace(/[$.*+?()[\]{}|^\\]/g, '\\$&')
        .replace(/\s+/gu, ' ?'),
    )
    .sort((a, b) => b.length - a.length)
    .join('|');
  const made = new RegExp(`^(?:${written}) ?|[ .]?(?:${written})$`, 'giu');
  around.set(currency, made);
  return made;
}

/** A digit of any script, in ours: each script has its ten in a row. */
const digit = (letter: string) => {
  const code = letter.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value);
};

/** The same in ASCII: `'` between groups where that cannot be a decimal mark, `;` where it can be nothing else. */
const plain = (text: string, currency: string) =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(aroundIn(currency), '')
    .trim()
    .replace(/\p{Nd}/gu, digit)
    .replace(/[ '’ʼ٬]/gu, "'")
    .replace(/،/gu, ',')
    .replace(/٫/gu, ';')
    // `25.–`, as prices are written where there are no cents.
    .replace(/([.,])[-–—]$/u, '$1');

/** As pages show it, where everybody reads that the same; else plainly: `1250` for ¥1,250, and `25.50` for 25.500 dinars. */
export function clearAmount(amount: number, currency: string): string {
  const shown = money(amount, currency);
  const isClear = (['.', ','] as const).every((decimal) => says(shown, amount, currency, decimal));
  // Three digits behind the point could be thousands; no currency charges thousandths, so the last is 0.
  return isClear ? shown : plainAmount(amount, currency).replace(/(\.\d\d)0$/, '$1');
}

/** Whether a text is surely read as that amount. */
function says(text: string, amount: number, currency: string, decimal?: Decimal): boolean {
  const read = readAmount(text, currency, decimal);
  return read?.sure === true && read.amount === amount;
}

/** What was typed as it was understood, for its field; as it is while that is not clear, or would not be there. */
export function shownAmount(text: string, currency: string, decimal?: Decimal, write = money): string {
  const read = readAmount(text, currency, decimal);
  if (!read?.sure) return text;
  const shown = write(read.amount, currency);
  return says(shown, read.amount, currency, decimal) ? shown : text;
}

const GROUPED = /^(?:\d+|\d{1,3}(?:([.,'])\d{3})(?:\1\d{3})*|\d{1,2}(?:,\d{2})*,\d{3})$/;

/**
 * What a person typed as an amount; undefined when it is none. The last mark parts the decimals if at most two digits follow, and
 * groups if three do; where only the reader's own way of writing tells which of both, another way is not sure. In a currency of
 * thousandths three digits are decimals after the reader's own mark, or where they cannot be a group.
 */
export function readAmount(text: string, currency: string, decimal: Decimal = '.'): Amount | undefined {
  // `25²` is no 252.
  if (/\p{No}/u.test(text)) return undefined;
  const typed = plain(text, currency);
  const decimals = decimalsOf(currency);
  const [, whole = '', mark = '', rest = ''] = /^(.*?)(?:([.,;])([^.,;]*))?$/u.exec(typed) ?? [];
  const alone = !/[.,;']/.test(whole);
  const groupable = GROUPED.test(typed) && !typed.startsWith('0');
  const groups =
    mark !== '' &&
    mark !== ';' &&
    rest.length === 3 &&
    (decimals < 3 || (groupable && !(alone && mark === decimal)));
  const digits = groups ? typed : whole || '0';
  if (!groups && (rest.length > Math.max(2, decimals) || (decimals === 0 && /[1-9]/.test(rest))))
    return undefined;
  if (!/^\d*$/.test(rest) || whole + rest === '') return undefined;
  if (
    !GROUPED.test(digits) ||
    (groups && digits.startsWith('0')) ||
    (mark !== '' && whole.includes(mark) && !groups)
  )
    return undefined;
  const units = digits.replace(/\D/g, '');
  if (units.length > String(mostOf(currency)).length + 1) return undefined;
  const sure = groups
    ? !alone || (decimals < 3 && mark !== decimal)
    : !alone || mark !== ',' || decimal === ',' || rest === '';
  const parts = groups || decimals === 0 ? 0 : Number(rest.padEnd(decimals, '0'));
  return { amount: Number(units) * 10 ** decimals + parts, sure };
}
