// How Stripe counts each currency. What can be charged in which is in `chargeable.ts`, as browsers get a file whole.

/** Stripe counts these whole. `Intl` is no source: browsers have fewer decimals for some, such as the forint, than are charged. */
const NONE = 'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf';
/** In thousandths, of which the last digit must be 0. */
const THREE = 'bhd jod kwd omr tnd';
/** Counted in hundredths as before, of which only whole ones can be charged. */
const WHOLE = 'isk ugx';

/** Of an amount's digits, how many are behind the point. */
export const decimalsOf = (currency: string): number =>
  NONE.includes(currency) ? 0 : THREE.includes(currency) ? 3 : 2;

/** What every amount that is charged or given back is a multiple of. */
export const stepOf = (currency: string): number =>
  THREE.includes(currency) ? 10 : WHOLE.includes(currency) ? 100 : 1;

/** How many digits behind the point an amount is written with. */
export const digitsOf = (amount: number, currency: string): number =>
  WHOLE.includes(currency) && amount % 100 === 0 ? 0 : decimalsOf(currency);

/** By the digits that Stripe takes; cards alone may have more. */
const MOST: Readonly<Record<string, number>> = { idr: 999_999_999_999, cop: 9_999_999_999, inr: 999_999_999 };
export const mostOf = (currency: string): number => {
  const most = MOST[currency] ?? 99_999_999;
  return most - (most % stepOf(currency));
};

/** A price with what a code takes off it: in the buyer's favour where the currency has no such amount. */
export const discounted = (
  price: number,
  { percent = 0, amount = 0 }: { percent?: number | undefined; amount?: number | undefined },
  currency: string,
): number => {
  const exact = Math.max(0, price - Math.round((price * percent) / 100) - amount);
  return exact - (exact % stepOf(currency));
};

/**
 * The tax that is in an amount, at a rate in hundredths of a percent: rounded, halves up, to what can be written in the currency. In
 * integers of any size, as a price in rupiah times a rate is beyond those that a number holds exactly.
 */
export const taxIn = (gross: number, rate: number, currency: string): number => {
  const unit = BigInt(10 ** (decimalsOf(currency) - digitsOf(0, currency)));
  const [whole, part] = [BigInt(10_000 + rate) * unit, BigInt(gross) * BigInt(rate)];
  return Number(((2n * part + whole) / (2n * whole)) * unit);
};

/** `2550` → `25.50`, as every country reads it the same. */
export const plainAmount = (amount: number, currency: string): string =>
  (amount / 10 ** decimalsOf(currency)).toFixed(digitsOf(amount, currency));

/** `2500, 'usd'` → `25.00 USD`, for operators and refusals; pages write amounts as their language does. */
export const amountText = (amount: number, currency: string): string =>
  `${plainAmount(amount, currency)} ${currency.toUpperCase()}`;
