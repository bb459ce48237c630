import { expect, test } from '@jest/globals';
import type { ChangeFeed } from '@ticketing/common/store';
import { placeId } from '@ticketing/common/places';
import { movableClock } from '@ticketing/common/testing';
import type { Order } from '../src/domain.ts';
import type { KnownEvent, Offer } from '../src/domain/places.ts';
import { type Holding, halls } from '../src/halls.ts';
import { eventWith } from '@ticketing/common/testing-event';

/** A hall whose look at the database takes as long as the test says. */
function slowHall(live: Holding[], capacity = 10) {
  const { id, ...state } = eventWith({ capacity });
  const event: KnownEvent = { _id: id, ...state };
  const clock = movableClock();
  const looked = Promise.withResolvers<void>();
  const silent: ChangeFeed<Order> = {
    close: () => Promise.resolve(),
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
  };
  const open = halls({
    Orders: {
      find: async () => {
        await looked.promise;
        return live as Order[];
      },
      watch: () => silent,
    },
    Events: { findOne: () => Promise.resolve(event) },
    clock,
    random: Math.random,
    log: { warn: () => undefined },
  });
  const order = (status: Order['status'], place: number): Holding => ({
    _id: id,
    status,
    items: [{ ticketId: placeId(event.pools[0]!.id, place) }],
  });
  return { hall: open.of(id), event, order, look: looked.resolve, forward: clock.forward };
}

test('what comes while a hall looks at the database is newer than what it finds', async () => {
  const live: Holding[] = [];
  const { hall, event, order, look } = slowHall(live);
  live.push(order('created', 3));
  const refreshed = hall.refresh();
  hall.know(order('cancelled', 3));
  hall.know(order('created', 4));
  look();
  await refreshed;
  expect([3, 4].map((place) => hall.isTaken(event.pools[0]!.id, place))).toEqual([false, true]);
  expect(hall.counted(event).pools).toEqual([{ poolId: event.pools[0]!.id, left: 9 }]);
});

test('what is left is counted and encoded once until something changes, also where a look found it', async () => {
  const live: Holding[] = [];
  const { hall, event, order, look, forward } = slowHall(live);
  look();
  live.push(order('created', 3));
  await hall.refresh();
  const counted = hall.counted(event);
  expect(hall.counted(event)).toBe(counted);
  hall.know(order('created', 4));
  expect(hall.counted(event).pools[0]).toMatchObject({ left: 8 });
  live.pop();
  forward(2000);
  await hall.refresh();
  expect(hall.counted(event).pools[0]).toMatchObject({ left: 10 });
});

test('where an index refuses most of what is chosen, it is chosen among more, until it stands again', () => {
  const { hall, event } = slowHall([], 1000);
  const offer = { event, lines: [{ pool: event.pools[0]!, count: 1 }] } as unknown as Offer;
  const furthest = () => Math.max(...Array.from({ length: 400 }, () => hall.choose(offer)![0]![0]!));
  expect(furthest()).toBeLessThan(64);
  for (let n = 0; n < 20; n++) hall.met(true);
  expect(furthest()).toBeGreaterThan(64);
  for (let n = 0; n < 40; n++) hall.met(n % 3 === 0);
  expect(furthest()).toBeLessThan(64);
});
