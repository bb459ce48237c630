import { expect, test } from '@jest/globals';
import { csvLine } from '../src/csv.ts';

test.each(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])(
  'what begins with %j is text to a spreadsheet, and nothing of it is lost',
  (sign) => {
    expect(csvLine([`${sign}HYPERLINK("x")`, 'b'])).toBe(`"'${sign}HYPERLINK(""x"")","b"\r\n`);
  },
);

test('where another separator would begin a cell, what begins with a sign is text too', () => {
  expect(csvLine(['Bo;=1+1', 'x"; -2', 'a, @b'])).toBe(`"Bo;'=1+1","x""; '-2","a, '@b"\r\n`);
});

test.each(['Ada', 'a=b', '2 × Standing', '25.00', '', '陳', 'Ada, "the Countess"\nof Lovelace'])(
  '%j is as it is, whatever is in it',
  (text) => {
    const [, quoted = ''] = /^"([^]*)"\r\n$/.exec(csvLine([text])) ?? [];
    expect(quoted.replaceAll('""', '"')).toBe(text);
    expect(quoted.replaceAll('""', '')).not.toContain('"');
  },
);
