import { describe, expect, test } from '@jest/globals';
import type { Sale, Ticket } from '../src/api/types.ts';
import { append, type Listing as ListOf, take as takeBy } from '../src/finding/listing.ts';
import { hasLoneLetter } from '../src/finding/params.ts';
import { wrongPrices } from '../src/finding/prices.ts';
import { rulesOf } from '../src/market/list.ts';
import {
  countPath,
  hasPrice,
  hasWords,
  listPath,
  onlyPath,
  readSearch,
  type Search,
} from '../src/market/query.ts';
import { foundText, priceOf } from '../src/market/words.ts';
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

const saleOf = (first: Ticket, more: Partial<Sale> = {}): Sale => ({
  id: first.saleId,
  ticket: first,
  status: first.status,
  left: 1,
  of: 1,
  from: first.price,
  to: first.price,
  ...more,
});

type Listing = ListOf<Sale>;
const NOON = Date.parse('2026-06-01T12:00:00Z');
const rules = (search: Search) => rulesOf(search, () => NOON);
const take = (listing: Listing, changes: readonly Ticket[], search: Search) =>
  takeBy(listing, rules(search).told(changes, listing), rules(search));
const unsure = (listing: Listing, changes: readonly Ticket[], search: Search) =>
  rules(search).unsure!(changes, listing)
    .map(({ id }) => id)
    .join('');
const ids = ({ items }: Listing) => items.map(({ id }) => id).join('');

describe('what changes in the market', () => {
  const listing: Listing = { items: ['e', 'c', 'b'].map((id) => saleOf(ticket(id))), next: undefined };

  test('a new ticket joins where it belongs', () => {
    const news = [ticket('f'), ticket('d'), ticket('a')];
    expect(ids(take(listing, news, search))).toBe('fedcba');
    expect(unsure(listing, news, search)).toBe('');
  });
  test('one beyond what was read stays away until it is read', () => {
    expect(ids(take({ ...listing, next: '/more' }, [ticket('a')], search))).toBe('ecb');
  });
  test('what is sold alone keeps its place when it is reserved, sold, or costs another price', () => {
    const cheap: Search = { ...search, sort: 'cheapest', available: true };
    const after = take(listing, [later('b', { price: 1 }), later('e', { status: 'sold' })], cheap);
    expect(ids(after)).toBe('ecb');
    expect(after.items.map(({ ticket, status, left }) => [ticket.price, status, left])).toEqual([
      [1000, 'sold', 0],
      [1000, 'available', 1],
      [1, 'available', 1],
    ]);
  });
  test('it leaves when it is withdrawn, fits no more, or its date is past', () => {
    const cheap: Search = { ...search, max: '10' };
    expect(ids(take(listing, [later('c', { deleted: true }), later('b', { price: 1001 })], cheap))).toBe('e');
    const at = (date: string) => ({ date: { local: date.slice(0, 16), zone: 'UTC', at: date } });
    const [past, coming] = [at('2026-06-01T12:00:00Z'), at('2026-06-01T12:01:00Z')];
    expect(ids(take(listing, [later('c', past), later('b', coming)], search))).toBe('eb');
    const others = { items: [], next: undefined };
    expect(ids(take(others, [ticket('f', past), ticket('g', coming)], search))).toBe('g');
    expect(unsure(others, [later('f', past), later('g', coming)], search)).toBe('g');
  });
  test('an older state never replaces a newer one, in whatever order they come', () => {
    const reserved = later('c', { status: 'reserved' });
    expect(newer(reserved, ticket('c'))).toBe(reserved);
    expect(take(listing, [reserved, ticket('c')], search).items[1]?.ticket).toBe(reserved);
    expect(take(take(listing, [reserved], search), [ticket('c')], search).items[1]?.ticket).toBe(reserved);
  });
  test('what is not available does not join a list of what is, and stands behind it in any other', () => {
    const held = ticket('f', { status: 'reserved' });
    expect(ids(take(listing, [held], { ...search, available: true }))).toBe('ecb');
    expect(ids(take(listing, [held], search))).toBe('ecbf');
  });
  test('what the API found stays when it is reserved, whatever the words', () => {
    const found: Search = { ...search, q: 'something that only a text index knows' };
    expect(ids(take(listing, [later('c', { status: 'reserved' })], found))).toBe('ecb');
    expect(ids(take(listing, [later('c', { title: 'Renamed' })], found))).toBe('eb');
  });
  test('one that kept its place when it was reserved draws nothing above it', () => {
    const cheap: Search = { ...search, sort: 'cheapest' };
    const held = saleOf(ticket('b', { status: 'reserved' }), { left: 0 });
    const read: Listing = { items: [held, saleOf(ticket('c'))], next: '/more' };
    expect(ids(take(read, [ticket('f', { price: 9999 })], cheap))).toBe('bc');
    expect(unsure(read, [later('f', { price: 9999 })], cheap)).toBe('');
    expect(ids(take(read, [ticket('d', { price: 1 })], cheap))).toBe('dbc');
  });
  test('the first ticket of an empty market shows', () => {
    expect(ids(take({ items: [], next: undefined }, [ticket('a')], search))).toBe('a');
  });
  test('a page that is read on repeats nothing that came by the stream', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => saleOf(ticket(id))) as [Sale, Sale, Sale];
    expect(ids(append({ items: [c, b], next: '/1' }, [b, a], undefined))).toBe('cba');
  });

  describe('among several that are sold together', () => {
    const of = (saleId: string, id: string, more: Partial<Ticket> = {}) => later(id, { saleId, ...more });
    const several: Listing = {
      items: [saleOf(ticket('e'), { left: 3, of: 4 }), saleOf(ticket('c'))],
      next: '/more',
    };

    test('says nothing by itself, and that there is something to ask for', () => {
      const news = [of('e', 'e', { status: 'reserved' }), of('c', 'd')];
      expect(take(several, news, search)).toEqual(several);
      expect(unsure(several, news, search)).toBe('ec');
    });
    test('is not asked for where nobody would see it: of what lies further on, and what does not fit', () => {
      const news = (id: string, more: Partial<Ticket> = {}) =>
        unsure(several, [of('x', id, more)], { ...search, max: '10' });
      expect([news('d'), news('b')]).toEqual(['x', '']);
      for (const more of [{ status: 'sold' }, { deleted: true }, { price: 1001 }] as const)
        expect(news('d', more)).toBe('');
    });
    test('leaves when it is asked for and nobody knows it any more, and is what the answer says', () => {
      const [news] = rules(search).unsure!([of('e', 'e')], several);
      expect(ids(takeBy(several, [news!], rules(search)))).toBe('c');
      const one = saleOf(ticket('e'), { left: 1, of: 1 });
      expect(takeBy(several, [one], rules(search)).items[0]).toBe(one);
    });
  });
});

test('a card says from what on only where prices differ, and how many there are', () => {
  const one = saleOf(ticket('a'));
  expect([priceOf(one), priceOf({ ...one, to: 2000 })]).toEqual(['$10.00', 'From $10.00']);
  expect(priceOf({ ticket: ticket('a', { price: 700, status: 'sold' }) })).toBe('$7.00');
  expect([
    foundText({ count: 1, more: false }),
    foundText({ count: 120, more: false }),
    foundText({ count: 1000, more: true }),
  ]).toEqual(['1 offer', '120 offers', '1,000+ offers']);
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
      '/api/tickets/sales?limit=48&q=front+row&minPrice=250&maxPrice=3000&sort=cheapest&status=available',
    );
    expect(countPath(read)).toBe(
      '/api/tickets/sales/count?q=front+row&minPrice=250&maxPrice=3000&sort=cheapest&status=available',
    );
    // Also what is no longer available: it stays where it is seen.
    expect(onlyPath({ ...search, available: true }, ['a', 'b'])).toBe('/api/tickets/sales?saleIds=a%2Cb');
  });
  test('what is too long, or no text, is cut where a character ends', () => {
    expect(readSearch({ q: `a\u0000b${'😀'.repeat(200)}` }, 'usd').q).toBe(`a b${'😀'.repeat(97)}`);
    expect(['front row', 'row 7', 'b'].map(hasLoneLetter)).toEqual([false, false, true]);
  });
  test('what makes no sense is left out, and a wrong price is named', () => {
    const read = readSearch({ sort: '__proto__', min: 'cheap', max: ['1', '2'] }, 'usd');
    expect(read).toEqual({ ...search, min: 'cheap', max: '1' });
    expect(listPath(read, 48)).toBe('/api/tickets/sales?limit=48&maxPrice=100');
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
    expect(listPath(unclear, 48)).toBe('/api/tickets/sales?limit=48');
  });
  test('a ticket fits by each word, in its title or what else it says, and by its price', () => {
    const bears = ticket('a', { title: 'Bears v. Comets', description: 'Front row' });
    expect(hasWords({ ...search, q: 'row bears' }, bears)).toBe(true);
    expect(hasWords({ ...search, q: 'row owls' }, bears)).toBe(false);
    expect(hasWords({ ...search, q: 'bear fro' }, bears)).toBe(true);
    expect(hasWords({ ...search, q: 'ears' }, bears)).toBe(false);
    const staged = { ...bears, event: 'Götterdämmerung', place: 'Łódź' };
    expect(hasWords({ ...search, q: 'gotterdam lodz' }, staged)).toBe(true);
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
    expect(listPath(inYen, 48)).toBe('/api/tickets/sales?limit=48&minPrice=1000');
  });
});
