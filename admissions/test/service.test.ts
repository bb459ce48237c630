import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EventChanged } from '@ticketing/common/contracts/event';
import {
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderUpdated,
} from '@ticketing/common/contracts/order';
import { systemIds } from '@ticketing/common/runtime';
import { eventually, tell } from '@ticketing/common/testing';
import { openHouse, type Ticket } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.host.destroy());
beforeEach(() => house.open());

describe('an admission is issued', () => {
  test('for each place of a complete order, once, however often and in whatever order that is told', async () => {
    const bought = house.order(3);
    await tell(
      house.host.bus,
      OrderCreated({ ...bought, version: 0, status: 'created', completedAt: undefined }),
    );
    const { tickets } = await house.buy(3);
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(3);
    expect(tickets[0]).toMatchObject({ status: 'valid', generation: 1, tier: 'Standing', price: 2500 });
    await eventually(
      () =>
        house.told.filter(
          ({ type, data }) => type === 'admission:issued' && data['eventId'] === house.event.id,
        ).length >= 3,
    );
  });

  test('not of an order that was never complete, nor of tickets that are no places', async () => {
    await tell(
      house.host.bus,
      OrderCancelled(house.order(1, { status: 'cancelled', completedAt: undefined, reason: 'expired' })),
    );
    const paper = house.order(1);
    await tell(
      house.host.bus,
      OrderCompleted({ ...paper, items: paper.items.map(({ kind: _, ...item }) => item) }),
    );
    await house.buy(2);
    expect(await house.held()).toHaveLength(2);
  });

  test('and ends with its order, also where that is heard before it', async () => {
    const bought = house.order(2);
    const ended = { ...bought, version: 2, status: 'cancelled', reason: 'event-cancelled' } as const;
    await tell(house.host.bus, OrderCancelled(ended));
    await eventually(async () => (await house.held()).length === 2);
    await tell(house.host.bus, OrderCompleted(bought));
    await tell(house.host.bus, OrderCompleted(house.order(1)));
    await eventually(async () => (await house.held()).length === 3);
    const lost = (await house.held()).filter(({ status }) => status === 'revoked');
    expect(lost.map(({ reason }) => reason)).toEqual(['event-cancelled', 'event-cancelled']);
    expect(lost[0]).not.toHaveProperty('code');
  });

  test('what left its order ends, what it keeps stays', async () => {
    const { bought, tickets } = await house.buy(2);
    const [gone, kept] = bought.items;
    const returned = [{ ...gone!, back: gone!.price, at: house.clock.now() }];
    await tell(house.host.bus, OrderUpdated({ ...bought, version: 2, items: [kept!], returned }));
    await eventually(
      async () => (await house.held()).filter(({ status }) => status === 'revoked').length === 1,
    );
    expect(tickets).toHaveLength(2);
  });
});

describe('at the door', () => {
  test('of two hundred scans of one code at once one is welcome, and its repeat', async () => {
    const { tickets } = await house.buy();
    const all = Array.from({ length: 200 }, () => house.scan({ code: tickets[0].code }));
    const answers = await Promise.all(all.map((one) => house.enter(one)));
    const verdicts = answers.map(([answer]) => answer?.verdict);
    expect(verdicts.filter((verdict) => verdict === 'welcome')).toHaveLength(1);
    expect(verdicts.filter((verdict) => verdict === 'already-in')).toHaveLength(199);
    const first = all[verdicts.indexOf('welcome')]!;
    expect(await house.enter(first)).toMatchObject([{ verdict: 'welcome', status: 'entered' }]);
    expect(await house.enter(house.scan({ code: tickets[0].code }))).toMatchObject([
      { verdict: 'already-in', since: first.at, door: 'A' },
    ]);
  });

  test('what is not ours, of another event, cut off, or of before is refused, and a malformed one holds up no other', async () => {
    const { tickets } = await house.buy();
    const { code } = tickets[0];
    await house.ask('POST', `/${tickets[0].id}/code`, house.buyer);
    const [renewed] = await house.held();
    const { event } = house;
    await house.open();
    const { tickets: others } = await house.buy();
    const foreign = others[0].code;
    const forged = code.slice(0, 40) + (code[40] === 'A' ? 'B' : 'A') + code.slice(41);
    expect(
      await house.enterAt(
        event,
        house.scan({ code: 'https://example.org' }),
        house.scan({ code: code.slice(0, -1) }),
        house.scan({ code: forged }),
        house.scan({ code: foreign }),
        { at: 'yesterday', code },
        house.scan({ code }),
        house.scan({ code: renewed!.code }),
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
    const { tickets } = await house.buy();
    const { code } = tickets[0];
    const SIX_HOURS = 6 * 3600_000;
    const now = house.clock.now().getTime();
    const late = house.scan({ code, done: true, at: new Date(now - 60_000).toISOString() });
    // Its clock is six hours ahead, and it let them in first.
    const early = house.scan({
      code,
      done: true,
      at: new Date(now + SIX_HOURS - 120_000).toISOString(),
      offset: -SIX_HOURS,
    });
    expect(await house.enter(late)).toMatchObject([{ verdict: 'welcome' }]);
    expect(await house.enter(early)).toMatchObject([{ conflict: true }]);
    expect(await house.enter(early, late)).toMatchObject([
      { verdict: 'welcome', conflict: true },
      { conflict: true },
    ]);
    const [ticket] = await house
      .ask<(Ticket & { enteredAt: string })[]>('GET', '', house.buyer)
      .then(({ body }) => body);
    expect(ticket?.enteredAt).toBe(new Date(now - 120_000).toISOString());
  });

  test('an entry is undone; out, and in again where that is allowed', async () => {
    await house.open({ reentry: true });
    const { tickets } = await house.buy();
    const { code } = tickets[0];
    const first = house.scan({ code });
    expect(await house.enter(first)).toMatchObject([{ verdict: 'welcome' }]);
    expect(await house.enter(house.scan({ code, kind: 'undo', of: first.id }))).toMatchObject([
      { verdict: 'undone', status: 'valid' },
    ]);
    expect(await house.enter(house.scan({ code }))).toMatchObject([{ verdict: 'welcome' }]);
    expect(await house.enter(house.scan({ code, kind: 'out' }))).toMatchObject([
      { verdict: 'goodbye', status: 'out' },
    ]);
    expect(await house.enter(house.scan({ code }))).toMatchObject([
      { verdict: 'welcome', status: 'entered' },
    ]);
    expect((await house.held())[0]).not.toHaveProperty('conflict');
  });

  test('the team alone comes there', async () => {
    const { tickets } = await house.buy();
    const body = { door: 'A', scans: [house.scan({ code: tickets[0].code })] };
    expect((await house.ask('POST', `/events/${house.event.id}/entries`, house.buyer, body)).status).toBe(
      403,
    );
    expect((await house.held())[0]).toMatchObject({ status: 'valid' });
  });
});

describe('its holder', () => {
  test('gives it back for what was seen, unless it was used: of both at once exactly one happens', async () => {
    for (let round = 0; round < 20; round++) {
      await house.open();
      const { tickets } = await house.buy();
      const [ticket] = tickets;
      const [back, [door]] = await Promise.all([
        house.ask<{ ticket?: Ticket; refused?: string }[]>('POST', '/returns', house.buyer, {
          tickets: [{ id: ticket.id, back: 2500 }],
        }),
        house.enter(house.scan({ code: ticket.code })),
      ]);
      const [answer] = back.body;
      expect(Number(answer?.ticket?.status === 'returned') + Number(door?.verdict === 'welcome')).toBe(1);
    }
  });

  test('gets back what the policy says once the time to regret is over', async () => {
    const until = new Date(house.clock.now().getTime() + 20 * 3600_000);
    await house.open({ returns: { until, feePercent: 10 } });
    const { tickets } = await house.buy();
    house.clock.forward(901_000);
    const [ticket] = await house.held();
    expect(ticket?.offer).toEqual({ back: 2250, until: until.toISOString() });
    const wrong = await house.ask<{ refused?: string }[]>('POST', '/returns', house.buyer, {
      tickets: [{ id: ticket!.id, back: 2500 }],
    });
    expect(wrong.body[0]?.refused).toContain('is now 2250');
    await house.ask('POST', '/returns', house.buyer, { tickets: [{ id: ticket!.id, back: 2250 }] });
    await house.ask('POST', '/returns', house.buyer, { tickets: [{ id: ticket!.id, back: 2250 }] });
    await eventually(() =>
      house.told.some(
        ({ data }) => data['id'] === tickets[0].id && data['status'] === 'returned' && data['back'] === 2250,
      ),
    );
  });

  test('hands it on by a link, once; the code of before is dead', async () => {
    const { tickets } = await house.buy();
    const [ticket] = tickets;
    await house.ask('PATCH', `/${ticket.id}`, house.buyer, { name: 'Ada' });
    expect((await house.ask('GET', `/${ticket.id}`, house.buyer)).body.name).toBe('Ada');
    const { body: link } = await house.ask<{ token: string }>('POST', `/${ticket.id}/link`, house.buyer);
    const friends = Array.from({ length: 10 }, () => systemIds.next());
    const taken = await Promise.all(friends.map((by) => house.ask('POST', '/claims', by, link)));
    expect(taken.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(404)]);
    const winner = friends[taken.findIndex(({ status }) => status === 200)]!;
    const [theirs] = await house.held(winner);
    expect(theirs).toMatchObject({ id: ticket.id, generation: 2 });
    expect(theirs).not.toHaveProperty('name');
    expect(await house.held()).toEqual([]);
    expect((await house.ask('GET', `/${ticket.id}`, house.buyer)).status).toBe(404);
    expect(
      await house.enter(house.scan({ code: ticket.code }), house.scan({ code: theirs!.code })),
    ).toMatchObject([{ verdict: 'replaced' }, { verdict: 'welcome' }]);
  });

  test('closes the link, and nobody comes by it', async () => {
    const { tickets } = await house.buy();
    const { body: link } = await house.ask<{ token: string }>('POST', `/${tickets[0].id}/link`, house.buyer);
    expect((await house.ask('DELETE', `/${tickets[0].id}/link`, house.buyer)).status).toBe(204);
    expect((await house.ask('POST', '/claims', systemIds.next(), link)).status).toBe(404);
  });

  test('alone does so: to others there is no such ticket', async () => {
    const { tickets } = await house.buy();
    const [{ id }] = tickets;
    const stranger = systemIds.next();
    const tried = await Promise.all([
      house.ask('GET', `/${id}`, stranger),
      house.ask('PATCH', `/${id}`, stranger, { name: 'Mallory' }),
      house.ask('POST', `/${id}/link`, stranger),
      house.ask('DELETE', `/${id}/link`, stranger),
      house.ask('POST', `/${id}/code`, stranger),
      house.ask('PUT', `/${id}/block`, stranger, { note: 'mine' }),
      house.ask('DELETE', `/${id}/block`, stranger),
    ]);
    expect(tried.map(({ status }) => status)).toEqual(tried.map(() => 404));
    const [given] = (
      await house.ask<{ refused?: string }[]>('POST', '/returns', stranger, { tickets: [{ id, back: 2500 }] })
    ).body;
    expect(given?.refused).toBe('There is no such ticket of yours');
  });
});

describe('the team', () => {
  test('blocks one, and says why; unblocked it has another code', async () => {
    const { tickets } = await house.buy();
    const [ticket] = tickets;
    await house.ask('PUT', `/${ticket.id}/block`, house.owner, { note: 'reported as lost' });
    expect(await house.enter(house.scan({ code: ticket.code }))).toMatchObject([{ verdict: 'revoked' }]);
    expect((await house.held())[0]).toMatchObject({
      status: 'revoked',
      reason: 'blocked',
      note: 'reported as lost',
    });
    await house.ask('DELETE', `/${ticket.id}/block`, house.owner);
    const [again] = await house.held();
    expect(
      await house.enter(house.scan({ code: ticket.code }), house.scan({ code: again!.code })),
    ).toMatchObject([{ verdict: 'replaced' }, { verdict: 'welcome' }]);
  });

  test('of who is inside when the order ends the ticket is shown', async () => {
    const { bought, tickets } = await house.buy();
    await house.enter(house.scan({ code: tickets[0].code }));
    await tell(
      house.host.bus,
      OrderCancelled({ ...bought, version: 2, status: 'cancelled', reason: 'seller' }),
    );
    await eventually(
      async () => (await house.enter(house.scan({ code: tickets[0].code })))[0]?.conflict === true,
    );
    expect((await house.held())[0]).toMatchObject({ status: 'entered' });
  });

  test('an event that is told anew is known by its newest state', async () => {
    const { tickets } = await house.buy();
    await tell(house.host.bus, EventChanged({ ...house.event, version: 1, title: 'Night of songs' }));
    await eventually(async () => {
      const { body } = await house.ask<{ event: { title: string } }>('GET', `/${tickets[0].id}`, house.buyer);
      return body.event.title === 'Night of songs';
    });
  });
});
