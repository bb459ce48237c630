import { expect, test } from '@jest/globals';
import { numberOf } from '@ticketing/common/number';
import { idsOf, OrderNumber } from '../src/number.ts';

const ID = '6926f0a31b2c3d4e5f607182';

test('the number of an order leads back to the second in which it was made, and to it alone', () => {
  const number = numberOf(ID);
  expect(number).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
  expect(idsOf(number)).toMatchObject({
    $gte: '6926f0a3' + '0'.repeat(16),
    $lte: '6926f0a3' + 'f'.repeat(16),
  });
  expect(numberOf(ID.replace(/2$/, '3'))).not.toBe(number);
});

test.each(['000000000000000000000000', 'ffffffffffffffffffffffff', ID, ID.replace(/7182$/, '000a')])(
  '%s is found by its number, and by it alone are those that differ in what it does not tell',
  (id) => {
    const finds = (other: string) => {
      const { $gte, $lte, $regex } = idsOf(numberOf(id)) as Exclude<ReturnType<typeof idsOf>, string>;
      return other >= $gte && other <= $lte && new RegExp($regex).test(other);
    };
    const ends = Array.from({ length: 24 }, (_, bit) =>
      (Number.parseInt(id.slice(-6), 16) ^ (1 << bit)).toString(16).padStart(6, '0'),
    );
    expect(finds(id)).toBe(true);
    for (const other of ends.map((end) => id.slice(0, -6) + end))
      expect([other, finds(other)]).toEqual([other, numberOf(other) === numberOf(id)]);
    expect(idsOf(id)).toBe(id);
  },
);

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
