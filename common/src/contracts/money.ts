import { z } from 'zod';
import { LEAST, leastOf } from '../chargeable.ts';
import { mostOf, stepOf } from '../currency.ts';

/** Integer minor units of the currency that stands beside it: cents, yen, fils. */
export const Money = z.int().min(0);

export const Currency = z
  .enum(Object.keys(LEAST), 'must be the code of a currency that can be charged, such as usd')
  .meta({ description: 'ISO 4217, in lower case' });

/** The market's currency, as a setting: of what is made new. What was made keeps its own. */
export const MarketCurrency = z.string().toLowerCase().pipe(Currency).default('usd');

/**
 * A price as it is asked for where new things are in `currency`, whose bounds its document tells. What is changed may be in another,
 * so a rule says the last word (`wrongAmount`).
 */
export const priceIn = (currency: string) =>
  z.int(`must be a whole number${currency === 'usd' ? ' of cents' : ''}`).meta({
    description: `Minor units of ${currency.toUpperCase()}${currency === 'usd' ? ' (cents)' : ''}`,
    minimum: leastOf(currency),
    maximum: mostOf(currency),
    ...(stepOf(currency) > 1 && { multipleOf: stepOf(currency) }),
  });
