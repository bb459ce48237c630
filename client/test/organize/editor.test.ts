import { describe, expect, test } from '@jest/globals';
import type { EventView } from '../../src/api/types.ts';
import { bodyOf } from '../../src/organize/body.ts';
import { labelOf, saying, taken, undone } from '../../src/organize/differences.ts';
import { blank, type Draft, draftOf, newBlock, newPool, newTier } from '../../src/organize/draft.ts';
import { fieldOf, fieldsOf, sorted } from '../../src/organize/fields.ts';
import { followed } from '../../src/organize/keep.ts';
import { clearAmount, shownAmount } from '../../src/ui/amount.ts';

const event: EventView = {
  id: 'e'.repeat(24),
  version: 3,
  status: 'draft',
  title: 'Analytical Engine, live',
  category: 'concert',
  organizer: { name: 'The Hall Ltd' },
  venue: { name: 'The Hall', city: 'London', country: 'GB' },
  zone: 'Europe/London',
  starts: '2096-06-01T20:00',
  startsAt: '2096-06-01T19:00:00.000Z',
  ends: '2096-06-01T23:00',
  endsAt: '2096-06-01T22:00:00.000Z',
  currency: 'gbp',
  pools: [
    {
      id: 'a'.repeat(16),
      capacity: 14,
      blocks: [
        {
          name: 'Stalls',
          rows: [
            { label: 'A', seats: 4 },
            { label: 'B', seats: 4 },
          ],
        },
        { name: 'Balcony', rows: [{ label: 'A', seats: 6, names: ['2', '4', '6', '8', '10', '12'] }] },
      ],
      held: [{ from: 2, to: 9 }],
      marks: [{ from: 0, to: 1, mark: 'accessible' }],
    },
    { id: 'b'.repeat(16), capacity: 300, held: [{ from: 290, to: 299 }] },
  ],
  tiers: [
    { id: 't'.repeat(24), name: 'Seated', poolId: 'a'.repeat(16), price: 4500, taxRate: 2000 },
    { id: 'u'.repeat(24), name: 'Standing', poolId: 'b'.repeat(16), price: 2500, limit: 4, hidden: true },
    {
      id: 'v'.repeat(24),
      name: 'Under 18',
      poolId: 'b'.repeat(16),
      price: 0,
      limit: null,
      closes: '2096-05-01T12:00',
    },
  ],
  returns: { until: '2096-05-20T11:00:00.000Z', local: '2096-05-20T12:00', feePercent: 10 },
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};

/** With other texts, `at` a path such as `tiers.1.price`. */
const typed = (draft: Draft, at: string, value: unknown): Draft => {
  const copy = structuredClone(draft) as unknown as Record<string, unknown>;
  const path = at in draft.plain ? ['plain', at] : at.split('.');
  const last = path.pop()!;
  const node = path.reduce<Record<string, unknown>>(
    (one, name) => one[name] as Record<string, unknown>,
    copy,
  );
  node[last] = value;
  return copy as unknown as Draft;
};

describe('a draft', () => {
  test('of an event says the same of it', () => {
    const { body, errors } = bodyOf(draftOf(event), '.');
    expect(errors).toEqual([]);
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      title: event.title,
      category: 'concert',
      organizer: event.organizer,
      venue: event.venue,
      zone: event.zone,
      starts: event.starts,
      ends: event.ends,
      currency: 'gbp',
      pools: [
        {
          id: 'a'.repeat(16),
          blocks: event.pools[0]!.blocks,
          held: [{ from: 2, to: 9 }],
          marks: [{ from: 0, to: 1, mark: 'accessible' }],
        },
        { id: 'b'.repeat(16), capacity: 300, held: [{ from: 290, to: 299 }] },
      ],
      tiers: [
        { id: 't'.repeat(24), name: 'Seated', pool: 0, price: 4500, taxRate: 2000 },
        { id: 'u'.repeat(24), name: 'Standing', pool: 1, price: 2500, limit: 4, hidden: true },
        { id: 'v'.repeat(24), name: 'Under 18', pool: 1, price: 0, limit: null, closes: '2096-05-01T12:00' },
      ],
      returns: { until: '2096-05-20T12:00', feePercent: 10 },
    });
  });

  test.each(
    (['.', ','] as const).flatMap((decimal) =>
      ['usd', 'jpy', 'krw', 'kwd', 'isk'].map((currency) => [currency, decimal] as const),
    ),
  )('in %s says the same where one writes 0%s5', (currency, decimal) => {
    const prices = [0, 12_500, 25_500, 123_500, 1_234_500, 98_765_400];
    const tiers = prices.map((price, at) => ({ ...event.tiers[1]!, id: `t${at}`, price }));
    const { body, errors } = bodyOf(draftOf({ ...event, currency, tiers }), decimal);
    expect([errors, (body as { tiers: { price: number }[] }).tiers.map(({ price }) => price)]).toEqual([
      [],
      prices,
    ]);
  });

  test.each(['usd', 'jpy', 'kwd'])('in %s is not changed by going through its prices', (currency) => {
    for (const { price } of draftOf({ ...event, currency }).tiers)
      for (const decimal of ['.', ','] as const)
        expect(shownAmount(price, currency, decimal, clearAmount)).toBe(price);
  });

  test('names a price that is not clear as it is read everywhere', () => {
    const yen = typed(
      draftOf({ ...event, currency: 'jpy', tiers: event.tiers.slice(1) }),
      'tiers.0.price',
      '1,250',
    );
    expect(bodyOf(yen, ',').errors).toEqual([
      { field: 'tiers.0.price', message: 'is not clear: type 1250 if that is meant' },
    ]);
  });

  test('follows what its page changes of the event itself, and nothing that others changed as well', () => {
    const base = draftOf(event);
    const typing = { draft: typed(base, 'title', 'Mine'), base, version: 3 };
    expect(followed(typing, 4)).toEqual({ ...typing, version: 4 });
    for (const version of [2, 3, 5]) expect(followed(typing, version)).toBe(typing);
    const begun = { ...typing, version: undefined };
    expect(followed(begun, 1)).toBe(begun);
  });

  test('shows seats as they are typed, block by block', () => {
    const [stalls, balcony] = draftOf(event).pools[0]!.blocks;
    expect(stalls).toMatchObject({ rows: 'A,B: 4', held: 'A: 3,4\nB', accessible: 'A: 1,2' });
    expect(balcony).toMatchObject({ rows: 'A: 2,4,6,8,10,12', held: 'A: 2,4' });
  });

  test('of nothing lacks what an event must have, each beside its field', () => {
    const { errors } = bodyOf(blank('UTC', 'usd'), '.');
    expect(errors.map(({ field }) => field)).toEqual([
      'title',
      'category',
      'organizer.name',
      'venue.name',
      'venue.city',
      'starts',
      'ends',
    ]);
    const begun = { ...blank('UTC', 'usd'), pools: [newPool('p0')], tiers: [newTier('t0', 'p0')] };
    expect(
      bodyOf(begun, '.')
        .errors.map(({ field }) => field)
        .slice(7),
    ).toEqual(['pools.0.capacity', 'tiers.0.name', 'tiers.0.price']);
  });

  test.each([
    ['tiers.1.price', '1.000', 'is not clear: type £1,000.00 if that is meant'],
    ['tiers.1.price', '0.01', 'must be 0, or at least £0.30'],
    ['tiers.1.price', 'a lot', 'must be an amount such as 25 or 25.50'],
    ['tiers.1.taxRate', '101', 'must be a percentage from 0 to 100'],
    ['tiers.1.limit', 'four', 'must be a whole number'],
    ['pools.1.held', '301', 'must be at most the 300 that there are'],
    ['pools.1.held', '0-4', 'must be a number, or numbers from 1 to 300 such as 1-4'],
    ['pools.0.blocks.0.rows', 'A', 'must be like “A-H: 20” (line 1)'],
    ['pools.0.blocks.1.held', 'C', 'must be rows of the block: there is no C (line 1)'],
  ])('%s of %j is told to be wrong', (field, value, message) =>
    expect(bodyOf(typed(draftOf(event), field, value), '.').errors).toEqual([{ field, message }]),
  );

  test.each(['free', ' 0 ', '£0.00'])('a ticket of %j costs nothing', (price) => {
    const { body, errors } = bodyOf(typed(draftOf(event), 'tiers.2.price', price), '.');
    expect([errors, (body as { tiers: { price: number }[] }).tiers[2]?.price]).toEqual([[], 0]);
  });
});

describe('what the API says is wrong', () => {
  const fields = fieldsOf(draftOf(event));
  test.each([
    ['tiers.1.price', 'tiers.1.price'],
    ['tiers[1].price', 'tiers.1.price'],
    ['tiers.1.poolId', 'tiers.1.pool'],
    ['tiers', 'tiers.0.name'],
    ['pools.0.blocks.1.rows.3.names.2', 'pools.0.blocks.1.rows'],
    ['pools.0.blocks', 'pools.0.blocks.0.name'],
    ['pools.1.held.0.to', 'pools.1.held'],
    ['pools.1.marks.0.to', 'pools.1.accessible'],
    ['returns.until', 'returns.until'],
    ['venue', 'venue.name'],
    ['if-match', undefined],
  ])('of %s stands beside %s', (named, field) => expect(fieldOf(named, fields)).toBe(field));

  test('stands in the order of the page, once beside each field, and elsewhere where there is none', () => {
    const { beside, others } = sorted(
      [
        { field: 'tiers.0.price', message: 'must be 0' },
        { field: 'title', message: 'must not be empty' },
        { field: 'title', message: 'must be one line' },
        { field: 'what', message: 'is not a known field' },
        { message: 'The event is over' },
      ],
      fields,
    );
    expect([...beside]).toEqual([
      ['title', 'must not be empty'],
      ['tiers.0.price', 'must be 0'],
    ]);
    expect(others).toEqual(['what is not a known field', 'The event is over']);
  });
});

describe('two who edit the same event', () => {
  const base = draftOf(event);

  test('do not meet where they changed different things: what the other changed is taken', () => {
    const mine = typed(base, 'title', 'Mine');
    const theirs = typed(base, 'tiers.1.price', '£30.00');
    const [only, ...none] = undone(base, mine, theirs);
    expect(none).toEqual([]);
    expect(only).toMatchObject({
      path: ['tiers', 'u'.repeat(24), 'price'],
      mine: '£25.00',
      theirs: '£30.00',
      both: false,
    });
    expect(labelOf(only!, mine)).toBe('Ticket “Standing”: price');
    expect(taken(mine, only!)).toEqual(typed(mine, 'tiers.1.price', '£30.00'));
  });

  test('are asked where both changed the same', () => {
    const mine = typed(base, 'venue.city', 'Leeds');
    const theirs = typed(typed(base, 'venue.city', 'York'), 'title', 'Theirs');
    expect(
      undone(base, mine, theirs).map((one) => [labelOf(one, mine), one.mine, one.theirs, one.both]),
    ).toEqual([
      ['Title', event.title, 'Theirs', false],
      ['City', 'Leeds', 'York', true],
    ]);
  });

  test('hear nothing of what only they themselves changed, nor where both say the same', () => {
    expect(undone(base, typed(base, 'title', 'Mine'), base)).toEqual([]);
    expect(undone(base, typed(base, 'title', 'Same'), typed(base, 'title', 'Same'))).toEqual([]);
  });

  test('see tickets, places and blocks that came or went as one thing', () => {
    const added = { ...newTier('w', 'b'.repeat(16)), name: 'Late', price: '£9.00' };
    const more = { ...base, tiers: [...base.tiers, added] };
    const less = {
      ...base,
      tiers: base.tiers.slice(1),
      pools: [...base.pools, newPool('p9', { capacity: '5' })],
    };
    const [came] = undone(base, base, more);
    expect([labelOf(came!, base), saying(came!.mine), saying(came!.theirs)]).toEqual([
      'Ticket “Late”',
      'is not there',
      'is there',
    ]);
    expect(taken(base, came!)).toEqual(more);
    const [pool, tier] = undone(base, base, less);
    expect([labelOf(pool!, base), labelOf(tier!, base)]).toEqual(['Places', 'Ticket “Seated”']);
    expect(taken(taken(base, pool!), tier!)).toEqual(less);
    const blocks = typed(base, 'pools.0.blocks', [...base.pools[0]!.blocks, newBlock('b2', { name: 'Box' })]);
    const [block] = undone(base, base, blocks);
    expect(labelOf(block!, base)).toBe('Places 1: block');
    expect(taken(base, block!)).toEqual(blocks);
  });

  test('who changed what the other removed is asked', () => {
    const mine = typed(base, 'tiers.0.price', '£1.00');
    const theirs = { ...base, tiers: base.tiers.slice(1) };
    expect(undone(base, mine, theirs)).toMatchObject([{ path: ['tiers', 't'.repeat(24)], both: true }]);
  });
});
