import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { admissions } from '@ticketing/admissions/service';
import { EventPublished, type EventState } from '@ticketing/common/contracts/event';
import { OrderCompleted, type OrderState } from '@ticketing/common/contracts/order';
import { systemIds } from '@ticketing/common/runtime';
import {
  bearer,
  eventually,
  movableClock,
  tell,
  type TestHost,
  testHost,
  unrepeating,
} from '@ticketing/common/testing';
import { eventWith, orderOf } from '@ticketing/common/testing-event';
import request from 'supertest';
import { idAt } from '../bench/data.ts';
import { expectFrugal, expectIndexed, profiled, readsOf } from './profile.ts';

/** As of tickets (queries.test.ts): what admissions ask of their database costs the same however many there are. */
const OTHERS = 5000;
const { now } = movableClock();
const clock = { ...unrepeating, now };
const owner = systemIds.next();
const holder = systemIds.next();
let suite: TestHost;
let event: EventState;

const databaseOf = () => suite.database('admissions').connection!.db!;
const api = () => request(suite.app);
const by = (id: string) => bearer({ id });
const page = (path: string) => api().get(path).set(by(holder)).expect(200);

/** An order of some places of the event, as `orders` tells of it. */
const sold = (first: number, count: number): OrderState =>
  orderOf(event, holder, count, { completedAt: now() }, first);
interface Ticket {
  id: string;
  code?: string;
  offer: { back: number };
}
const held = async () => (await page('/api/admissions?limit=200')).body as Ticket[];
const buy = async (first: number, count: number) => {
  const before = (await held()).length;
  const order = sold(first, count);
  await tell(suite.bus, OrderCompleted(order));
  await eventually(async () => (await held()).length === before + count);
  return order;
};

beforeAll(async () => {
  suite = await testHost([admissions], { mongoUrl: process.env['TEST_MONGO_URL']!, clock, calm: true });
  event = eventWith({ capacity: 1000, team: [{ userId: owner, role: 'owner' }] });
  await tell(suite.bus, EventPublished(event));
  await buy(0, 1);
  const kept = databaseOf().collection<{ _id: string }>('admissions');
  const { pending: _pending, ...one } = (await kept.findOne({})) as { _id: string; pending?: object };
  // Others', of this event and of many.
  await kept.insertMany(
    Array.from({ length: OTHERS }, (_, n) => ({
      ...one,
      _id: n % 4 ? idAt(n) : `f${idAt(n).slice(1)}`, // older and newer
      holderId: idAt(n % 2000),
      buyerId: idAt(n % 2000),
      orderId: idAt(10_000 + n),
      placeId: `place ${n}`,
      eventId: n % 2 ? event.id : idAt(20_000 + (n % 50)),
      status: n % 3 ? 'valid' : 'entered',
    })),
  );
  await buy(1, 60);
});
afterAll(() => suite.destroy());

describe('the tickets that somebody holds', () => {
  const reads = (path: string) => readsOf(databaseOf(), 'admissions', () => page(path));

  /** No more than theirs, which may be sorted then. */
  const expectFew = (read: Awaited<ReturnType<typeof reads>>) => {
    expectIndexed(read.map(({ planSummary, command }) => ({ planSummary, command })));
    for (const { docsExamined } of read) expect(docsExamined).toBeLessThanOrEqual(63);
  };

  test('are read as they are shown, on each page', async () => {
    let path = '/api/admissions?limit=20';
    for (let turned = 0; turned < 3; turned++) {
      const answer = await page(path);
      const read = await reads(path);
      expect(read).toHaveLength(1);
      expectFrugal(read);
      path = /<(.+)>/.exec(answer.headers['link'] ?? '')![1]!;
    }
  });

  test.each(['when=coming', 'when=past'])('with %s are looked for among theirs alone', async (query) => {
    expectFew(await reads(`/api/admissions?limit=20&${query}`));
  });

  test('of an order are looked for among those of the order, or theirs', async () => {
    const { id } = await buy(100, 2);
    expectFew(await reads(`/api/admissions?orderId=${id}`));
  });
});

describe('a deed', () => {
  /** Those that look for something: not what the service's own jobs do. */
  const looking = (ops: Awaited<ReturnType<typeof profiled>>) =>
    ops.filter(
      ({ op, command, ...done }) => op !== 'insert' && 'planSummary' in done && !('getMore' in command),
    );
  const send = (method: 'post' | 'put' | 'patch' | 'delete', path: string, who: string, body?: object) =>
    api()[method](`/api/admissions${path}`).set(by(who)).send(body);

  test('of its holder, of the team and at the door reads one admission and one event, by their ids', async () => {
    await buy(200, 2);
    const [ticket, other] = (await held()) as [Ticket, Ticket];
    const friend = systemIds.next();
    const path = `/${ticket.id}`;
    const ops = await profiled(databaseOf(), async () => {
      await send('patch', path, holder, { name: 'Ada' }).expect(200);
      await send('post', `${path}/code`, holder).expect(204);
      await send('put', `${path}/block`, owner, { note: 'Lost' }).expect(204);
      await send('delete', `${path}/block`, owner).expect(204);
      const { body } = await send('post', `${path}/link`, holder).expect(201);
      await send('post', '/claims', friend, { token: body.token }).expect(200);
      const tickets = [{ id: other.id, back: other.offer.back }];
      const returned = await send('post', '/returns', holder, { tickets }).expect(200);
      expect(returned.body).toMatchObject([{ ticket: { status: 'returned' } }]);
    });
    expect(looking(ops).length).toBeGreaterThan(14);
    expectIndexed(looking(ops));
    for (const { docsExamined, command } of looking(ops).filter(({ op }) => op !== 'update'))
      expect({ command, few: docsExamined <= 1 }).toEqual({ command, few: true });
  });

  test('of a door costs an entry one read and one write, besides the event of all of them', async () => {
    const tickets = (await held()).filter(({ code }) => code).slice(0, 20);
    const scans = tickets.map(({ code }, n) => ({
      id: `scan-of-a-device-${n}`,
      code,
      at: now().toISOString(),
    }));
    const ops = await profiled(databaseOf(), async () => {
      const path = `/events/${event.id}/entries`;
      const { body } = await send('post', path, owner, { door: 'Main', scans }).expect(200);
      expect((body as { verdict: string }[]).map(({ verdict }) => verdict)).toEqual(
        tickets.map(() => 'welcome'),
      );
    });
    expectIndexed(looking(ops));
    const of = (collection: string, op: string) =>
      ops.filter((one) => one.ns.endsWith(`.${collection}`) && one.op === op && !('getMore' in one.command));
    expect(of('events', 'query')).toHaveLength(1);
    expect(of('admissions', 'query')).toHaveLength(20);
    expect(of('admissions', 'command').length + of('admissions', 'update').length).toBeGreaterThanOrEqual(20);
    for (const { docsExamined } of of('admissions', 'query')) expect(docsExamined).toBe(1);
  });
});
