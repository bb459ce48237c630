import { expect, test } from '@jest/globals';
import { CANVAS, drawn } from '../src/art.ts';

test('a text has its picture, which fills the canvas, and others have another', () => {
  expect(drawn('a sale')).toEqual(drawn('a sale'));
  expect(drawn('a sale')[0]).toMatchObject({ tag: 'rect', attributes: { ...CANVAS } });
  const pictures = new Set(Array.from({ length: 100 }, (_, n) => JSON.stringify(drawn(`sale ${n}`))));
  expect(pictures.size).toBeGreaterThan(90);
});
