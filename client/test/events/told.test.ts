import { expect, test } from '@jest/globals';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { EventView } from '../../src/api/types.ts';
import { calendarOf } from '../../src/events/calendar.ts';
import { Description } from '../../src/events/description.ts';
import { structured } from '../../src/events/structured.ts';

const html = (text: string) => renderToStaticMarkup(createElement(Description, { text }));

test.each([
  ['*Two hours*, **one** interval.', '<p dir="auto"><em>Two hours</em>, <strong>one</strong> interval.</p>'],
  ['one\ntwo', '<p dir="auto">one\ntwo</p>'],
  ['- a\n- b', '<ul dir="auto">\n<li dir="auto">a</li><li dir="auto">b</li></ul>'.replace('\n', '')],
  ['3. c', '<ol dir="auto" start="3"><li dir="auto">c</li></ol>'],
  ['### Deep\n\n# High', '<h3 dir="auto">Deep</h3><h3 dir="auto">High</h3>'],
  ['# A\n\n### B\n\n# C', '<h3 dir="auto">A</h3><h4 dir="auto">B</h4><h3 dir="auto">C</h3>'],
  [
    '[site](https://example.com/?a=1&b=2)',
    '<p dir="auto"><a href="https://example.com/?a=1&amp;b=2" rel="nofollow noreferrer">site</a></p>',
  ],
  [
    '![a](https://example.com/x.png)',
    '<p dir="auto">!<a href="https://example.com/x.png" rel="nofollow noreferrer">a</a></p>',
  ],
])('%j is shown as %s', (text, shown) => expect(html(text)).toBe(shown));

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt&colon;alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  '[x](//evil.example)',
  '[x](ftp://evil.example)',
])('%s is text alone', (text) => expect(html(text)).not.toMatch(/<(script|img)|href/));

const event: EventView = {
  id: '1'.repeat(24),
  version: 3,
  status: 'published',
  title: 'Song; dance, and\\or </script><script>alert(1)</script>',
  description: 'Two lines\nof it',
  category: 'concert',
  organizer: { name: 'The Hall' },
  venue: { name: 'ハーバー・ホール', address: 'First\nSecond', city: '横浜市', country: 'JP' },
  zone: 'Asia/Tokyo',
  starts: '2096-09-05T18:00',
  startsAt: '2096-09-05T09:00:00.000Z',
  ends: '2096-09-05T20:30',
  endsAt: '2096-09-05T11:30:00.000Z',
  currency: 'kwd',
  tiers: [{ id: '2'.repeat(24), name: 'All', poolId: 'p', price: 7500, opensAt: '2096-01-01T00:00:00Z' }],
  pools: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-02-01T00:00:00.000Z',
};
const URL_OF_IT = 'https://tickets.example/events/1';

test('a calendar gets instants, a version, and lines that it can take', () => {
  const text = calendarOf(event, URL_OF_IT);
  const lines = text.split('\r\n');
  for (const line of lines) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
  expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n\u{FFFD}]/u);
  expect(text.replaceAll('\r\n ', '').split('\r\n')).toEqual(
    expect.arrayContaining([
      `UID:${event.id}@tickets.example`,
      'SEQUENCE:3',
      'DTSTAMP:20260201T000000Z',
      'DTSTART:20960905T090000Z',
      'DTEND:20960905T113000Z',
      'SUMMARY:Song\\; dance\\, and\\\\or </script><script>alert(1)</script>',
      'LOCATION:ハーバー・ホール\\, First\\, Second\\, 横浜市\\, Japan',
      'STATUS:CONFIRMED',
    ]),
  );
  expect(calendarOf({ ...event, status: 'cancelled' }, URL_OF_IT)).toContain('STATUS:CANCELLED');
});

test('a line of a calendar is as long as it may be, and no longer', () => {
  const lines = calendarOf({ ...event, title: 'a'.repeat(300) }, URL_OF_IT).split('\r\n');
  expect(Math.max(...lines.map(({ length }) => length))).toBe(75);
});

test('what search engines read cannot end its element, and says what is so', () => {
  const text = structured(event, new Map(), URL_OF_IT, Date.parse('2026-03-01'));
  expect(text).not.toContain('<');
  expect(JSON.parse(text)).toMatchObject({
    name: event.title,
    eventStatus: 'https://schema.org/EventScheduled',
    offers: [{ price: '7.500', priceCurrency: 'KWD', availability: 'https://schema.org/PreOrder' }],
  });
  const other = { ...event, postponedFrom: '2096-08-05T09:00:00.000Z' };
  expect(JSON.parse(structured(other, new Map(), URL_OF_IT, 0))).toMatchObject({
    eventStatus: 'https://schema.org/EventRescheduled',
    previousStartDate: other.postponedFrom,
  });
  const offered = (left: number, now: string) => {
    const said = structured(event, new Map([['p', { left }]]), URL_OF_IT, Date.parse(now));
    return (JSON.parse(said) as { offers: [{ availability: string }] }).offers[0].availability;
  };
  expect(offered(0, '2026-03-01')).toBe('https://schema.org/SoldOut');
  expect(offered(1, '2096-03-01')).toBe('https://schema.org/InStock');
  expect(offered(1, '2097-03-01')).toBe('https://schema.org/Discontinued');
});
