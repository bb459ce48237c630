import { describe, expect, test } from '@jest/globals';
import { credit } from '../src/credit.ts';

describe('credit for reservations', () => {
  const open = () => {
    let now = 0;
    const given = credit({ now: () => new Date(now), sleep: () => Promise.resolve() });
    const pass = (ms: number) => {
      now += ms;
    };
    /** How many reservations are made of so many that are asked for. */
    const made = (asked: number) => {
      let count = 0;
      for (; count < asked && given.left(); count += 1) given.spend();
      return count;
    };
    /** So many payments end. */
    const end = (times: number, congested: boolean) => {
      for (let n = 0; n < times; n++) given.ended(congested);
    };
    return { made, end, pass };
  };

  test('has no bound while no payer is turned away, however few have paid', () => {
    const { made, end } = open();
    expect(made(3000)).toBe(3000);
    end(1, false);
    expect(made(3000)).toBe(3000);
  });

  test('is a little less than payments end, while payers are turned away', () => {
    const { made, end } = open();
    end(20, true);
    expect(made(100)).toBe(18);
    end(10, true);
    expect(made(100)).toBe(9);
  });

  test('grows by twice what payments end when payers are no longer turned away, and has no bound two seconds later', () => {
    const { made, end, pass } = open();
    end(1, true);
    end(10, false);
    expect(made(100)).toBe(20);
    pass(1999);
    expect(made(1)).toBe(0);
    pass(1);
    expect(made(3000)).toBe(3000);
  });

  test('what was reserved without a bound is not owed, and what was not used is not saved up without end', () => {
    const { made, end } = open();
    made(3000);
    end(10, true);
    expect(made(100)).toBe(9);
    end(1000, true);
    expect(made(1000)).toBe(100);
  });
});
