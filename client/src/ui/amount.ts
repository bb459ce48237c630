import { money } from './format.ts';

/** What a ticket may cost, in minor units; as the API decides. */
const [LEAST, MOST] = [50, 99_999_999];

/** What is said of an amount that `readAmount` cannot read. */
export const WRONG_AMOUNT = 'must be an amount such as 25 or 25.50';

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

const CURRENCY = String.raw`(?:us ?\$|\$(?: ?us)?|usd|us dollars?|dollars?)`;
const AROUND = new RegExp(`^${CURRENCY} ?|[ .]?${CURRENCY}$`, 'giu');

/** A digit of any script, in ours: each script has its ten in a row. */
const digit = (letter: string) => {
  const code = letter.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value);
};

/** The same in ASCII: `'` between groups where that cannot be a decimal mark, `;` where it can be nothing else. */
const plain = (text: string) =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(AROUND, '')
    .trim()
    .replace(/\p{Nd}/gu, digit)
    .replace(/[ '’ʼ٬]/gu, "'")
    .replace(/،/gu, ',')
    .replace(/٫/gu, ';')
    // `25.–`, as prices are written where there are no cents.
    .replace(/([.,])[-–—]$/u, '$1');

/** `2550` → `25.50`, as every country reads it the same. */
export const plainAmount = (amount: number): string => (amount / 100).toFixed(2);

/** What was typed as it was understood, for its field; as it is while that is not clear. */
export function shownAmount(text: string, decimal?: Decimal): string {
  const read = readAmount(text, decimal);
  return read?.sure ? money(read.amount) : text;
}

const GROUPED = /^(?:\d+|\d{1,3}(?:([.,'])\d{3})(?:\1\d{3})*|\d{1,2}(?:,\d{2})*,\d{3})$/;

/**
 * What a person typed as an amount; undefined when it is none. The last mark parts the cents if at most two digits follow, and
 * groups if three do; where only the reader's own way of writing tells which of both, another way is not sure.
 */
export function readAmount(text: string, decimal: Decimal = '.'): Amount | undefined {
  // `25²` is no 252.
  if (/\p{No}/u.test(text)) return undefined;
  const typed = plain(text);
  const [, whole = '', mark = '', rest = ''] = /^(.*?)(?:([.,;])([^.,;]*))?$/u.exec(typed) ?? [];
  const alone = !/[.,;']/.test(whole);
  const groups = mark !== '' && mark !== ';' && rest.length === 3;
  const digits = groups ? typed : whole || '0';
  if ((!groups && rest.length > 2) || !/^\d*$/.test(rest) || whole + rest === '') return undefined;
  if (
    !GROUPED.test(digits) ||
    (groups && digits.startsWith('0')) ||
    (mark !== '' && whole.includes(mark) && !groups)
  )
    return undefined;
  const dollars = digits.replace(/\D/g, '');
  if (dollars.length > 9) return undefined;
  const sure = groups ? !alone || mark !== decimal : !alone || mark !== ',' || decimal === ',' || rest === '';
  return { amount: Number(dollars) * 100 + (groups ? 0 : Number(rest.padEnd(2, '0'))), sure };
}

/** Beyond it somebody may have typed too much, in minor units; and so many times what is usual. */
const [A_LOT, TIMES] = [1_000_000, 100];

/** What is wrong with a price, or to be asked about it once, as what goes on after `The price`. */
export function judgePrice(
  read: Amount | undefined,
  /** What the seller's other tickets cost, at most. */
  usual?: number,
): { wrong: string } | { ask: string } | undefined {
  if (!read) return { wrong: WRONG_AMOUNT };
  const { amount, sure } = read;
  if (amount < LEAST) return { wrong: `must be at least ${money(LEAST)}` };
  if (amount > MOST) return { wrong: `must be at most ${money(MOST)}` };
  if (!sure) return { ask: `is read as ${money(amount)}` };
  if (usual !== undefined && amount >= usual * TIMES)
    return { ask: `is ${money(amount)}, far more than your ${money(usual)} of before` };
  return amount > A_LOT ? { ask: `is ${money(amount)}, which is a lot` } : undefined;
}
