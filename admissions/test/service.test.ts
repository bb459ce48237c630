import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AdmissionChanged, AdmissionIssued } from '@ticketing/common/contracts/admission';
import { EventChanged, EventPublished, type EventState } from '@ticketing/common/contracts/event';
import {
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  type OrderState,
  OrderUpdated,
} from '@ticketing/common/contracts/order';
import { systemIds } from '@ticketing/common/runtime';
import {
  bearer,
  eventually,
  movableClock,
  patiently,
  tell,
  testHost,
  type TestHost,
} from '@ticketing/common/testing';
import { eventWith, type Given } from '@ticketing/common/testing-event';
import { admissions } from '../src/service.ts';
import { orderOf } from './orders.ts';

const mongoUrl = process.env['TEST_MONGO_URL'] ?? '';
const clock = movableClock();
let host: TestHost;
const told: { type: string; data: Record<string, unknown> }[] = [];
beforeAll(async () => {
  host = await testHost([admissions], { mongoUrl, clock, env: { SWEEP_SECONDS: '1' } });
  for (const { subject } of [AdmissionIssued, AdmissionChanged])
    host.bus.subscribe({
      subject,
      group: 'test',
      handle: async (message) => void told.push(JSON.parse(message) as (typeof told)[number]),
    });
});
afterAll(() => host.destroy());

interface Ticket {
  id: string;
  status: string;
  reason?: string;
  code: string;
  generation: number;
  name?: string;
  offer?: { back: number };
  version: number;
}
const ask = async <B = Ticket>(method: string, path: string, by: string, body?: object) => {
  const reply = await patiently(() =>
    fetch(`${host.url}/api/admissions${path}`, {
      method,
      headers: { ...bearer({ id: by }), ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }),
  );
  const text = await reply.text();
  return { status: reply.status, body: (text === '' ? {} : JSON.parse(text)) as B };
};

let event: EventState;
let buyer: string;
let owner: string;
const open = async (given: Given = {}) => {
  event = eventWith(given);
  owner = event.internal.ownerId;
  buyer = systemIds.next();
  await tell(host.bus, EventPublished(event));
};
beforeEach(() => open());

const order = (count: number, given: Partial<OrderState> = {}): OrderState =>
  orderOf(event, buyer, count, { completedAt: clock.now(), ...given });
const held = async (by = buyer) => (await ask<Ticket[]>('GET', '', by)).body;
const buy = async (count = 1) => {
  const bought = order(count);
  await tell(host.bus, OrderCompleted(bought));
  return eventually(async () => {
    const tickets = await held();
    return tickets.length === count && { bought, tickets: tickets as [Ticket, ...Ticket[]] };
  });
};
let scans = 0;
const scan = (fields: object) => ({
  id: `scan-of-a-device-${scans++}`,
  at: clock.now().toISOString(),
  ...fields,
});
interface Entry {
  verdict: string;
  since?: string;
  door?: string;
  conflict?: boolean;
  status?: string;
}
const enter = async (...of: object[]) =>
  (await ask<Entry[]>('POST', `/events/${event.id}/entries`, owner, { door: 'A', scans: of })).body;

describe('an admission is issued', () => {
  test('for each place of a complete order, once, however often and in whatever order that is told', async () => {
    const bought = order(3);
    await tell(host.bus, OrderCreated({ ...bought, version: 0, status: 'created', completedAt: undefined }));
    const { tickets } = await buy(3);
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(3);
    expect(tickets[0]).toMatchObject({ status: 'valid', generation: 1, tier: 'Standing', price: 2500 });
    await eventually(
      () =>
        told.filter(({ type, data }) => type === 'admission:issued' && data['eventId'] === event.id).length >=
        3,
    );
  });

  test('not of an order that was never complete, nor of tickets that are no places', async () => {
    await tell(
      host.bus,
      OrderCancelled(order(1, { status: 'cancelled', completedAt: undefined, reason: 'expired' })),
    );
    const paper = order(1);
    await tell(
      host.bus,
      OrderCompleted({ ...paper, items: paper.items.map(({ kind: _, ...item }) => item) }),
    );
    await buy(2);
    expect(await held()).toHaveLength(2);
  });

  test('and ends with its order, also where that is heard before it', async () => {
    const bought = order(2);
    const ended = { ...bought, version: 2, status: 'cancelled', reason: 'event-cancelled' } as const;
    await tell(host.bus, OrderCancelled(ended));
    await eventually(async () => (await held()).length === 2);
    await tell(host.bus, OrderCompleted(bought));
    await tell(host.bus, OrderCompleted(order(1)));
    await eventually(async () => (await held()).length === 3);
    const lost = (await held()).filter(({ status }) => status === 'revoked');
    expect(lost.map(({ reason }) => reason)).toEqual(['event-cancelled', 'event-cancelled']);
    expect(lost[0]).not.toHaveProperty('code');
  });

  test('what left its order ends, what it keeps stays', async () => {
    const { bought, tickets } = await buy(2);
    const [gone, kept] = bought.items;
    const returned = [{ ...gone!, back: gone!.price, at: clock.now() }];
    await tell(host.bus, OrderUpdated({ ...bought, version: 2, items: [kept!], returned }));
    await eventually(async () => (await held()).filter(({ status }) => status === 'revoked').length === 1);
    expect(tickets).toHaveLength(2);
  });
});

describe('at the door', () => {
  test('of two hundred scans of one code at once one is welcome, and its repeat', async () => {
    const { tickets } = await buy();
    const all = Array.from({ length: 200 }, () => scan({ code: tickets[0].code }));
    const answers = await Promise.all(all.map((one) => enter(one)));
    const verdicts = answers.map(([answer]) => answer?.verdict);
    expect(verdicts.filter((verdict) => verdict === 'welcome')).toHaveLength(1);
    expect(verdicts.filter((verdict) => verdict === 'already-in')).toHaveLength(199);
    const first = all[verdicts.indexOf('welcome')]!;
    expect(await enter(first)).toMatchObject([{ verdict: 'welcome', status: 'entered' }]);
    expect(await enter(scan({ code: tickets[0].code }))).toMatchObject([
      { verdict: 'already-in', since: first.at, door: 'A' },
    ]);
  });

  test('what is not ours, of another event, cut off, or of before is refused, and a malformed one holds up no other', async () => {
    const { tickets } = await buy();
    const { code } = tickets[0];
    await ask('POST', `/${tickets[0].id}/code`, buyer);
    const [renewed] = await held();
    const elsewhere = event;
    await open();
    const { tickets: others } = await buy();
    const foreign = others[0].code;
    event = elsewhere;
    owner = event.internal.ownerId;
    const forged = code.slice(0, 40) + (code[40] === 'A' ? 'B' : 'A') + code.slice(41);
    expect(
      await enter(
        scan({ code: 'https://example.org' }),
        scan({ code: code.slice(0, -1) }),
        scan({ code: forged }),
        scan({ code: foreign }),
        { at: 'yesterday', code },
        scan({ code }),
        scan({ code: renewed!.code }),
      ),
    ).toMatchObject([
      { verdict: 'not-ours' },
      { verdict: 'not-ours' },
      { verdict: 'not-ours' },
      { verdict: 'other-event' },
      { verdict: 'malformed' },
      { verdict: 'replaced' },
      { verdict: 'welcome' },
    ]);
  });

  test('who let somebody in without a network tells so later: nothing is dropped, a copy is shown', async () => {
    const { tickets } = await buy();
    const { code } = tickets[0];
    const SIX_HOURS = 6 * 3600_000;
    const now = clock.now().getTime();
    const late = scan({ code, done: true, at: new Date(now - 60_000).toISOString() });
    // Its clock is six hours ahead, and it let them in first.
    const early = scan({
      code,
      done: true,
      at: new Date(now + SIX_HOURS - 120_000).toISOString(),
      offset: -SIX_HOURS,
    });
    expect(await enter(late)).toMatchObject([{ verdict: 'welcome' }]);
    expect(await enter(early)).toMatchObject([{ conflict: true }]);
    expect(await enter(early, late)).toMatchObject([
      { verdict: 'welcome', conflict: true },
      { conflict: true },
    ]);
    const [ticket] = await ask<(Ticket & { enteredAt: string })[]>('GET', '', buyer).then(({ body }) => body);
    expect(ticket?.enteredAt).toBe(new Date(now - 120_000).toISOString());
  });

  test('an entry is undone; out, and in again where that is allowed', async () => {
    await open({ reentry: true });
    const { tickets } = await buy();
    const { code } = tickets[0];
    const first = scan({ code });
    expect(await enter(first)).toMatchObject([{ verdict: 'welcome' }]);
    expect(await enter(scan({ code, kind: 'undo', of: first.id }))).toMatchObject([
      { verdict: 'undone', status: 'valid' },
    ]);
    expect(await enter(scan({ code }))).toMatchObject([{ verdict: 'welcome' }]);
    expect(await enter(scan({ code, kind: 'out' }))).toMatchObject([{ verdict: 'goodbye', status: 'out' }]);
    expect(await enter(scan({ code }))).toMatchObject([{ verdict: 'welcome', status: 'entered' }]);
    expect((await held())[0]).not.toHaveProperty('conflict');
  });

  test('the team alone comes there', async () => {
    const { tickets } = await buy();
    const body = { door: 'A', scans: [scan({ code: tickets[0].code })] };
    expect((await ask('POST', `/events/${event.id}/entries`, buyer, body)).status).toBe(403);
    expect((await held())[0]).toMatchObject({ status: 'valid' });
  });
});

describe('its holder', () => {
  test('gives it back for what was seen, unless it was used: of both at once exactly one happens', async () => {
    for (let round = 0; round < 20; round++) {
      await open();
      const { tickets } = await buy();
      const [ticket] = tickets;
      const [back, [door]] = await Promise.all([
        ask<{ ticket?: Ticket; refused?: string }[]>('POST', '/returns', buyer, {
          tickets: [{ id: ticket.id, back: 2500 }],
        }),
        enter(scan({ code: ticket.code })),
      ]);
      const [answer] = back.body;
      expect(Number(answer?.ticket?.status === 'returned') + Number(door?.verdict === 'welcome')).toBe(1);
    }
  });

  test('gets back what the policy says once the time to regret is over', async () => {
    const until = new Date(clock.now().getTime() + 20 * 3600_000);
    await open({ returns: { until, feePercent: 10 } });
    const { tickets } = await buy();
    clock.forward(901_000);
    const [ticket] = await held();
    expect(ticket?.offer).toEqual({ back: 2250, until: until.toISOString() });
    const wrong = await ask<{ refused?: string }[]>('POST', '/returns', buyer, {
      tickets: [{ id: ticket!.id, back: 2500 }],
    });
    expect(wrong.body[0]?.refused).toContain('is now 2250');
    await ask('POST', '/returns', buyer, { tickets: [{ id: ticket!.id, back: 2250 }] });
    await ask('POST', '/returns', buyer, { tickets: [{ id: ticket!.id, back: 2250 }] });
    await eventually(() =>
      told.some(
        ({ data }) => data['id'] === tickets[0].id && data['status'] === 'returned' && data['back'] === 2250,
      ),
    );
  });

  test('hands it on by a link, once; the code of before is dead', async () => {
    const { tickets } = await buy();
    const [ticket] = tickets;
    await ask('PATCH', `/${ticket.id}`, buyer, { name: 'Ada' });
    expect((await ask('GET', `/${ticket.id}`, buyer)).body.name).toBe('Ada');
    const { body: link } = await ask<{ token: string }>('POST', `/${ticket.id}/link`, buyer);
    const friends = Array.from({ length: 10 }, () => systemIds.next());
    const taken = await Promise.all(friends.map((by) => ask('POST', '/claims', by, link)));
    expect(taken.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(404)]);
    const winner = friends[taken.findIndex(({ status }) => status === 200)]!;
    const [theirs] = await held(winner);
    expect(theirs).toMatchObject({ id: ticket.id, generation: 2 });
    expect(theirs).not.toHaveProperty('name');
    expect(await held()).toEqual([]);
    expect((await ask('GET', `/${ticket.id}`, buyer)).status).toBe(404);
    expect(await enter(scan({ code: ticket.code }), scan({ code: theirs!.code }))).toMatchObject([
      { verdict: 'replaced' },
      { verdict: 'welcome' },
    ]);
  });

  test('closes the link, and nobody comes by it', async () => {
    const { tickets } = await buy();
    const { body: link } = await ask<{ token: string }>('POST', `/${tickets[0].id}/link`, buyer);
    expect((await ask('DELETE', `/${tickets[0].id}/link`, buyer)).status).toBe(204);
    expect((await ask('POST', '/claims', systemIds.next(), link)).status).toBe(404);
  });

  test('alone does so: to others there is no such ticket', async () => {
    const { tickets } = await buy();
    const [{ id }] = tickets;
    const stranger = systemIds.next();
    const tried = await Promise.all([
      ask('GET', `/${id}`, stranger),
      ask('PATCH', `/${id}`, stranger, { name: 'Mallory' }),
      ask('POST', `/${id}/link`, stranger),
      ask('DELETE', `/${id}/link`, stranger),
      ask('POST', `/${id}/code`, stranger),
      ask('PUT', `/${id}/block`, stranger, { note: 'mine' }),
      ask('DELETE', `/${id}/block`, stranger),
    ]);
    expect(tried.map(({ status }) => status)).toEqual(tried.map(() => 404));
    const [given] = (
      await ask<{ refused?: string }[]>('POST', '/returns', stranger, { tickets: [{ id, back: 2500 }] })
    ).body;
    expect(given?.refused).toBe('There is no such ticket of yours');
  });
});

describe('the team', () => {
  test('blocks one, and says why; unblocked it has another code', async () => {
    const { tickets } = await buy();
    const [ticket] = tickets;
    await ask('PUT', `/${ticket.id}/block`, owner, { note: 'reported as lost' });
    expect(await enter(scan({ code: ticket.code }))).toMatchObject([{ verdict: 'revoked' }]);
    expect((await held())[0]).toMatchObject({
      status: 'revoked',
      reason: 'blocked',
      note: 'reported as lost',
    });
    await ask('DELETE', `/${ticket.id}/block`, owner);
    const [again] = await held();
    expect(await enter(scan({ code: ticket.code }), scan({ code: again!.code }))).toMatchObject([
      { verdict: 'replaced' },
      { verdict: 'welcome' },
    ]);
  });

  test('of who is inside when the order ends the ticket is shown', async () => {
    const { bought, tickets } = await buy();
    await enter(scan({ code: tickets[0].code }));
    await tell(host.bus, OrderCancelled({ ...bought, version: 2, status: 'cancelled', reason: 'seller' }));
    await eventually(async () => (await enter(scan({ code: tickets[0].code })))[0]?.conflict === true);
    expect((await held())[0]).toMatchObject({ status: 'entered' });
  });

  test('an event that is told anew is known by its newest state', async () => {
    const { tickets } = await buy();
    await tell(host.bus, EventChanged({ ...event, version: 1, title: 'Night of songs' }));
    await eventually(async () => {
      const { body } = await ask<{ event: { title: string } }>('GET', `/${tickets[0].id}`, buyer);
      return body.event.title === 'Night of songs';
    });
  });
});
