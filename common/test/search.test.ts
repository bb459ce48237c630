import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { finds, searchedFor, searchKeys } from '@ticketing/common/search';

test.each([
  ['analyt', 'Analytical Engine, live'],
  ['an en', 'Analytical Engine, live'],
  ['ANALYTICAL', 'analytical'],
  ['electroencephalogram', 'Electroencephalography'], // further than it looks
  ['cafe mull', 'Café Müller'],
  ['cafe\u0301', 'CAFÉ'],
  ['strasse', 'Kleine Straße'],
  ['straß', 'KLEINE STRASSE'],
  ['istanbul', 'İSTANBUL ISTANBUL ıstanbul'],
  ['lodz', 'Łódź'],
  ['smorrebrod', 'Smørrebrød'],
  ['οδυσσευσ', 'ΟΔΥΣΣΕΥΣ'],
  ['fish', 'ﬁsh and chips'],
  ['live 20', 'ＬＩＶＥ ２０２６'],
  ['live', 'li\u00ADve'],
  ['東京', '東京ドーム公演'],
  ['公演', '東京ドーム公演'],
  ['東京ドーム', '東京ドーム公演'],
  ['京', '東京ドーム公演'],
  ['ﾄﾞｰﾑ', '東京ドーム公演'],
  ['glay 東京', 'GLAY東京公演'],
  ['เสิร์ต', 'คอนเสิร์ต'],
  ['공연', '서울 공연장'],
  ['हिन्', 'हिन्दी'],
  ['שלו', 'שָׁלוֹם'],
  ['مرح', 'مَرحبا'],
  ['7', 'Row 12, seat 7'],
  ['𝒜nal', 'Analytical'],
])('%j finds %j', (q, title) => {
  expect(finds(q, { title })).toBe(true);
  expect(finds(q, { title: 'Seat', description: `Row, ${title}!` })).toBe(true);
});

test.each([
  ['ytical', 'Analytical'], // inside a word
  ['a', 'Analytical'], // a letter is a word of its own
  ['engine analytics', 'Analytical Engine'],
  ['京東', '東京'],
  ['フロ', 'プロ'],
  ['!?', '!?'],
  ['', 'Anything'],
])('%j does not find %j', (q, title) => expect(finds(q, { title })).toBe(false));

test('a text has at most 300 keys: those of the title first, and all whole words before beginnings', () => {
  const words = Array.from({ length: 200 }, (_, n) => `w${n}ord`);
  const text = { title: 'Quartet', description: words.join(' ') };
  expect(searchKeys(text)).toHaveLength(300);
  for (const word of ['qu', ...words]) expect(finds(word, text)).toBe(true);
});

test('a word that another begins with says nothing more', () => {
  expect(searchedFor('con a concert con 東京 con')).toEqual(['concert', '東京', 'a']);
});

test('whatever a title is, each word of it and each beginning finds it', () => {
  const word = fc
    .string({
      minLength: 2,
      maxLength: 12,
      unit: fc.constantFrom(...Array.from('abcéßøИйñ京都ドあกี่한')),
    })
    .filter((text) => /[\p{L}\p{N}]/u.test(text)); // marks alone are no word
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), fc.nat(), (words, cut) => {
      const title = words.join(' ');
      expect(finds(words.at(cut % words.length) ?? '', { title })).toBe(true);
      for (const key of searchedFor(title)) expect(searchKeys({ title })).toContain(key);
    }),
  );
});
