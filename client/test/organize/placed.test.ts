import { expect, test } from '@jest/globals';
import type { PlacedOrder } from '../../src/api/types.ts';
import { placedPath, readSearch, sheetPath, standing, ticketsText } from '../../src/organize/placed.ts';

const order: PlacedOrder = {
  id: '1',
  number: '3D4VR-6HK2M',
  status: 'complete',
  places: 3,
  tiers: [
    { tierId: 's', places: 2 },
    { tierId: 'gone', places: 1 },
  ],
  total: 7500,
  currency: 'usd',
  paid: 7500,
  elsewhere: 0,
  refunded: 0,
  createdAt: '2096-06-01T20:00:00.000Z',
};

test('what is looked for is asked of the list and of the spreadsheet alike, a status that is none of nobody', () => {
  const search = readSearch({ status: 'unpaid' }, 'ada & co');
  expect(placedPath('e', search)).toBe('/api/orders/placed?eventId=e&q=ada+%26+co&status=unpaid');
  expect(sheetPath('e', search)).toBe('/api/orders/placed/csv?eventId=e&q=ada+%26+co&status=unpaid');
  for (const status of ['paid', 'toString', ['unpaid'], undefined])
    expect(placedPath('e', readSearch({ status }, ''))).toBe('/api/orders/placed?eventId=e');
});

test.each([
  [{}, 'Paid'],
  [{ total: 0, paid: 0 }, 'Free'],
  [{ paid: 0, elsewhere: 7500 }, 'Box office'],
  [{ status: 'created' }, 'Reserved'],
  [{ status: 'refunded', refunded: 7500 }, 'Money back'],
] as const)('an order that is %j is called “%s” to who sells', (how, label) => {
  expect(standing({ ...order, ...how })).toMatchObject({ label });
});

test('its tickets are called as they are now, in their own direction', () => {
  expect(ticketsText(order, [{ id: 's', name: 'وقوف' }])).toBe(
    '2 × \u2068وقوف\u2069, 1 × a ticket that is no more',
  );
});
