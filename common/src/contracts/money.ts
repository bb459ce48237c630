import { z } from 'zod';

/** The one currency of this market, ISO 4217 in Stripe's lower case. */
export const CURRENCY = 'usd';

/** Stripe's smallest charge in US dollars. */
export const MIN_PRICE = 50;
export const MAX_PRICE = 99_999_999;

/** Integer minor units: cents. */
export const Money = z.int().min(0);

export const Price = z
  .int('must be a whole number of cents')
  .min(MIN_PRICE, `must be at least ${MIN_PRICE} cents`)
  .max(MAX_PRICE, `must be at most ${MAX_PRICE} cents`)
  .meta({ description: 'Minor units (cents)' });
