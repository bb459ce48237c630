import { describe, expect, test } from '@jest/globals';
import { cardFault } from '../src/orders/card-fault.ts';
import { isBehind, rowsOf, titlesOf } from '../src/orders/words.ts';

const named = (...titles: string[]) => titlesOf({ items: titles.map((title) => ({ title })) });
const seats = (beginning: string) => Array.from({ length: 10 }, (_, n) => `${beginning}${n + 1}`);

describe('an order is called', () => {
  test.each([
    [['Front row'], 'Front row'],
    [['Front row', 'Front row'], '2 × Front row'],
    [['Stall 1', 'Stall 2'], 'Stall · 2 tickets'],
    [seats('Cup final, row 7, seat '), 'Cup final, row 7 · 10 tickets'],
    [['Cup final, row 7, seat 1', 'Cup final, row 8, seat 1'], 'Cup final · 2 tickets'],
    [['Cup final', 'Cup final, balcony'], 'Cup final · 2 tickets'],
    [['Circle', 'Circus'], 'Circle and 1 more'],
    [['Gala 🎭', 'Gala 🎪'], 'Gala · 2 tickets'],
    [['Front row', 'Balcony', 'Box'], 'Front row and 2 more'],
  ])('%j: %s', (titles, name) => expect(named(...titles)).toBe(name));
});

test('tickets of one name and price are one row, others are not; and its seats are told', () => {
  const item = (ticketId: string, title: string, price: number) => ({
    ticketId,
    title,
    price,
    ticketVersion: 0,
    sellerId: 's',
  });
  const items = [
    item('1', 'Stall', 10),
    { ...item('2', 'Stall', 10), seat: { block: 'Left', row: 'A', seat: '2' } },
    item('3', 'Stall', 12),
    item('4', 'Box', 10),
  ];
  expect(rowsOf({ items })).toEqual([
    { ticketId: '1', title: 'Stall', count: 2, price: 20, seats: [{ block: 'Left', row: 'A', seat: '2' }] },
    { ticketId: '3', title: 'Stall', count: 1, price: 12, seats: [] },
    { ticketId: '4', title: 'Box', count: 1, price: 10, seats: [] },
  ]);
});

test('an order is behind while its event is older than what was heard of it', () => {
  const order = { event: { version: 4 } };
  expect([3, 4, 5].map((heard) => isBehind(order, heard))).toEqual([false, false, true]);
  expect(isBehind({}, 5)).toBe(false);
});

test('a code of Stripe that nobody knows is told in words of our own, too', () => {
  for (const code of ['incorrect_number', 'of_tomorrow', 'constructor', undefined])
    expect(cardFault(code).message).toMatch(/^[A-Z].*\.$/);
});
