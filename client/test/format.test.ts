import { expect, test } from '@jest/globals';
import { read } from '../src/api/answer.ts';
import { clockText, dateIn, isolated, money, zoneOrUtc } from '../src/ui/format.ts';
import { titlesOf } from '../src/orders/words.ts';

test('a time zone that this browser does not know is shown as UTC', () => {
  expect(zoneOrUtc('Europe/Berlin')).toBe('Europe/Berlin');
  expect(zoneOrUtc('Etc/Unknown')).toBe('UTC');
  expect(dateIn('Mars/Olympus', Date.parse('2026-11-27T23:30:00Z'))).toBe('2026-11-27');
});

test.each([
  ['Front row', 'Front row'],
  ['שורה 7', '\u2068שורה 7\u2069'],
  ['مقعد', '\u2068مقعد\u2069'],
  ['\u202Ewor \u2069tnorF\u202C', '\u2068wor tnorF\u2069'],
])('%j within a sentence turns nothing around it', (text, told) => expect(isolated(text)).toBe(told));

test('amounts, clocks and orders read well', () => {
  expect(money(123_456, 'usd')).toBe('$1,234.56');
  expect(money(123_456, 'jpy')).toBe('¥123,456');
  expect(money(123_456, 'kwd')).toBe('KWD\u00a0123.456');
  // A browser may have other decimals for it than are charged.
  expect(money(123_456, 'huf')).toBe('HUF\u00a01,234.56');
  expect([money(12_300, 'isk'), money(12_350, 'isk')]).toEqual(['ISK\u00a0123', 'ISK\u00a0123.50']);
  expect(clockText(754)).toBe('12:34');
  expect(clockText(5)).toBe('0:05');
  const item = { ticketId: '1', ticketVersion: 0, price: 1, sellerId: 's' };
  expect(titlesOf({ items: ['A', 'B', 'A'].map((title) => ({ ...item, title })) })).toBe('A and 2 more');
});

test('an answer is what was asked for, or says why not', async () => {
  const page = new Response('[1]', {
    headers: { link: '</api/tickets?cursor=x>; rel="next"', date: 'Sat, 21 Nov 2026 10:00:00 GMT' },
  });
  expect(await read(page)).toEqual({
    ok: true,
    status: 200,
    body: [1],
    next: '/api/tickets?cursor=x',
    at: Date.UTC(2026, 10, 21, 10),
  });
  const problem = Response.json(
    { detail: 'No', errors: [{ field: 'price', message: 'is too high' }] },
    { status: 400 },
  );
  expect(await read(problem)).toEqual({
    ok: false,
    status: 400,
    detail: 'No',
    errors: [{ field: 'price', message: 'is too high' }],
  });
  const stripes = Response.json({ error: { message: 'Wrong number', param: 'number' } }, { status: 402 });
  expect(await read(stripes)).toMatchObject({
    detail: 'Wrong number',
    errors: [{ field: 'number', message: 'Wrong number' }],
  });
  const html = new Response('<h1>Bad gateway</h1>', { status: 502 });
  expect(await read(html)).toMatchObject({
    ok: false,
    status: 502,
    detail: 'The server answered 502; try again in a moment',
  });
});
