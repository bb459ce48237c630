import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EventCancelled, EventPublished, type EventState } from '@ticketing/common/contracts/event';
import { OrderCompleted, type OrderState } from '@ticketing/common/contracts/order';
import { numberOf } from '@ticketing/common/order-number';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, eventually, patiently, tell, testHost, type TestHost } from '@ticketing/common/testing';
import { eventWith, orderOf, type Given } from '@ticketing/common/testing-event';
import { admissions } from '../src/service.ts';
import { readPdf } from './read-pdf.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost([admissions], { mongoUrl: process.env['TEST_MONGO_URL'] ?? '' });
});
afterAll(() => host.destroy());

const ask = (method: string, path: string, by: string, body?: object) =>
  patiently(() =>
    fetch(`${host.url}/api/admissions${path}`, {
      method,
      headers: { ...bearer({ id: by }), ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }),
  );
const json = async <B>(...asked: Parameters<typeof ask>) => (await (await ask(...asked)).json()) as B;

interface Bought {
  event: EventState;
  order: OrderState;
  buyer: string;
  ids: [string, ...string[]];
}
const buy = async (count: number, given: Given = {}): Promise<Bought> => {
  const event = eventWith(given);
  const buyer = systemIds.next();
  await tell(host.bus, EventPublished(event));
  const order = orderOf(event, buyer, count);
  await tell(host.bus, OrderCompleted(order));
  return eventually(async () => {
    const held = await json<{ id: string }[]>('GET', '', buyer);
    return held.length === count && { event, order, buyer, ids: held.map(({ id }) => id) as Bought['ids'] };
  });
};
const pdfOf = async (path: string, by: string) => {
  const reply = await ask('GET', path, by);
  expect(reply.status).toBe(200);
  return { reply, ...(await readPdf(new Uint8Array(await reply.arrayBuffer()))) };
};

test('a ticket is a PDF that says what was bought, for whom, at the venue’s time, with the tax apart', async () => {
  const { ids, buyer } = await buy(1, {
    title: 'Ночь «песен»: "a/b"',
    tiers: [{ name: 'Stalls', taxRate: 810 }],
    startsAt: new Date('2096-06-01T18:00:00Z'),
    endsAt: new Date('2096-06-01T21:00:00Z'),
    organizer: { name: 'The hall', address: 'Theaterplatz 1', taxNumber: 'CHE-123.456.789' },
  });
  const [id] = ids;
  await ask('PATCH', `/${id}`, buyer, { name: 'Zoë' });
  const { reply, pages, title } = await pdfOf(`/${id}/pdf`, buyer);
  expect(title).toBe('Ночь «песен»: "a/b"');
  expect(pages).toHaveLength(1);
  for (const told of [
    'Ночь «песен»: "a/b"',
    'Friday, June 1, 2096, 8:00 – 11:00 PM',
    'Central European Summer Time (Europe/Zurich)',
    'Stalls',
    'Zoë',
    '25.00 USD',
    'With 8.1 % tax of 1.87 USD',
    numberOf(id),
    'Tax number CHE-123.456.789',
  ])
    expect(pages[0]?.whole.replace(/[\u00A0\u202F\u2009]/g, ' ')).toContain(told);
  expect(reply.headers.get('content-type')).toBe('application/pdf');
  expect(reply.headers.get('cache-control')).toBe('private, no-store');
  const name = `Ночь «песен» a b ${numberOf(id)}.pdf`;
  expect(reply.headers.get('content-disposition')).toBe(
    `attachment; filename="a b ${numberOf(id)}.pdf"; filename*=UTF-8''${encodeURIComponent(name)}`,
  );
});

test('an order is one file of what its buyer still holds; what was handed on is not in it', async () => {
  const { ids, buyer, order } = await buy(3);
  const all = await pdfOf(`/orders/${order.id}/pdf`, buyer);
  expect(all.pages.map(({ whole }) => /Ticket \d of \d/.exec(whole)?.[0])).toEqual([
    'Ticket 1 of 3',
    'Ticket 2 of 3',
    'Ticket 3 of 3',
  ]);
  const friend = systemIds.next();
  const link = await json<object>('POST', `/${ids[0]}/link`, buyer);
  await ask('POST', '/claims', friend, link);
  expect((await pdfOf(`/orders/${order.id}/pdf`, buyer)).pages).toHaveLength(2);
  expect((await pdfOf(`/${ids[0]}/pdf`, friend)).pages).toHaveLength(1);
  expect((await ask('GET', `/${ids[0]}/pdf`, buyer)).status).toBe(404);
});

test('a ticket without a code is no file, and says so; one that changed is another', async () => {
  const { ids, buyer, order } = await buy(1);
  const [id] = ids;
  await pdfOf(`/${id}/pdf`, buyer);
  await ask('PATCH', `/${id}`, buyer, { name: 'Grace' });
  expect((await pdfOf(`/${id}/pdf`, buyer)).pages[0]?.whole).toContain('Grace');
  await ask('POST', '/returns', buyer, { tickets: [{ id, back: 2500 }] });
  for (const path of [`/${id}/pdf`, `/orders/${order.id}/pdf`]) {
    const reply = await ask('GET', path, buyer);
    expect(reply.status).toBe(409);
    expect(((await reply.json()) as { detail: string }).detail).toMatch(/has a code|has no code/);
  }
});

test('to others there is no such file', async () => {
  const { ids, order } = await buy(1);
  const stranger = systemIds.next();
  for (const path of [`/${ids[0]}/pdf`, `/${ids[0]}/calendar`, `/orders/${order.id}/pdf`])
    expect((await ask('GET', path, stranger)).status).toBe(404);
});

const unfolded = (text: string) => text.replaceAll('\r\n ', '').split('\r\n');

test('its date goes into a calendar at the venue’s time, with the zone defined, folded between characters', async () => {
  const title = 'Đêm nhạc, 東京の夜; '.repeat(6).trim();
  const { ids, buyer, event } = await buy(1, {
    title,
    startsAt: new Date('2096-06-01T18:00:00Z'),
    endsAt: new Date('2096-06-01T21:00:00Z'),
    venue: { name: 'Hall', address: 'Theaterplatz 1\nFirst floor', city: 'Bern' },
  });
  const reply = await ask('GET', `/${ids[0]}/calendar`, buyer);
  expect(reply.headers.get('content-type')).toBe('text/calendar; charset=utf-8; method=PUBLISH');
  const text = await reply.text();
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  const lines = unfolded(text);
  expect(lines).toEqual(
    expect.arrayContaining([
      'BEGIN:VTIMEZONE',
      'TZID:Europe/Zurich',
      'TZOFFSETTO:+0200',
      `UID:${event.id}@ticketing`,
      'SEQUENCE:0',
      'DTSTART;TZID=Europe/Zurich:20960601T200000',
      'DTEND;TZID=Europe/Zurich:20960601T230000',
      `SUMMARY:${title.replace(/[,;]/g, '\\$&')}`,
      'LOCATION:Hall\\, Theaterplatz 1\\nFirst floor\\, Bern',
      'STATUS:CONFIRMED',
    ]),
  );
});

test.each([
  ['Asia/Kolkata', 'Asia/Kolkata', '20960601T233000'],
  ['Asia/Calcutta', 'Asia/Kolkata', '20960601T233000'],
  ['Europe/Oslo', 'Europe/Berlin', '20960601T200000'],
])('also where the zone, %s, is defined under another name', async (zone, defined, local) => {
  const { ids, buyer } = await buy(1, {
    zone,
    startsAt: new Date('2096-06-01T18:00:00Z'),
    endsAt: new Date('2096-06-01T21:00:00Z'),
  });
  const lines = unfolded(await (await ask('GET', `/${ids[0]}/calendar`, buyer)).text());
  expect(lines).toEqual(expect.arrayContaining([`TZID:${defined}`, `DTSTART;TZID=${defined}:${local}`]));
});

test('a cancelled event is taken out of the calendar', async () => {
  const { ids, buyer, event } = await buy(1);
  await tell(host.bus, EventCancelled({ ...event, version: 1, status: 'cancelled' }));
  await eventually(async () => {
    const lines = unfolded(await (await ask('GET', `/${ids[0]}/calendar`, buyer)).text());
    expect(lines).toEqual(
      expect.arrayContaining([
        'METHOD:CANCEL',
        'STATUS:CANCELLED',
        'SEQUENCE:1',
        `UID:${event.id}@ticketing`,
      ]),
    );
  });
});
