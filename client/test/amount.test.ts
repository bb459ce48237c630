import { describe, expect, test } from '@jest/globals';
import { LEAST, leastOf } from '@ticketing/common/chargeable';
import { mostOf, plainAmount } from '@ticketing/common/currency';
import { judgePrice } from '../src/selling/price.ts';
import { money } from '../src/ui/format.ts';
import { clearAmount, currencyName, decimalOf, readAmount, shownAmount } from '../src/ui/amount.ts';

describe('an amount', () => {
  test.each([
    ['25', 2500],
    [' 25.5 ', 2550],
    ['0.29', 29],
    ['.50', 50],
    ['25.', 2500],
    ['$25', 2500],
    ['US$ 25', 2500],
    ['25 USD', 2500],
    ['25.5$', 2550],
    ['1,000.00', 100_000],
    ['$1,000.00', 100_000],
    ['1.000,00', 100_000],
    ['1,000,000', 100_000_000],
    ['1.000.000', 100_000_000],
    ['1,00,000.00', 10_000_000],
    ['1 000,50', 100_050],
    ['1\u00a0000', 100_000],
    ['1\u202f000', 100_000],
    ['1’000.–', 100_000],
    ['25,-', 2500],
    ['٢٥٫٥٠', 2550],
    ['١٬٠٠٠', 100_000],
    ['२५', 2500],
    ['２５．５０', 2550],
    ['\u202a25\u202c', 2500],
  ])('that is typed as %j is read the same everywhere', (text, amount) => {
    for (const decimal of ['.', ','] as const)
      expect(readAmount(text, 'usd', decimal)).toEqual({ amount, sure: true });
  });

  test.each([
    ['25,5', ',', 2550],
    ['25,05', ',', 2505],
    ['1,000', '.', 100_000],
    ['1.000', ',', 100_000],
  ] as const)(
    'that is typed as %j is sure where one writes 0%s5, and asked about elsewhere',
    (text, decimal, amount) => {
      expect(readAmount(text, 'usd', decimal)).toEqual({ amount, sure: true });
      expect(readAmount(text, 'usd', decimal === '.' ? ',' : '.')).toEqual({ amount, sure: false });
      expect(shownAmount(text, 'usd', decimal === '.' ? ',' : '.')).toBe(text);
    },
  );

  test.each([
    ...[
      '',
      ' ',
      '$',
      '.',
      '-1',
      '−1',
      '1e3',
      '0x10',
      '25²',
      '½',
      '1..5',
      '12.34.56',
      '1,000.000',
      '1,234,56',
      '1,0.5',
    ],
    ...['25.5055', '0,500', '1 2 3', '10 00', '€25', '£25', 'a lot', '1000000000', 'Infinity'],
  ])('%j is none', (text) => {
    for (const decimal of ['.', ','] as const) expect(readAmount(text, 'usd', decimal)).toBeUndefined();
  });

  test('is shown as it was understood', () => {
    expect(['1000', '$25', '25.5'].map((text) => shownAmount(text, 'usd'))).toEqual([
      '$1,000.00',
      '$25.00',
      '$25.50',
    ]);
    expect(readAmount(shownAmount('1000', 'usd'), 'usd', ',')).toEqual({ amount: 100_000, sure: true });
  });

  test.each([
    ['en-US', '.'],
    ['de-DE', ','],
    ['de-CH', '.'],
    ['pt-BR', ','],
    ['ar-EG', '.'],
    ['en-US@posix', '.'],
    ['', '.'],
  ])('of %s has its decimals after %j', (locale, decimal) => expect(decimalOf(locale)).toBe(decimal));
});

describe('a price', () => {
  const judge = (text: string, usual?: number) => judgePrice(readAmount(text, 'usd'), 'usd', usual);
  test('is refused in its currency', () => {
    expect(judge('0.49')).toEqual({ wrong: 'must be at least $0.50' });
    expect(judge('1000000')).toEqual({ wrong: 'must be at most $999,999.99' });
    expect(judge('cheap')).toEqual({ wrong: 'must be an amount such as 25 or 25.50' });
  });
  test('is asked about where it is not clear, or unlikely', () => {
    expect(judge('25,5')).toEqual({ ask: 'is read as $25.50' });
    expect(judge('10000.01')).toEqual({ ask: 'is $10,000.01, which is a lot' });
    expect(judge('2550', 2550)).toEqual({ ask: 'is $2,550.00, far more than your $25.50 of before' });
    expect([judge('10000'), judge('2549', 2550), judge('25')]).toEqual([undefined, undefined, undefined]);
  });
});

describe('in another currency', () => {
  test.each([
    ['¥2,500', 'jpy', 2500],
    ['2500円', 'jpy', undefined],
    ['2500 yen', 'jpy', 2500],
    ['2500.00', 'jpy', 2500],
    ['25.50', 'jpy', undefined],
    ['€25', 'eur', 2500],
    ['25 euros', 'eur', 2500],
    ['$25', 'eur', undefined],
    ['1,234.567', 'kwd', 1_234_567],
    ['1.234.567', 'kwd', 1_234_567_000],
    ['0.5', 'kwd', 500],
    ['1000.500', 'kwd', 1_000_500],
    ['1.2345', 'kwd', undefined],
    ['CHF 25.-', 'chf', 2500],
    ['A$ 25', 'aud', 2500],
    ['Rp 250.000', 'idr', 25_000_000],
    ['25 kr', 'sek', 2500],
  ])('%j of %s is %s', (text, currency, amount) => {
    const decimal = currency === 'idr' ? ',' : '.';
    expect(readAmount(text, currency, decimal)?.amount).toBe(amount);
  });

  test('thousandths are told from thousands by how the reader writes, and asked about where they write otherwise', () => {
    expect(readAmount('25.500', 'kwd', '.')).toEqual({ amount: 25_500, sure: true });
    expect(readAmount('25,500', 'kwd', ',')).toEqual({ amount: 25_500, sure: true });
    expect(readAmount('25.500', 'kwd', ',')).toEqual({ amount: 25_500_000, sure: false });
    expect(readAmount('25,500', 'kwd', '.')).toEqual({ amount: 25_500_000, sure: false });
    // Shown as the pages write it, it would be read as a thousand times as much.
    expect(shownAmount('25,500', 'kwd', ',')).toBe('25,500');
    expect(shownAmount('25.5', 'kwd', '.')).toBe('KWD\u00a025.500');
    // It would not be clear.
    expect(shownAmount('1250', 'jpy', ',')).toBe('1250');
    expect(shownAmount('1250', 'jpy', '.')).toBe('¥1,250');
  });

  test('what is shown is read as the same amount, whoever reads it', () => {
    for (const currency of Object.keys(LEAST))
      for (const amount of [leastOf(currency), 7 * leastOf(currency), mostOf(currency)]) {
        expect([currency, readAmount(money(amount, currency), currency)]).toEqual([
          currency,
          { amount, sure: true },
        ]);
        expect(readAmount(plainAmount(amount, currency), currency)).toEqual({ amount, sure: true });
        const elsewhere = readAmount(money(amount, currency), currency, ',');
        if (elsewhere?.sure) expect([currency, elsewhere.amount]).toEqual([currency, amount]);
      }
  });

  test.each([
    [2550, 'usd', '$25.50'],
    [250, 'jpy', '¥250'],
    [1250, 'jpy', '1250'],
    [125_000, 'isk', '1250'],
    [25_500, 'kwd', '25.50'],
    [1_234_560, 'kwd', 'KWD\u00a01,234.560'],
  ])('%s of %s is clear everywhere as %j', (amount, currency, text) => {
    expect(clearAmount(amount, currency)).toBe(text);
    for (const decimal of ['.', ','] as const)
      expect(readAmount(text, currency, decimal)).toEqual({ amount, sure: true });
  });

  test.each([
    ['49', 'jpy', { wrong: 'must be at least ¥50' }],
    ['25.5', 'jpy', { wrong: 'must be an amount such as 2500' }],
    ['5.124', 'kwd', { wrong: 'must be a multiple of KWD\u00a00.010' }],
    ['125.50', 'isk', { wrong: 'must be a multiple of ISK\u00a01' }],
    ['x', 'kwd', { wrong: 'must be an amount such as 25 or 25.500' }],
    ['1,000,001', 'jpy', { ask: 'is ¥1,000,001, which is a lot' }],
    ['250,000', 'idr', undefined],
  ])('a price of %s %s is judged', (text, currency, said) =>
    expect(judgePrice(readAmount(text, currency), currency)).toEqual(said),
  );

  test('it is called as people say', () =>
    expect(['usd', 'eur', 'jpy'].map(currencyName)).toEqual(['US dollars', 'euros', 'Japanese yen']));
});
