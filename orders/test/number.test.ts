import { expect, test } from '@jest/globals';
import { numberOf, OrderNumber, spanOf } from '../src/number.ts';

const ID = '6926f0a31b2c3d4e5f607182';

test('the number of an order leads back to the second in which it was made, and to it alone', () => {
  const number = numberOf(ID);
  expect(number).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
  expect(spanOf(number)).toEqual({ $gte: '6926f0a3' + '0'.repeat(16), $lte: '6926f0a3' + 'f'.repeat(16) });
  expect(numberOf(ID.replace(/2$/, '3'))).not.toBe(number);
});

test.each(['000000000000000000000000', 'ffffffffffffffffffffffff', ID])('%s is among its span', (id) => {
  const { $gte, $lte } = spanOf(numberOf(id)) as { $gte: string; $lte: string };
  expect([id >= $gte, id <= $lte]).toEqual([true, true]);
});

test.each([
  ['small letters', (number: string) => number.toLowerCase()],
  ['no hyphen', (number: string) => number.replace('-', '')],
  ['spaces', (number: string) => ` ${number.replace('-', '').replace(/./g, '$& ')} `],
  ['letters that look like digits', (number: string) => number.replaceAll('0', 'o').replaceAll('1', 'l')],
])('it is read with %s', (_how, typed) => {
  const number = numberOf(ID);
  expect(OrderNumber.parse(typed(number))).toBe(number);
});

test.each(['', '3D4VR', '3D4VR-6HK2MM', '3D4VR-6HK2U', '3D4VR_6HK2M'])('%p is none', (text) => {
  expect(OrderNumber.safeParse(text).success).toBe(false);
});
