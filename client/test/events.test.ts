import { describe, expect, test } from '@jest/globals';
import type { EventSummary, Tier } from '../src/api/types.ts';
import { beginOf, isDay, weekendAt } from '../src/events/days.ts';
import { leftOf } from '../src/events/counts.ts';
import { rulesOf } from '../src/events/list.ts';
import { addressOf, isEmpty, listPath, readSearch, type Search, wrongDays } from '../src/events/query.ts';
import { beginText, spanText, zoneCalled } from '../src/events/times.ts';
import { fromPrice, placeOf, standingOf } from '../src/events/words.ts';
import { append, type Listing, take as takeBy } from '../src/finding/listing.ts';

const NOW = Date.parse('2026-11-27T12:00:00Z');

const tier = (price: number, more: Partial<Tier> = {}): Tier => ({
  id: String(price),
  name: 'Tier',
  poolId: '0123456789abcdef',
  price,
  ...more,
});
const event = (id: string, more: Partial<EventSummary> = {}): EventSummary => ({
  id,
  version: 0,
  status: 'published',
  title: `Event ${id}`,
  category: 'concert',
  organizer: { name: 'The hall' },
  venue: { name: 'The Hall', city: 'London' },
  zone: 'Europe/London',
  starts: '2026-12-05T20:00',
  startsAt: '2026-12-05T20:00:00.000Z',
  ends: '2026-12-05T23:00',
  endsAt: '2026-12-05T23:00:00.000Z',
  currency: 'gbp',
  tiers: [tier(2500)],
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const read = (params: Record<string, string>, zone?: string): Search =>
  readSearch(params, { currency: 'gbp', zone, now: NOW });

describe('when an event is', () => {
  const evening = event('a');
  test('is said by the clocks of a zone, with the date once where that is one', () => {
    expect(spanText(evening, 'Europe/London')).toBe('Sat, Dec 5, 2026, 8:00 – 11:00 PM');
    expect(spanText(evening, 'Asia/Tokyo')).toBe('Sun, Dec 6, 2026, 5:00 – 8:00 AM');
  });
  test('is in short when it begins, or which days it takes', () => {
    expect(beginText(evening, evening.zone)).toBe('Sat, Dec 5, 2026, 8:00 PM');
    const days = { ...evening, endsAt: '2026-12-07T16:00:00.000Z' };
    expect(beginText(days, evening.zone)).toBe('Sat, Dec 5 – Mon, Dec 7, 2026');
  });
  test.each([
    ['Europe/London', 'London time'],
    ['America/Argentina/Buenos_Aires', 'Buenos Aires time'],
    ['UTC', 'UTC'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
    ['Mars/Olympus', 'UTC'],
  ])('%s is called %s', (zone, called) => expect(zoneCalled(zone)).toBe(called));
});

describe('it stands with an event', () => {
  const soon = { opensAt: '2026-12-01T00:00:00.000Z' };
  const closed = { closesAt: '2026-11-01T00:00:00.000Z' };
  test.each([
    ['sale', {}, undefined],
    ['draft', { status: 'draft' }, undefined],
    ['cancelled', { status: 'cancelled', endsAt: '2026-11-01T00:00:00.000Z' }, undefined],
    ['over', { endsAt: '2026-11-27T12:00:00.000Z' }, undefined],
    ['soldOut', { postponedFrom: '2026-11-01T00:00:00.000Z' }, { left: 0, of: 300 }],
    ['postponed', { postponedFrom: '2026-11-01T00:00:00.000Z' }, undefined],
    ['few', {}, { left: 30, of: 300 }],
    ['sale', {}, { left: 31, of: 300 }],
    ['soon', { tiers: [tier(1, soon), tier(2, closed)] }, undefined],
    ['closed', { tiers: [tier(1, closed)] }, undefined],
    ['sale', { tiers: [tier(1, closed), tier(2)] }, undefined],
    // Only a code shows what it sells.
    ['sale', { tiers: [] }, undefined],
  ] as const)('%s: %j, %j left', (standing, more, left) =>
    expect(standingOf(event('a', more as Partial<EventSummary>), NOW, left)).toBe(standing),
  );
});

describe('what it costs', () => {
  const closed = { closesAt: '2026-11-01T00:00:00.000Z' };
  test.each([
    [[tier(2500)], '£25.00'],
    [[tier(2500), tier(4500)], 'From £25.00'],
    [[tier(0)], 'Free'],
    [[tier(0), tier(2500)], 'Free, or £25.00'],
    [[tier(0), tier(2500), tier(4500)], 'Free, or from £25.00'],
    [[tier(1500, closed), tier(2500)], '£25.00'],
    [[tier(1500, closed)], '£15.00'],
    [[], ''],
  ])('%j: %s', (tiers, said) => expect(fromPrice({ tiers, currency: 'gbp' }, NOW)).toBe(said));

  test('and where it is turns nothing around', () => {
    const { venue } = event('a', { venue: { name: 'אולם', city: 'London' } });
    expect(placeOf({ venue })).toBe('\u2068אולם\u2069, London');
  });
});

describe('days', () => {
  test.each([
    ['2026-11-28', 'America/New_York', '2026-11-28T05:00:00.000Z'],
    ['2026-11-28', 'Asia/Tokyo', '2026-11-27T15:00:00.000Z'],
    // Clocks jump from midnight to one.
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00.000Z'],
    // And are put back to eleven.
    ['2026-04-05', 'America/Santiago', '2026-04-05T04:00:00.000Z'],
  ])('%s begins in %s at %s', (day, zone, moment) =>
    expect(new Date(beginOf(day, zone)).toISOString()).toBe(moment),
  );

  test.each([
    ['2026-02-30', false],
    ['2026-2-3', false],
    ['', false],
    ['2028-02-29', true],
  ])('%j is one: %s', (day, is) => expect(isDay(day)).toBe(is));

  test.each([
    ['a Wednesday', '2026-11-25T12:00:00Z', 'UTC', '2026-11-27T18', '2026-11-30T00'],
    ['a Friday', '2026-11-27T12:00:00Z', 'UTC', '2026-11-27T18', '2026-11-30T00'],
    ['a Saturday', '2026-11-28T12:00:00Z', 'UTC', '2026-11-27T18', '2026-11-30T00'],
    ['a Sunday evening', '2026-11-29T23:00:00Z', 'UTC', '2026-11-27T18', '2026-11-30T00'],
    ['a Sunday that is Monday there', '2026-11-29T23:00:00Z', 'Asia/Tokyo', '2026-12-04T09', '2026-12-06T15'],
  ])('on %s the weekend is that of its zone', (_day, now, zone, since, until) => {
    const weekend = weekendAt(Date.parse(now), zone);
    expect(new Date(weekend.since).toISOString()).toContain(since);
    expect(new Date(weekend.until).toISOString()).toContain(until);
  });
});

describe('a search', () => {
  const all = {
    q: 'jazz',
    city: 'Köln',
    category: 'concert',
    from: '2026-12-01',
    to: '2026-12-24',
    weekend: '1',
    zone: 'Europe/Berlin',
    free: '1',
    least: '5',
    most: '50',
  };
  test('is what its address says, and says the same again', () => {
    const search = read(all);
    expect(addressOf(search)).toBe(`/?${new URLSearchParams(all)}`);
    expect(isEmpty(search)).toBe(false);
    expect([addressOf(read({})), isEmpty(read({}))]).toEqual(['/', true]);
  });
  test('asks the API for all of it', () => {
    const query = new URLSearchParams(listPath(read(all), 24).split('?')[1]);
    expect(Object.fromEntries(query)).toEqual({
      limit: '24',
      q: 'jazz',
      city: 'Köln',
      category: 'concert',
      // The first of December in Berlin is after this Friday; the weekend ends before the 24th.
      from: '2026-11-30T23:00:00.000Z',
      to: '2026-11-29T23:00:00.000Z',
      free: 'true',
      minPrice: '500',
      maxPrice: '5000',
    });
  });
  test('is in the days of the account where the address names none, else in UTC', () => {
    expect(read({ to: '2026-12-24' }, 'Asia/Tokyo').until).toBe(Date.parse('2026-12-24T15:00:00Z'));
    expect(read({ to: '2026-12-24' }).until).toBe(Date.parse('2026-12-25T00:00:00Z'));
    expect(read({ to: '2026-12-24', zone: 'Mars/Olympus' }).zone).toBe('UTC');
  });
  test('finds nothing that is over, whatever day it asks for', () => {
    expect(read({ from: '2026-01-01' })).not.toHaveProperty('since');
    expect(listPath(read({ weekend: '1', zone: 'Pacific/Kiritimati' }), 24)).not.toContain('from=');
  });
  test('leaves out what is none, and says so beside the field', () => {
    const search = read({ from: 'tomorrow', to: '2026-02-30', category: 'constructor', least: 'cheap' });
    expect(listPath(search, 24)).toBe('/api/events?limit=24');
    expect(wrongDays(search)).toEqual({
      from: 'must be a day such as 2026-11-27',
      to: 'must be a day such as 2026-11-27',
    });
    expect(wrongDays({ from: '2026-12-02', to: '2026-12-01' })).toEqual({ from: 'must not be after To' });
    expect(wrongDays({ from: '2026-12-01', to: '2026-12-01' })).toEqual({});
  });
});

describe('what changes in events', () => {
  const early = { startsAt: '2026-12-01T20:00:00.000Z', endsAt: '2026-12-01T23:00:00.000Z' };
  const late = { startsAt: '2026-12-09T20:00:00.000Z', endsAt: '2026-12-09T23:00:00.000Z' };
  const listing: Listing<EventSummary> = { items: [event('b'), event('d', late)], next: undefined };
  const take = (changes: EventSummary[], params: Record<string, string> = {}, from = listing) =>
    takeBy(from, changes, rulesOf(read(params)));
  const ids = ({ items }: Listing<EventSummary>) => items.map(({ id }) => id).join('');

  test('a new one joins by when it begins, if the list reaches so far', () => {
    expect(ids(take([event('c'), event('a', early), event('e', late)]))).toBe('abcde');
    expect(ids(take([event('e', late)], {}, { ...listing, next: '/more' }))).toBe('bd');
  });
  test('a cancelled one stays and says so, and joins no list', () => {
    const after = take([
      event('b', { version: 1, status: 'cancelled' }),
      event('c', { status: 'cancelled' }),
    ]);
    expect(after.items.map(({ id, status }) => [id, status])).toEqual([
      ['b', 'cancelled'],
      ['d', 'published'],
    ]);
  });
  test('an older state never replaces a newer one', () => {
    const after = take([event('b', { version: 2, title: 'New' }), event('b', { version: 1, title: 'Old' })]);
    expect(after.items[0]?.title).toBe('New');
    expect(takeBy(after, [event('b')], rulesOf(read({}))).items[0]?.title).toBe('New');
  });
  test('one that is postponed out of the days that were asked for leaves', () => {
    expect(ids(take([event('b', { version: 1, ...late })], { to: '2026-12-06' }))).toBe('d');
  });
  test.each([
    [{ q: 'hall lond' }, {}, true],
    [{ q: 'trombone' }, {}, false],
    [{ city: 'lóndon' }, {}, true],
    [{ city: 'Leeds' }, {}, false],
    [{ category: 'club' }, {}, false],
    [{ free: '1' }, {}, false],
    [{ free: '1' }, { tiers: [tier(0)] }, true],
    [{ most: '30' }, {}, true],
    [{ most: '20' }, {}, false],
    [{ most: '30' }, { currency: 'eur' }, false],
  ] as const)('of a search for %j one with %j joins: %s', (params, more, joins) =>
    expect(ids(take([event('c', more as Partial<EventSummary>)], params))).toBe(joins ? 'bcd' : 'bd'),
  );
  test('what is read on comes behind, and nothing twice', () => {
    expect(ids(append(listing, [event('d'), event('e')], undefined))).toBe('bde');
  });
});

describe('what is left of an event', () => {
  const pools = [
    { poolId: 'floor', left: 3, of: 10 },
    { poolId: 'box', left: 0, of: 4 },
  ];
  test.each([
    ['is that of all pools that everybody sees', ['floor', 'box', 'floor'], { left: 3, of: 14 }],
    ['leaves out what only codes show', ['box'], { left: 0, of: 4 }],
    ['is not said where only codes show any', [], undefined],
    ['is not said of pools that nobody has counted yet', ['new'], undefined],
  ])('%s', (_, shown, left) =>
    expect(
      leftOf(
        pools,
        shown.map((poolId) => ({ poolId })),
      ),
    ).toEqual(left),
  );
});
