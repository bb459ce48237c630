import { describe, expect, test } from '@jest/globals';
import type { Ticket } from '../src/api/types.ts';
import { append, type Listing as ListOf, take as takeBy } from '../src/finding/listing.ts';
import { hasLoneLetter } from '../src/finding/params.ts';
import { wrongPrices } from '../src/finding/prices.ts';
import { rulesOf } from '../src/market/list.ts';
import { hasPrice, hasWords, listPath, readSearch, type Search } from '../src/market/query.ts';
import { newer } from '../src/tickets/newer.ts';

const search: Search = { q: '', min: '', max: '', currency: 'usd', sort: 'newest', available: false };
const ticket = (id: string, more: Partial<Ticket> = {}): Ticket => ({
  id,
  version: 0,
  title: `Ticket ${id}`,
  price: 1000,
  currency: 'usd',
  sellerId: 's',
  saleId: id,
  status: 'available',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const later = (id: string, more: Partial<Ticket> = {}) =>
  ticket(id, { updatedAt: '2026-01-01T00:01:00.000Z', ...more });

type Listing = ListOf<Ticket>;
const take = (listing: Listing, changes: readonly Ticket[], search: Search) =>
  takeBy(listing, changes, rulesOf(search));
const ids = ({ items }: Listing) => items.map(({ id }) => id).join('');

describe('what changes in the market', () => {
  const listing: Listing = { items: [ticket('e'), ticket('c'), ticket('b')], next: undefined };

  test('a new ticket joins where it belongs', () => {
    expect(ids(take(listing, [later('f'), later('d'), later('a')], search))).toBe('fedcba');
  });
  test('one beyond what was read stays away until it is read', () => {
    expect(ids(take({ ...listing, next: '/more' }, [later('a')], search))).toBe('ecb');
  });
  test('a ticket keeps its place when it is reserved, sold, or costs another price', () => {
    const cheap: Search = { ...search, sort: 'cheapest', available: true };
    const after = take(listing, [later('b', { price: 1 }), later('e', { status: 'sold' })], cheap);
    expect(ids(after)).toBe('ecb');
    expect(after.items.map(({ price, status }) => [price, status])).toEqual([
      [1000, 'sold'],
      [1000, 'available'],
      [1, 'available'],
    ]);
  });
  test('it leaves when it is withdrawn, or fits no more', () => {
    const cheap: Search = { ...search, max: '10' };
    expect(ids(take(listing, [later('c', { deleted: true }), later('b', { price: 1001 })], cheap))).toBe('e');
  });
  test('an older state never replaces a newer one, in whatever order they come', () => {
    const reserved = later('c', { status: 'reserved' });
    expect(newer(reserved, ticket('c'))).toBe(reserved);
    expect(take(listing, [reserved, ticket('c')], search).items[1]).toBe(reserved);
    expect(take(take(listing, [reserved], search), [ticket('c')], search).items[1]).toBe(reserved);
  });
  test('what is not available does not join a list of what is', () => {
    expect(ids(take(listing, [later('f', { status: 'reserved' })], { ...search, available: true }))).toBe(
      'ecb',
    );
  });
  test('what the API found stays when it is reserved, whatever the words', () => {
    const found: Search = { ...search, q: 'something that only a text index knows' };
    expect(ids(take(listing, [later('c', { status: 'reserved' })], found))).toBe('ecb');
    expect(ids(take(listing, [later('c', { title: 'Renamed' })], found))).toBe('eb');
  });
  test('the first ticket of an empty market shows', () => {
    expect(ids(take({ items: [], next: undefined }, [later('a')], search))).toBe('a');
  });
  test('a page that is read on repeats nothing that came by the stream', () => {
    expect(
      ids(append({ items: [ticket('c'), ticket('b')], next: '/1' }, [ticket('b'), ticket('a')], undefined)),
    ).toBe('cba');
  });
});

describe('what a visitor looks for', () => {
  test('the address says it', () => {
    const read = readSearch(
      { q: ' front row ', min: '2.5', max: '30', sort: 'cheapest', available: '1' },
      'usd',
    );
    expect(read).toEqual({
      q: 'front row',
      min: '2.5',
      max: '30',
      currency: 'usd',
      sort: 'cheapest',
      available: true,
    });
    expect(listPath(read, 48)).toBe(
      '/api/tickets?limit=48&q=front+row&minPrice=250&maxPrice=3000&sort=cheapest&status=available',
    );
  });
  test('what is too long, or no text, is cut where a character ends', () => {
    expect(readSearch({ q: `a\u0000b${'😀'.repeat(200)}` }, 'usd').q).toBe(`a b${'😀'.repeat(97)}`);
    expect(['front row', 'row 7', 'b'].map(hasLoneLetter)).toEqual([false, false, true]);
  });
  test('what makes no sense is left out, and a wrong price is named', () => {
    const read = readSearch({ sort: '__proto__', min: 'cheap', max: ['1', '2'] }, 'usd');
    expect(read).toEqual({ ...search, min: 'cheap', max: '1' });
    expect(listPath(read, 48)).toBe('/api/tickets?limit=48&maxPrice=100');
    expect(wrongPrices(read)).toEqual({ min: 'must be an amount such as 25 or 25.50' });
    expect(wrongPrices(search)).toEqual({});
  });
  test('prices that cross, and one that could be two, are named', () => {
    expect(wrongPrices({ ...search, min: '50', max: '20' })).toEqual({ min: 'must not be above Price to' });
    expect(wrongPrices({ ...search, min: '20', max: '20' })).toEqual({});
    const unclear = { ...search, min: '25,5', max: '1.000' };
    expect(wrongPrices(unclear)).toEqual({
      min: 'may mean $25.50: write 25.50',
      max: 'may mean $1,000.00: write 1000.00',
    });
    expect(wrongPrices(unclear, ',')).toEqual({});
    expect(listPath(unclear, 48)).toBe('/api/tickets?limit=48');
  });
  test('a ticket fits by each word, in its title or description, and by its price', () => {
    const bears = ticket('a', { title: 'Bears v. Comets', description: 'Front row' });
    expect(hasWords({ ...search, q: 'row bears' }, bears)).toBe(true);
    expect(hasWords({ ...search, q: 'row owls' }, bears)).toBe(false);
    expect(hasWords({ ...search, q: 'bear fro' }, bears)).toBe(true);
    expect(hasWords({ ...search, q: 'ears' }, bears)).toBe(false);
    expect(hasWords({ ...search, q: '公演' }, { title: '東京ドーム公演' })).toBe(true);
    expect(hasWords({ ...search, q: '!' }, bears)).toBe(false);
    expect(hasWords({ ...search, q: 'cafe muller' }, { title: 'Café Müller' })).toBe(true);
    expect(hasPrice({ ...search, min: '10.01' }, bears)).toBe(false);
  });
  test('a price says nothing of a ticket in another currency', () => {
    const yen = { ...ticket('a'), price: 1000, currency: 'jpy' };
    expect(hasPrice(search, yen)).toBe(true);
    expect(hasPrice({ ...search, min: '1' }, yen)).toBe(false);
    const inYen = { ...search, currency: 'jpy', min: '1000' };
    expect(hasPrice(inYen, yen)).toBe(true);
    expect(listPath(inYen, 48)).toBe('/api/tickets?limit=48&minPrice=1000');
  });
});
