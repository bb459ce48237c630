import { taxIn } from '@ticketing/common/currency';
import type { Order } from '../api/types.ts';

/** What was paid at one rate of tax, and how much of it is tax. */
export interface Taxed {
  /** Hundredths of a percent: 1900 is 19 %. */
  rate: number;
  gross: number;
  tax: number;
}

/**
 * The tax that is in prices, by rate, lowest first: of the sum at each rate, rounded once, halves up, to what can be written in the
 * currency. What is left of `gross` is net, so both add up to what was paid. Without a rate nothing is said.
 */
export function taxesIn({ items, currency }: Pick<Order, 'items' | 'currency'>): Taxed[] {
  const sums = new Map<number, number>();
  for (const { price, taxRate } of items)
    if (taxRate !== undefined) sums.set(taxRate, (sums.get(taxRate) ?? 0) + price);
  return [...sums]
    .sort(([a], [b]) => a - b)
    .map(([rate, gross]) => ({ rate, gross, tax: taxIn(gross, rate, currency) }));
}

/** `1900` → `19 %`, `725` → `7.25 %` */
export const rateText = (rate: number): string => `${rate / 100}\u00a0%`;
