import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { choiceBefore, keepChoice } from '../src/events/keep.ts';
import { forgetLast, forgetOthers, keepTyped, NOBODY, typedBefore } from '../src/session/typed.ts';

/** As a browser has it: what is kept are its properties. */
const storage = () =>
  Object.create({
    getItem(this: Record<string, string>, key: string) {
      return this[key] ?? null;
    },
    setItem(this: Record<string, string>, key: string, value: string) {
      this[key] = value;
    },
    removeItem(this: Record<string, string>, key: string) {
      delete this[key];
    },
  }) as unknown;

const pages = globalThis as { window?: unknown };
beforeEach(() => {
  pages.window = { sessionStorage: storage(), localStorage: storage() };
});
afterEach(() => {
  delete pages.window;
});

/** A form of a title, a description, a time zone, and a password. */
const inputs = [
  ['input', { name: 'title', value: 'Two seats', autocomplete: '' }],
  ['textarea', { name: 'description', value: 'In the middle', autocomplete: '' }],
  ['select', { name: 'zone', value: 'Asia/Tokyo', autocomplete: '' }],
  ['input', { name: 'password', value: 'secret', autocomplete: 'current-password' }],
] as const;
const form = {
  querySelectorAll: (kinds: string) =>
    inputs.filter(([kind]) => kinds.split(', ').includes(kind)).map(([, input]) => input),
} as unknown as HTMLFormElement;

test('what was typed and chosen is there again for the same person alone, and never a password', () => {
  keepTyped('sell', 'u1', form);
  expect(typedBefore('sell', 'u1')).toEqual({
    title: 'Two seats',
    description: 'In the middle',
    zone: 'Asia/Tokyo',
  });
  expect(typedBefore('sell', 'u2')).toBeUndefined();
});

const chosen = {
  basket: { counts: { t1: 2 }, seats: [{ tierId: 't2', place: 10 }] },
  code: 'EARLY-BIRD',
  seen: { when: 'Fri', where: 'Hall', prices: { t1: 2500 } },
};

test('places that nobody had chosen yet who is signed in are there for who signs in, and then for them alone', () => {
  keepTyped('enter', undefined, form);
  keepChoice('e1', undefined, chosen);
  forgetOthers(NOBODY);
  expect(choiceBefore('e1', undefined)).toEqual(chosen);
  expect(choiceBefore('e2', undefined)).toBeUndefined();
  forgetOthers('u1');
  expect(choiceBefore('e1', 'u1')).toEqual(chosen);
  expect(typedBefore('enter', undefined)).toBeUndefined();
  expect([choiceBefore('e1', 'u2'), choiceBefore('e1', undefined)]).toEqual([undefined, undefined]);
});

test('it waits for whose session has ended; nothing of it stays where it was given up, or somebody signs out', () => {
  const nothing = { ...chosen, basket: { counts: { t1: 0 }, seats: [] }, code: '' };
  keepChoice('e1', 'u1', chosen);
  keepChoice('e1', undefined, nothing);
  expect(choiceBefore('e1', 'u1')).toEqual(chosen);
  keepChoice('e1', 'u1', nothing);
  expect(choiceBefore('e1', 'u1')).toBeUndefined();
  keepChoice('e1', undefined, chosen);
  forgetLast();
  expect(choiceBefore('e1', undefined)).toBeUndefined();
});
