import { searchKeys } from '@ticketing/common/search';
import { describe, expect, test } from '@jest/globals';
import { reject } from '@ticketing/common/rejection';
import { edit, holdOf, offer, type Ticket, type TicketStatus, withdraw } from '../src/domain.ts';

const now = new Date('2026-01-01T12:00:00Z');
const seller = { id: 'a'.repeat(24), roles: ['user' as const] };
const stranger = { id: 'b'.repeat(24), roles: ['user' as const] };
const admin = { id: 'c'.repeat(24), roles: ['admin' as const] };
const ticket = (fields: Partial<Ticket> = {}): Ticket => ({
  _id: 'd'.repeat(24),
  version: 4,
  createdAt: now,
  updatedAt: now,
  title: 'Front row',
  description: 'With a view',
  price: 2500,
  currency: 'usd',
  sellerId: seller.id,
  saleId: 'd'.repeat(24),
  status: 'available',
  holds: {},
  ...fields,
});

describe('offering', () => {
  test('a ticket alone is a sale of its own', () => {
    expect(offer('e'.repeat(24), seller.id, { title: 'Hall', price: 50 }, null, 'usd')).toEqual({
      _id: 'e'.repeat(24),
      title: 'Hall',
      words: ['hall', 'ha', 'hal'],
      price: 50,
      currency: 'usd',
      sellerId: seller.id,
      saleId: 'e'.repeat(24),
      status: 'available',
      holds: {},
    });
  });

  test.each([
    [
      'the sale of an earlier ticket of the same seller',
      { sellerId: seller.id, currency: 'usd', of: 199 },
      'taken',
    ],
    ['one that is full', { sellerId: seller.id, currency: 'usd', of: 200 }, 'conflict'],
    ["another seller's sale", { sellerId: stranger.id, currency: 'usd', of: 1 }, 'forbidden'],
    ['a sale that is not there', null, 'forbidden'],
  ] as const)('joining %s is %s', (_what, sale, outcome) => {
    const saleId = 'd'.repeat(24);
    const made = offer('e'.repeat(24), seller.id, { title: 'Hall', price: 50, saleId }, sale, 'jpy');
    expect(made).toMatchObject(
      outcome === 'taken' ? { saleId, currency: 'usd' } : { code: outcome, errors: [{ field: 'saleId' }] },
    );
  });
});

const rules = [
  [
    'editing',
    (user: typeof seller, expected?: number) => edit(user, { price: 3000 }, expected),
    { price: 3000 },
  ],
  [
    'withdrawing',
    (user: typeof seller, expected?: number) => withdraw(user, now, expected),
    { deletedAt: now },
  ],
] as const;

describe.each(rules)('%s', (_name, rule, done) => {
  test.each([
    ['available', done],
    ['reserved', reject('conflict', 'The ticket is reserved')],
    ['sold', reject('conflict', 'The ticket is sold')],
  ] as const)('a ticket that is %s', (status: TicketStatus, outcome) => {
    expect(rule(seller)(ticket({ status }))).toEqual(outcome);
  });

  test('is for the seller and for admins, from the version they saw', () => {
    expect(rule(stranger)(ticket())).toMatchObject({ code: 'forbidden' });
    expect(rule(admin as unknown as typeof seller)(ticket())).toEqual(done);
    expect(rule(seller, 4)(ticket())).toEqual(done);
    expect(rule(seller, 3)(ticket())).toMatchObject({ code: 'stale', errors: [{ field: 'if-match' }] });
  });

  test('a stranger learns nothing from the version he names', () => {
    expect(rule(stranger, 3)(ticket())).toMatchObject({ code: 'forbidden' });
  });

  test('what was withdrawn is gone for everybody', () => {
    for (const user of [seller, stranger, admin as unknown as typeof seller]) {
      expect(rule(user)(ticket({ deletedAt: now }))).toMatchObject({ code: 'not-found' });
    }
  });
});

describe('an edit', () => {
  const keysOf = (title: string, description?: string) => searchKeys({ title, description });

  test.each([
    ['what is named', { price: 100 }, { price: 100 }],
    ['nothing, when all is as it was', { title: 'Front row', price: 2500 }, {}],
    ['what differs', { title: 'Front row', price: 100 }, { price: 100 }],
    ['a description away', { description: null }, { description: undefined, words: keysOf('Front row') }],
    [
      'what it is found by',
      { title: 'Back row' },
      { title: 'Back row', words: keysOf('Back row', 'With a view') },
    ],
  ])('changes %s', (_what, wanted, changes) => {
    expect(edit(seller, wanted)(ticket())).toStrictEqual(changes);
  });

  test('takes away no description that is not there', () => {
    const { description: _, ...plain } = ticket();
    expect(edit(seller, { description: null })(plain)).toEqual({});
  });
});

test.each([
  ['created', 'reserved'],
  ['awaiting:payment', 'reserved'],
  ['complete', 'sold'],
  ['cancelled', false],
  ['refunded', false],
] as const)('a %s order holds its tickets as %s', (status, hold) => {
  expect(holdOf(status)).toBe(hold);
});
