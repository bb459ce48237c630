import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, eventually } from '@ticketing/common/testing';
import { openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.host.destroy());

const [manager, door] = [systemIds.next(), systemIds.next()];
beforeEach(() =>
  house.open({
    capacity: 20,
    team: [
      { userId: manager, role: 'manager' },
      { userId: door, role: 'door' },
    ],
  }),
);

interface Holder {
  id: string;
  number: string;
  name?: string;
  status: string;
  enteredAt?: string;
}
const of = (path = '') => `/events/${house.event.id}${path}`;
const list = async (query = '', by = door) => (await house.ask<Holder[]>('GET', of(query), by)).body;

test('the team finds tickets by name, by the number of their order, and by status', async () => {
  const { tickets } = await house.buy(3);
  const [first, second] = tickets;
  await house.ask('PATCH', `/${first.id}`, house.buyer, { name: 'Zoë Ångström' });
  const all = await list();
  expect(all.map(({ id }) => id)).toEqual(tickets.map(({ id }) => id).sort());
  const number = all.find(({ id }) => id === second!.id)!.number;
  expect(await list('?q=angstr')).toMatchObject([{ id: first.id, name: 'Zoë Ångström' }]);
  expect(await list(`?q=${number}`)).toHaveLength(3);
  expect(await list('?q=nobody')).toEqual([]);
  await house.ask('PATCH', `/${first.id}`, house.buyer, { name: null });
  expect(await list('?q=angstr')).toEqual([]);
  await house.enter(house.scan({ code: first.code }));
  expect(await list('?status=entered')).toMatchObject([{ id: first.id, enteredAt: expect.any(String) }]);
});

test('it is told how many came and when, and which to look at', async () => {
  const { tickets } = await house.buy(3);
  const [first, second] = tickets;
  await house.enter(
    house.scan({ code: first.code }),
    house.scan({ code: first.code, done: true }),
    house.scan({ code: second!.code }),
  );
  const { body } = await house.ask<{
    tiers: { status: string; count: number }[];
    conflicts: number;
    entries: { count: number }[];
  }>('GET', of('/counts'), door);
  expect(body.tiers.map(({ status, count }) => [status, count])).toEqual([
    ['entered', 2],
    ['valid', 1],
  ]);
  expect(body.conflicts).toBe(1);
  expect(body.entries.reduce((sum, { count }) => sum + count, 0)).toBe(3);
});

test('its owner and managers take it as a spreadsheet, in which no name is a formula', async () => {
  const { tickets } = await house.buy(2);
  await house.ask('PATCH', `/${tickets[0].id}`, house.buyer, { name: '=HYPERLINK("x")' });
  await house.enter(house.scan({ code: tickets[0].code }));
  const { text } = await house.ask('GET', of('/csv'), manager);
  const lines = text.trimEnd().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('"Order","Ticket","Seat","Name"');
  expect(lines.slice(1).find((line) => line.includes('HYPERLINK'))).toContain(
    `"'=HYPERLINK(""x"")","entered"`,
  );
  expect((await house.ask('GET', of('/csv'), door)).status).toBe(403);
});

test('a device at a door is given all tickets, and is told of each that changes', async () => {
  const { tickets } = await house.buy(2);
  const { body } = await house.ask<{
    ids: string;
    generations: string;
    statuses: string;
    tiers: { names: string[]; of: number[] };
    names: (string | null)[];
  }>('GET', of('/snapshot'), door);
  const ids = Buffer.from(body.ids, 'base64').toString('hex');
  const sorted = tickets.map(({ id }) => id).sort();
  expect(ids).toBe(sorted.join(''));
  expect(body).toMatchObject({
    generations: Buffer.from([0, 1, 0, 1]).toString('base64'),
    statuses: 'vv',
    tiers: { names: ['Standing'], of: [0, 0] },
    names: [null, null],
  });
  const ending = new AbortController();
  const reply = await fetch(`${house.host.url}/api/admissions${of('/stream')}`, {
    headers: bearer({ id: door }),
    signal: ending.signal,
  });
  let heard = '';
  const reading = (async () => {
    for await (const chunk of reply.body!) heard += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  await eventually(() => heard.includes('event: beat'));
  await house.enter(house.scan({ code: tickets[0].code }));
  await eventually(() => heard.includes(`"id":"${tickets[0].id}"`) && heard.includes('"status":"e"'));
  expect(heard).not.toContain(house.buyer);
  ending.abort();
  await reading;
});

test('nobody else is told anything of them', async () => {
  await house.buy();
  const paths = ['', '/counts', '/csv', '/snapshot', '/stream'];
  for (const path of paths) {
    expect((await house.ask('GET', of(path), house.buyer)).status).toBe(403);
    expect((await house.ask('GET', `/events/${systemIds.next()}${path}`, door)).status).toBe(404);
  }
});
