import { z } from 'zod';
import { LEAST } from '../currency.ts';

/** The one currency of this market, ISO 4217 in Stripe's lower case. */
export const CURRENCY = 'usd';

/** Stripe's smallest charge in US dollars. */
export const MIN_PRICE = 50;
export const MAX_PRICE = 99_999_999;

/** Integer minor units: cents. */
export const Money = z.int().min(0);

export const Currency = z
  .enum(Object.keys(LEAST), 'must be the code of a currency that can be charged, such as usd')
  .meta({ description: 'ISO 4217, in lower case' });

/** The market's currency, as a setting: of what is made new. What was made keeps its own. */
export const MarketCurrency = z.string().toLowerCase().pipe(Currency).default('usd');

export const Price = z
  .int('must be a whole number of cents')
  .min(MIN_PRICE, `must be at least ${MIN_PRICE} cents`)
  .max(MAX_PRICE, `must be at most ${MAX_PRICE} cents`)
  .meta({ description: 'Minor units (cents)' });
