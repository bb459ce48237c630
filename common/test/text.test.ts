import { describe, expect, test } from '@jest/globals';
import { text } from '@ticketing/common/text';

const Line = text({ most: 20 });
const Lines = text({ most: 200, least: 0, lines: true });
const refused = (schema: typeof Line, typed: string) => schema.safeParse(typed).error?.issues[0]?.message;

describe('what people type is kept', () => {
  test.each([
    ['  Front row ', 'Front row'],
    ['Cafe\u0301', 'Café'],
    ['Front\trow', 'Front row'],
    ['Fro\u00ADnt\u200B row\uFEFF', 'Front row'],
    ['\u202Ewor tnorF\u202C', 'wor tnorF'],
    ['\u2067שלום\u2069', 'שלום'],
    ['Cafe\u200B\u0301', 'Café'],
    ['👩‍👩‍👧 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣', '👩‍👩‍👧 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣'],
    ['می‌خواهم', 'می‌خواهم'],
    ['क्षि', 'क्षि'],
    ['שָׁ֑לוֹם', 'שָׁ֑לוֹם'.normalize('NFC')],
    ['a\u200Fb', 'a\u200Fb'],
    ['𝄞'.repeat(20), '𝄞'.repeat(20)],
  ])('%j as %j', (typed, kept) => {
    expect(Line.parse(typed)).toBe(kept);
    expect(Line.parse(kept)).toBe(kept);
  });

  test('in lines, where there may be several, with one kind of end', () => {
    expect(Lines.parse('a\r\nb\rc\nd\u2028e\n\n')).toBe('a\nb\nc\nd\ne');
    expect(Lines.parse(' \u200B')).toBe('');
  });
});

describe('refused is', () => {
  test.each(['\u0000', 'a\u0007b', 'a\u0085b', 'a\u007F', '\u001B[31mred'])(
    'the control character of %j',
    (typed) => {
      expect(refused(Line, typed)).toMatch(
        /^must hold letters, digits and signs, no control characters \(U\+/,
      );
      expect(refused(Lines, typed)).toMatch(/^must hold letters, digits and signs in lines, no control/);
    },
  );
  test.each(['\uD83D', 'a\uDC00', '\uDE00\uD83D'])('half a character, %j', (typed) => {
    expect(refused(Line, typed)).toMatch(/^must be of whole characters: U\+D/);
  });
  test.each(['', ' ', '\u200B', '\u2060\uFEFF\u00AD', '\u202E'])('nothing, %j', (typed) => {
    expect(refused(Line, typed)).toBe('must not be empty');
  });
  test.each([
    '\u3164',
    '\uFFA0\u115F',
    '\u200D',
    '\uFE0F',
    '\u{E0041}\u{E007F}',
    '\u0301',
    '\u2800',
    '\u034F',
    '\u180E',
  ])('what nobody sees, %j', (typed) => {
    expect(refused(Line, typed)).toMatch(/^must hold something that is to be seen/);
    expect(refused(Lines, typed)).toMatch(/^must hold something that is to be seen/);
  });
  test('more than six accents on a letter', () => {
    expect(Line.parse(`Z${'\u0317'.repeat(6)}`)).toHaveLength(7);
    expect(refused(Line, `Z${'\u0317'.repeat(7)}`)).toBe('must have at most 6 accents on a letter');
  });
  test('a pile of accents, at once: to bring it into its order would cost the square of its height', () => {
    const Long = text({ most: 2000 });
    const cost = (typed: string) => {
      const before = process.cpuUsage();
      for (let n = 0; n < 5; n++) refused(Long, typed);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    cost('x'.repeat(8000));
    const plain = cost('x'.repeat(8000));
    for (const apart of ['', '\u200B']) {
      const high = `a${`${'\u0301\u0316'.repeat(10)}${apart}`.repeat(380)}`;
      expect(cost(high)).toBeLessThan(plain + 50_000);
      expect(refused(Long, high)).toBe('must have at most 6 accents on a letter');
    }
  });
  test('a line too many, a letter too many', () => {
    expect(refused(Line, 'a\nb')).toBe('must be one line');
    for (const length of [21, 10_000])
      expect(refused(Line, 'x'.repeat(length))).toBe('must have at most 20 characters');
  });
});
