import { describe, expect, test } from '@jest/globals';
import { admittedWrongly } from '../src/admitted.ts';

const [kept, other] = [
  { ticketId: 'pool-0', kind: 'place' },
  { ticketId: 'pool-1', kind: 'place' },
];
const order = { _id: 'order', status: 'complete', items: [kept] };
const admission = { _id: 'one', orderId: 'order', placeId: 'pool-0', status: 'valid' };
const found = (
  admissions: (typeof admission & { reason?: string })[],
  orders: readonly (typeof order & { returned?: object[] })[] = [order],
) => [...admittedWrongly(admissions, orders)];

describe('a place that is kept', () => {
  test.each(['valid', 'listed', 'entered', 'out'])('admits by one that is %s', (status) =>
    expect(found([{ ...admission, status }])).toEqual([]),
  );

  test('admits nobody while the team blocks that', () =>
    expect(found([{ ...admission, status: 'revoked', reason: 'blocked' }])).toEqual([]));

  test('without an admission, or with two, is told', () => {
    expect(found([])).toEqual(['order order keeps place pool-0, for which there is no admission']);
    expect(found([admission, { ...admission, _id: 'two' }])).toEqual([
      'order order keeps place pool-0, for which there are 2 admissions',
    ]);
  });

  test.each([
    [{ status: 'returned' }, 'admission one is returned, but order order keeps its place'],
    [{ status: 'revoked', reason: 'returned' }, 'admission one is revoked, but order order keeps its place'],
    [{ status: 'entered', reason: 'seller' }, 'admission one is entered, but order order keeps its place'],
  ])('of which the admission says otherwise is told (%#)', (fields, told) =>
    expect(found([{ ...admission, ...fields }])).toEqual([told]),
  );

  test('is asked for of tickets that are no places, and of orders that are not complete, by nobody', () => {
    expect(found([], [{ ...order, items: [{ ticketId: 'ticket', kind: 'resale' }] }])).toEqual([]);
    expect(found([], [{ ...order, status: 'created' }])).toEqual([]);
  });
});

describe('an admission whose place is not kept', () => {
  const taken = { ...order, items: [other], returned: [kept] };
  const rest = { ...admission, _id: 'rest', placeId: 'pool-1' };
  const over = { ...order, status: 'refunded' };

  test('is returned or revoked, or of somebody who is inside', () => {
    expect(found([rest, { ...admission, status: 'returned' }], [taken])).toEqual([]);
    expect(found([{ ...admission, status: 'returned' }], [over])).toEqual([]);
    for (const status of ['revoked', 'entered'])
      expect(found([{ ...admission, status, reason: 'event' }], [over])).toEqual([]);
  });

  test('and that stands, or was returned to an order that does not know of it, is told', () => {
    const valid = 'admission one is valid, but';
    expect(found([admission], [])).toEqual([`${valid} nobody knows its order order`]);
    expect(found([admission], [over])).toEqual([`${valid} its order order is refunded`]);
    expect(found([rest, admission], [taken])).toEqual([`${valid} order order does not know its place so`]);
    const returned = { ...admission, status: 'returned' };
    expect(found([returned], [])).toEqual(['admission one is returned, but nobody knows its order order']);
    expect(found([rest, returned], [{ ...taken, returned: [] }])).toEqual([
      'admission one is returned, but order order does not know its place so',
    ]);
    expect(found([{ ...admission, status: 'revoked', reason: 'blocked' }], [over])).toEqual([
      'admission one is revoked, but its order order is refunded',
    ]);
  });
});
