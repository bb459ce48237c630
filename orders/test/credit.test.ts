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
      while (count < asked && given.take()) count += 1;
      return count;
    };
    /** So many payments end, one each of so many milliseconds. */
    const end = (times: number, congested: boolean, every = 0) => {
      for (let n = 0; n < times; n++) {
        given.ended(new Date(now), congested);
        pass(every);
      }
    };
    const late = (ago: number) => given.ended(new Date(now - ago), true);
    return { given, made, end, pass, late };
  };

  test('has no bound while no payer is turned away, however few have paid', () => {
    const { made, end } = open();
    expect(made(3000)).toBe(3000);
    end(1, false);
    expect(made(3000)).toBe(3000);
  });

  test('is a little less than payments end, while payers are turned away', () => {
    const { made, end } = open();
    end(24, true);
    expect(made(100)).toBe(21);
    end(8, true);
    expect(made(100)).toBe(7);
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
    end(8, true);
    expect(made(100)).toBe(7);
    end(1000, true);
    expect(made(1000)).toBe(100);
  });

  test('is at least half of what was paid before, however few payments end, as long as that is told', () => {
    const { made, end, pass } = open();
    end(3000, false, 20); // fifty a second, for a minute
    let sum = 0;
    for (let second = 0; second < 30; second++) {
      end(1, true);
      pass(1000);
      sum += made(1000);
    }
    expect(sum).toBeGreaterThan(0.9 * 30 * 25);
    expect(sum).toBeLessThan(1.1 * 30 * 25);
  });

  test('is taken when it is asked for, and given back where no order came of it', () => {
    const { given, made, end } = open();
    end(8, true);
    expect(made(100)).toBe(7);
    for (let n = 0; n < 3; n++) given.giveBack();
    expect(made(100)).toBe(3);
  });

  test('is at least half of what was paid of late, not of what once was', () => {
    const { made, end, pass } = open();
    end(3000, false, 20);
    pass(24 * 3600_000);
    end(1, true);
    pass(1900);
    expect(made(100)).toBe(0);
  });

  test('an end that is told once more bounds nothing', () => {
    const { made, late } = open();
    late(60_000);
    expect(made(3000)).toBe(3000);
  });

  test('has no bound when the clock is put back', () => {
    const { made, end, pass } = open();
    end(1, true);
    expect(made(1)).toBe(0);
    pass(-3600_000);
    expect(made(3000)).toBe(3000);
  });
});
