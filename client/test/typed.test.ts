import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { keepTyped, typedBefore } from '../src/session/typed.ts';

const pages = globalThis as { window?: unknown };
beforeEach(() => {
  const items = new Map<string, string>();
  const sessionStorage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
  pages.window = { sessionStorage };
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
