import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, parseConfig } from '@ticketing/common/config';
import { Currency, MarketCurrency, priceIn } from '@ticketing/common/contracts/money';
import { LEAST, leastOf, wrongAmount } from '@ticketing/common/chargeable';
import { amountText, decimalsOf, mostOf, stepOf } from '@ticketing/common/currency';

const all = Object.keys(LEAST);

/** Minor units of ISO 4217 (list one of its maintenance agency), where they are not two. */
const ISO = new Map([
  ...'bif clp djf gnf isk jpy kmf krw pyg rwf ugx vnd vuv xaf xof xpf'
    .split(' ')
    .map((code) => [code, 0] as const),
  ...'bhd jod kwd omr tnd'.split(' ').map((code) => [code, 3] as const),
]);

test('every currency has the decimals of ISO 4217, but for those that Stripe counts otherwise', () => {
  const others = all.filter((code) => decimalsOf(code) !== (ISO.get(code) ?? 2));
  // The ariary has fifths, which nobody writes.
  expect(others).toEqual(['isk', 'mga', 'ugx']);
});

test('of every currency the least and the most can be charged, and no more or less', () => {
  for (const currency of all) {
    const [least, most, step] = [leastOf(currency), mostOf(currency), stepOf(currency)];
    expect([wrongAmount(least, currency), wrongAmount(most, currency)]).toEqual([undefined, undefined]);
    expect(wrongAmount(least - step, currency)).toMatch(/^must be at least /);
    expect(wrongAmount(most + step, currency)).toMatch(/^must be at most /);
    expect(least).toBeLessThan(most / 10);
  }
});

describe('an amount', () => {
  test.each([
    [49, 'usd', 'must be at least 50 cents'],
    [100_000_000, 'usd', 'must be at most 99999999 cents'],
    [49, 'eur', 'must be at least 50 (0.50 EUR)'],
    [49, 'jpy', 'must be at least 50 (50 JPY)'],
    [17_400, 'huf', 'must be at least 17500 (175.00 HUF)'],
    [5124, 'kwd', 'must be a multiple of 10 (0.010 KWD)'],
    [12_350, 'isk', 'must be a multiple of 100 (1 ISK)'],
    [200_050, 'ugx', 'must be a multiple of 100 (1 UGX)'],
    [100_000_000, 'kwd', 'must be at most 99999990 (99999.990 KWD)'],
  ])('of %i %s %s', (amount, currency, sentence) => expect(wrongAmount(amount, currency)).toBe(sentence));

  test.each([
    [2500, 'usd', '25.00 USD'],
    [2500, 'jpy', '2500 JPY'],
    [2500, 'kwd', '2.500 KWD'],
    [2500, 'isk', '25 ISK'],
    [2550, 'isk', '25.50 ISK'],
    [2500, 'huf', '25.00 HUF'],
  ])('of %i %s is written %s', (amount, currency, text) => expect(amountText(amount, currency)).toBe(text));
});

test('the market is in US dollars unless the setting says otherwise, which is refused by its name', () => {
  const read = (CURRENCY?: string) =>
    parseConfig(z.object({ CURRENCY: MarketCurrency }), { CURRENCY }).CURRENCY;
  expect([read(), read(''), read('eur'), read('JPY')]).toEqual(['usd', 'usd', 'eur', 'jpy']);
  for (const wrong of ['xyz', 'dollars', 'constructor', 'btc'])
    expect(() => read(wrong)).toThrow(
      new ConfigError('CURRENCY must be the code of a currency that can be charged, such as usd.'),
    );
});

test('what a price may be is in the document, for each currency', () => {
  const bounds = (currency: string) => z.toJSONSchema(priceIn(currency));
  expect(bounds('usd')).toMatchObject({ type: 'integer', minimum: 50, maximum: 99_999_999 });
  expect(bounds('usd')).not.toHaveProperty('multipleOf');
  expect(bounds('kwd')).toMatchObject({ minimum: 160, maximum: 99_999_990, multipleOf: 10 });
  expect(Currency.safeParse('USD').success).toBe(false);
});
