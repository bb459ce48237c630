import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AccountDeleted } from '@ticketing/common/contracts/account';
import { EventPublished, type EventState } from '@ticketing/common/contracts/event';
import { ORDER_MESSAGES } from '@ticketing/common/contracts/order';
import { PaymentCreated } from '@ticketing/common/contracts/payment';
import { TicketCreated } from '@ticketing/common/contracts/ticket';
import { systemClock, systemIds } from '@ticketing/common/runtime';
import {
  bearer,
  eventually,
  patiently,
  tell,
  testHost,
  type TestHost,
  unrepeating,
} from '@ticketing/common/testing';
import type { User } from '@ticketing/common/user';
import { buyers } from '../src/commands/buyers.ts';
import { departureModel, orderModel } from '../src/model.ts';
import { orders } from '../src/service.ts';
import { eventWith, type Given, rows } from '@ticketing/common/testing-event';

let host: TestHost;
const told: string[] = [];
beforeAll(async () => {
  host = await testHost([orders], { mongoUrl: process.env['TEST_MONGO_URL']!, clock: unrepeating });
  for (const { subject } of ORDER_MESSAGES)
    host.bus.subscribe({ subject, group: 'test', handle: async (message) => void told.push(message) });
});
afterAll(() => host.destroy());

type Person = Partial<User> & Pick<User, 'id'>;
const person = (more: Partial<User> = {}): Person => ({ id: systemIds.next(), ...more });
const named = (name: string, email: string) => person({ name, email });
const reply = (method: string, path: string, by: Person, body?: object) =>
  patiently(() =>
    fetch(`${host.url}${path}`, {
      method,
      headers: { ...bearer(by), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }),
  );
const published = async (given: Given = {}) => {
  const event = eventWith({ capacity: 2000, ...given });
  await tell(host.bus, EventPublished(event));
  return event;
};
interface Entry {
  id: string;
  number: string;
  status: string;
  places: number;
  paid: number;
  elsewhere: number;
  refunded: number;
  buyer?: { name?: string; email: string };
}
const place = async ({ id, tiers }: EventState, by: Person, more: object = {}) => {
  const [tier] = tiers;
  const lines = [{ tierId: tier!.id, price: tier!.price, quantity: 1 }];
  const answer = await reply('POST', '/api/orders', by, { eventId: id, lines, ...more });
  const body = (await answer.json()) as Entry & { total: number; items: { ticketId: string }[] };
  expect({ status: answer.status, body }).toMatchObject({ status: 201 });
  return body;
};
const ownerOf = ({ internal }: EventState) => person({ id: internal.ownerId });
const pathOf = ({ id }: EventState, query = '', path = '/api/orders/placed') =>
  `${path}?eventId=${id}${query}`;
const placed = async (event: EventState, query = '', by = ownerOf(event)) => {
  const answer = await reply('GET', pathOf(event, query), by);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Entry[];
};
const csv = async (event: EventState, query = '') => {
  const answer = await reply('GET', pathOf(event, query, '/api/orders/placed/csv'), ownerOf(event));
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { answer, text: bytes.toString(), bytes };
};
const stored = () => host.database('orders').connection!.collection<{ _id: string }>('orders');

describe('the buyer of an order', () => {
  test('is told to the team as they stood when it was placed, and to nobody else', async () => {
    const event = await published();
    const ada = named('Ada Lovelace', 'ada@secret.example');
    const { id, ...shown } = await place(event, ada);
    await place(event, { ...ada, name: 'Ada King', email: 'king@secret.example' });
    expect((await placed(event)).map(({ buyer }) => buyer)).toEqual([
      { name: 'Ada King', email: 'king@secret.example' },
      { name: 'Ada Lovelace', email: 'ada@secret.example' },
    ]);
    await eventually(() => expect(told.filter((text) => text.includes(event.id))).toHaveLength(2));
    const stream = await reply('GET', '/api/orders/stream', ada);
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    await reply('DELETE', `/api/orders/${id}`, ada);
    let streamed = '';
    while (!streamed.includes('"cancelled"')) streamed += (await reader.read()).value ?? '';
    await reader.cancel();
    const seen = await Promise.all(
      [
        ['/api/orders', ada],
        ['/api/orders?as=seller', ownerOf(event)],
        [`/api/orders/${id}`, ada],
        [`/api/orders/${id}`, ownerOf(event)],
        [pathOf(event, '', '/api/orders/places'), ada],
      ].map(async ([path, by]) => (await reply('GET', path as string, by as Person)).text()),
    );
    expect(seen.join()).toContain(id);
    for (const text of [...told, ...seen, streamed, JSON.stringify(shown)])
      expect(text).not.toMatch(/lovelace|secret\.example|"words"|"buyer":/i);
  });

  test('of a ticket that somebody passes on is not kept, and its seller is not told', async () => {
    const seller = person();
    const at = new Date();
    const ticket = {
      id: systemIds.next(),
      version: 0,
      title: 'Front row',
      price: 2500,
      currency: 'usd',
      sellerId: seller.id,
      saleId: systemIds.next(),
      createdAt: at,
      updatedAt: at,
    };
    await tell(host.bus, TicketCreated(ticket));
    const wanted = { ticketIds: [ticket.id], seen: [{ ticketId: ticket.id, price: 2500 }] };
    const answer = await reply('POST', '/api/orders', named('Ada', 'ada@secret.example'), wanted);
    const { id } = (await answer.json()) as { id: string };
    const kept = await stored().findOne({ _id: id });
    for (const field of ['buyer', 'words']) expect(kept).not.toHaveProperty(field);
    const list = await (await reply('GET', '/api/orders?as=seller', seller)).text();
    expect(list).toContain(id);
    expect(list).not.toContain('secret.example');
  });

  test('goes with the account, also where it orders afterwards by a token that is still good', async () => {
    const event = await published();
    const [ada, ben] = [named('Ada', 'ada@example.com'), named('Ben', 'ben@example.com')];
    await place(event, ada);
    await place(event, ben);
    const deletedAt = new Date();
    await tell(host.bus, AccountDeleted({ id: ada.id, version: 3, deletedAt }));
    const unknown = async (count: number) => {
      const list = await placed(event);
      expect(list.filter(({ buyer }) => buyer === undefined)).toHaveLength(count);
      expect(list.filter(({ buyer }) => buyer?.name === 'Ben')).toHaveLength(1);
      expect(await placed(event, '&q=ada')).toHaveLength(list.length - 1 - count);
    };
    await eventually(() => unknown(1));
    await place(event, ada);
    await unknown(1);
    const { forgetDeparted } = buyers({
      Orders: host.database('orders').store(orderModel),
      Departures: host.database('orders').store(departureModel),
      clock: systemClock,
    });
    expect(await forgetDeparted()).toBe(1);
    await unknown(2);
    expect(await forgetDeparted()).toBe(0);
  });

  test('of an order of before, or of an account without a name, is as much as is known', async () => {
    const event = await published();
    await place(event, person({ email: 'quiet@example.com' }));
    const { id } = await place(event, named('Ada', 'ada@example.com'));
    await stored().updateOne({ _id: id }, { $unset: { buyer: '', words: '' } });
    const [former, quiet] = await placed(event);
    expect(former).not.toHaveProperty('buyer');
    expect(quiet!.buyer).toEqual({ email: 'quiet@example.com' });
    expect((await csv(event)).text).toMatch(/"",""\r\n"[^\n]+"","quiet@example\.com"\r\n$/);
  });
});

describe('the orders of an event', () => {
  test('are for its owner and managers: for nobody at the door, no buyer, no stranger, no admin', async () => {
    const [owner, manager, door, buyer] = [person(), person(), person(), person()];
    const event = await published({
      team: [
        { userId: owner.id, role: 'owner' },
        { userId: manager.id, role: 'manager' },
        { userId: door.id, role: 'door' },
      ],
    });
    await place(event, buyer);
    for (const path of ['/api/orders/placed', '/api/orders/placed/csv']) {
      const asked = [owner, manager, door, buyer, person(), person({ roles: ['admin'] })];
      const answers = await Promise.all(asked.map((by) => reply('GET', pathOf(event, '', path), by)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 403, 403, 403]);
      for (const answer of answers.slice(2)) expect(await answer.text()).not.toContain(buyer.id);
      const none = await reply('GET', `${path}?eventId=${systemIds.next()}`, owner);
      expect(none.status).toBe(404);
      expect((await fetch(`${host.url}${pathOf(event, '', path)}`)).status).toBe(401);
    }
  });

  test('are found by number, by words of name and address and their beginnings, and by these of this event alone', async () => {
    const event = await published();
    const other = await published();
    const zoe = named('Zoë Ångström-Płatek', 'z.angstrom+tour@mail.example');
    const { id, number } = await place(event, zoe);
    await place(event, named('Ben', 'ben@mail.example'));
    await place(other, zoe);
    const found = async (q: string) =>
      (await placed(event, `&q=${encodeURIComponent(q)}`)).map((order) => order.id);
    for (const q of [
      number,
      number.toLowerCase().replace('-', ' '),
      'zoe',
      'Zo',
      'angst',
      'platek zoe',
      'z.angstrom+tour@mail.example',
      'tour@mail.example',
    ])
      expect({ q, found: await found(q) }).toEqual({ q, found: [id] });
    expect(await found('mail.example')).toHaveLength(2);
    for (const q of ['ada', '!?', 'zoe ben', 'D0000-00000', 'abcdefghij']) expect(await found(q)).toEqual([]);
    // Ten letters are a number only where an order has it.
    const { id: long } = await place(event, named('Alexandria', 'a@b.example'));
    expect(await found('alexandria')).toEqual([long]);
  });

  test('are listed newest first, page by page, and by what became of them', async () => {
    const event = await published();
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.unshift((await place(event, person())).id);
    const buyer = person();
    const { id } = await place(event, buyer);
    await reply('DELETE', `/api/orders/${id}`, buyer);
    const pages: string[][] = [];
    for (let path: string | undefined = pathOf(event, '&limit=2&status=unpaid'); path !== undefined;) {
      const answer = await reply('GET', path, ownerOf(event));
      pages.push(((await answer.json()) as Entry[]).map((one) => one.id));
      path = /<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(pages).toEqual([made.slice(0, 2), made.slice(2, 4), made.slice(4)]);
    expect((await placed(event, '&status=cancelled')).map((one) => one.id)).toEqual([id]);
    expect(await placed(event)).toHaveLength(6);
  });

  test('say what was paid here and at the box office, and what went back', async () => {
    const event = await published();
    const buyer = person();
    const bought = await place(event, buyer);
    const at = new Date();
    const payment = { id: systemIds.next(), orderId: bought.id, userId: buyer.id, amount: 2500 };
    const state = { ...payment, currency: 'usd', version: 1, createdAt: at, updatedAt: at };
    await tell(host.bus, PaymentCreated({ ...state, status: 'succeeded', refundedAmount: 500 }));
    await place(event, ownerOf(event), { for: 'box-office' });
    await place(event, person());
    await eventually(async () =>
      expect(await placed(event)).toMatchObject([
        { status: 'created', paid: 0, elsewhere: 0, refunded: 0 },
        { status: 'complete', paid: 0, elsewhere: 2500, refunded: 0 },
        { status: 'complete', paid: 2500, elsewhere: 0, refunded: 500 },
      ]),
    );
  });
});

describe('the orders of an event as a spreadsheet', () => {
  test('say of each what it is, in amounts and times that people read', async () => {
    const event = await published({ currency: 'kwd', pools: [rows(4, 4)], tiers: [{ price: 12_340 }] });
    const buyer = named('=cmd|"/c calc"', '+41@example.com');
    const seats = { tierId: event.tiers[0]!.id, price: 12_340, places: [1, 5] };
    const { id, number } = await place(event, buyer, { lines: [seats] });
    await stored().updateOne({ _id: id }, { $set: { createdAt: new Date('2026-07-01T22:30:05Z') } });
    const { answer, text, bytes } = await csv(event);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="orders-${event.id}.csv"`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [head, line, end] = text.split('\r\n');
    expect(head!.slice(1)).toBe(
      '"Order","Status","Places","Tickets","Seats","Total","Currency","Paid here","Paid at the box office","Refunded","Placed (UTC)","Placed (at the venue)","Name","Address"',
    );
    expect(line).toBe(
      `"${number}","reserved","2","2 × Standing","A 1 2; A 2 2","24.680","KWD","0.000","0.000","0.000","2026-07-01T22:30:05.000Z","2026-07-02 00:30:05","'=cmd|""/c calc""","'+41@example.com"`,
    );
    expect(end).toBe('');
  });

  test('are all in it, each once, of those that were asked for', async () => {
    const event = await published();
    const first = await place(event, named('Ada', 'ada@example.com'));
    const {
      _id,
      pending: _pending,
      ...alike
    } = (await stored().findOne({ _id: first.id })) as never as {
      _id: string;
      pending?: unknown;
    };
    const ids = Array.from({ length: 450 }, () => systemIds.next());
    await stored().insertMany(
      ids.map((id, n) => ({ ...alike, _id: id, items: [item(n)], status: 'refunded' })),
    );
    const numbers = ({ text }: Awaited<ReturnType<typeof csv>>) =>
      text
        .split('\r\n')
        .slice(1, -1)
        .map((line) => line.split(',')[0]);
    const all = numbers(await csv(event));
    expect(all).toHaveLength(451);
    expect(new Set(all).size).toBeGreaterThan(445);
    expect(numbers(await csv(event, '&status=created'))).toEqual([`"${first.number}"`]);
    expect(numbers(await csv(event, '&q=nobody'))).toEqual([]);
    expect(numbers(await csv(event, '&q=ada'))).toHaveLength(451);
  });

  test('who goes away in the middle of it holds nothing up', async () => {
    const event = await published();
    await place(event, person());
    const gone = new AbortController();
    const answer = await fetch(`${host.url}${pathOf(event, '', '/api/orders/placed/csv')}`, {
      headers: bearer(ownerOf(event)),
      signal: gone.signal,
    });
    gone.abort();
    await expect(answer.text()).rejects.toThrow();
    expect((await csv(event)).answer.status).toBe(200);
  });
});

const item = (n: number) => ({ ticketId: `p${n}`, kind: 'place', tierId: 'x', title: 'x', price: 0 });
