import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Sold, sale } from './bench/sale.ts';
import { LIMIT } from './bench/sale-event.ts';
import { beyondLimit, impossible, soldTwice, wronglySoldOut } from './bench/sale-history.ts';

/** A hall that sells out in a moment: what `npm run bench -- sale` does at a stadium's size. */
describe('a sale until all is sold', () => {
  let sold: Sold;
  beforeAll(async () => {
    sold = await sale('orders', {
      seats: 800,
      standing: 200,
      perSecond: 150,
      paid: 0,
      seconds: 0.3,
      longest: 240,
    });
  });

  test('sells each place once, nobody more than the limit, and says so to all', () => {
    expect(sold.crowd.soldOutAfter).toBeDefined();
    expect(sold.wrong).toEqual({ twice: 0, beyond: 0, impossible: 0, soldOut: 0, missing: 0 });
    expect([...sold.crowd.odd]).toEqual([]);
  });

  test('whose answers hide a place that was sold twice is found out', () => {
    const [first] = sold.crowd.taken;
    const again = { ...first!, order: 'another', user: 'somebody' };
    const planted = { ...sold.crowd, taken: [...sold.crowd.taken, again] };
    expect(impossible(planted).sort()).toEqual([...first!.places].sort());
    expect(soldTwice(planted.taken, sold.onSale)).toBeGreaterThanOrEqual(first!.places.length);
  });

  test('whose answers hide what else goes wrong is found out', () => {
    const { general } = sold.onSale;
    const start = sold.crowd.taken[0]!.start - 5000;
    const early = { start, end: start + 1, tier: general, count: 1 };
    expect(wronglySoldOut({ ...sold.crowd, soldOut: [early] }, sold.onSale)).toBe(1);
    const [place = ''] = sold.crowd.taken[0]!.places;
    const refused = { start, end: start + 1, place };
    expect(impossible({ ...sold.crowd, refused: [refused] })).toEqual([place]);
    const places = Array.from({ length: LIMIT + 1 }, () => place);
    expect(beyondLimit([{ user: 'somebody', places }], LIMIT)).toBe(1);
  });
});

describe('what was told of one place', () => {
  const at = (start: number, end: number) => ({ start, end });
  const of = (order: string) => ({ order, user: order, places: ['p'] });
  const nothing = { taken: [], given: [], refused: [], soldOut: [] };

  test('may be that it was had, given up, and had again while that was on its way', () => {
    const taken = [
      { ...of('a'), ...at(0, 10) },
      { ...of('b'), ...at(15, 30) },
    ];
    expect(impossible({ ...nothing, taken, given: [{ order: 'a', ...at(20, 40) }] })).toEqual([]);
    expect(impossible({ ...nothing, taken, given: [{ order: 'a', ...at(31, 40) }] })).toEqual(['p']);
    expect(impossible({ ...nothing, taken })).toEqual(['p']);
  });

  test('may be up to a second old where it says that somebody has it', () => {
    const taken = [{ ...of('a'), ...at(0, 10) }];
    const given = [{ order: 'a', ...at(20, 30) }];
    const refused = (start: number) => [{ place: 'p', ...at(start, start + 1) }];
    expect(impossible({ ...nothing, taken, given, refused: refused(900) })).toEqual([]);
    expect(impossible({ ...nothing, taken, given, refused: refused(1100) })).toEqual(['p']);
  });
});
