import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mostOf, stepOf } from '@ticketing/common/currency';
import { rateText, taxesIn } from '../src/orders/tax.ts';

const item = (price: number, taxRate?: number) => ({
  ticketId: 't',
  ticketVersion: 0,
  title: 'Seat',
  sellerId: 's',
  price,
  ...(taxRate !== undefined && { taxRate }),
});
const taxes = (currency: string, ...items: ReturnType<typeof item>[]) => taxesIn({ currency, items });

test('tax is split out of prices that include it, by rate, and rounded once', () => {
  expect(taxes('eur', item(1190, 1900), item(1070, 700), item(2500, 1900))).toEqual([
    { rate: 700, gross: 1070, tax: 70 },
    { rate: 1900, gross: 3690, tax: 589 },
  ]);
  // Of each alone it is 0.4998, which would be nothing.
  expect(taxes('jpy', ...[1, 2, 3].map(() => item(11, 476)))).toEqual([{ rate: 476, gross: 33, tax: 1 }]);
  expect(taxes('usd', item(2500))).toEqual([]);
  expect(taxes('usd', item(2500, 0))).toEqual([{ rate: 0, gross: 2500, tax: 0 }]);
  expect(taxes('isk', item(123_400, 2400))).toEqual([{ rate: 2400, gross: 123_400, tax: 23_900 }]);
  expect([rateText(1900), rateText(725)]).toEqual(['19\u00a0%', '7.25\u00a0%']);
});

test('a half goes up', () => expect(taxes('eur', item(3, 2000))).toEqual([{ rate: 2000, gross: 3, tax: 1 }]));

test('whatever was paid, net and tax are what was paid, and the tax is right to half of what can be written', () => {
  const currency = fc.constantFrom('usd', 'jpy', 'kwd', 'isk', 'idr');
  const order = currency.chain((currency) =>
    fc.record({
      currency: fc.constant(currency),
      items: fc.array(
        fc
          .tuple(
            fc.integer({ min: 0, max: mostOf(currency) / stepOf(currency) }),
            fc.integer({ min: 0, max: 10_000 }),
          )
          .map(([steps, rate]) => item(steps * stepOf(currency), rate)),
        { minLength: 1, maxLength: 10 },
      ),
    }),
  );
  fc.assert(
    fc.property(order, ({ currency, items }) => {
      const found = taxes(currency, ...items);
      const unit = currency === 'isk' ? 100n : 1n;
      expect(found.reduce((sum, { gross }) => sum + gross, 0)).toBe(
        items.reduce((sum, { price }) => sum + price, 0),
      );
      for (const { rate, gross, tax } of found) {
        const [net, all] = [BigInt(gross - tax), BigInt(gross)];
        expect(net >= 0n && net % unit === 0n && BigInt(tax) % unit === 0n).toBe(true);
        // |tax - gross * rate / (1 + rate)| <= unit / 2, in integers.
        const whole = BigInt(10_000 + rate);
        const off = BigInt(tax) * whole - all * BigInt(rate);
        expect((off < 0n ? -off : off) * 2n <= unit * whole).toBe(true);
      }
    }),
  );
});
