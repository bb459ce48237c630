import { plainAmount } from '@ticketing/common/currency';
import { type Decimal, readAmount, wrongAmount } from '../ui/amount.ts';
import { money } from '../ui/format.ts';

/** Between which prices somebody looks, as they are typed. */
export interface Prices {
  min: string;
  max: string;
  currency: string;
}

/** What is wrong with the prices that were typed, of each. */
export function wrongPrices(
  { min, max, currency }: Prices,
  decimal?: Decimal,
): Partial<Pick<Prices, 'min' | 'max'>> {
  const wrong = (text: string) => {
    const read = readAmount(text, currency, decimal);
    if (text === '' || read?.sure) return undefined;
    return read
      ? `may mean ${money(read.amount, currency)}: write ${plainAmount(read.amount, currency)}`
      : wrongAmount(currency);
  };
  const [low, high] = [wrong(min), wrong(max)];
  const amountOf = (text: string) => Number(readAmount(text, currency, decimal)?.amount);
  const crossed = amountOf(min) > amountOf(max);
  const least = low ?? (crossed && !high ? 'must not be above Price to' : undefined);
  return { ...(least && { min: least }), ...(high && { max: high }) };
}

/** A price of an address, which says the same to everybody: what could mean another amount is none. */
export const minorUnits = (text: string, currency: string): number | undefined => {
  const read = readAmount(text, currency);
  return read?.sure ? read.amount : undefined;
};

/** A price for the address, which everybody reads the same; nothing as long as it is not clear. */
export const priceIn = (text: string, currency: string, decimal: Decimal): string => {
  const read = readAmount(text, currency, decimal);
  return read?.sure ? plainAmount(read.amount, currency).replace(/\.0+$/, '') : '';
};
