import { describe, expect, test } from '@jest/globals';
import type { Response } from 'express';
import type { Pool } from '@ticketing/common/contracts/event';
import { eventually, movableClock } from '@ticketing/common/testing';
import type { ChangeFeed } from '@ticketing/common/store';
import { placeId } from '@ticketing/common/places';
import { mark, roomOf } from '../src/domain/choice.ts';
import type { KnownEvent } from '../src/domain/places.ts';
import { changesOf, countOf, wholeText } from '../src/domain/told.ts';
import type { Order } from '../src/domain.ts';
import { halls } from '../src/halls.ts';
import { leftStream } from '../src/routes/left.ts';
import { eventWith, rows } from '@ticketing/common/testing-event';

const room = (pool: Pool, held: { from: number; to: number }[] = []) =>
  roomOf(
    pool,
    { held: held.map((range) => ({ poolId: pool.id, ...range })), marks: [] },
    new Uint8Array(pool.capacity),
  );
const gone = (bits: Uint8Array) =>
  [...bits].flatMap((byte, n) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte >> bit) & 1).map((bit) => 8 * n + bit),
  );

describe('what is told of places', () => {
  test('is a bit for each seat, set while it is taken or held back, and as many are left as have none', () => {
    const hall = room(rows(7, 12), [{ from: 6, to: 8 }]);
    for (const place of [0, 7, 18]) mark(hall, place, true);
    expect(gone(countOf(hall).gone!)).toEqual([0, 6, 7, 8, 18]);
    expect(countOf(hall).left).toBe(19 - 5);
    for (const place of [0, 7]) mark(hall, place, false);
    expect(gone(countOf(hall).gone!)).toEqual([6, 7, 8, 18]);
    expect(countOf(hall).left).toBe(19 - 4);
  });

  test('is of a number of places that number alone', () => {
    const count = countOf(room({ id: 'b'.repeat(16), capacity: 20 }));
    expect(wholeText('e', [count])).toBe(
      `{"eventId":"e","pools":[{"poolId":"${'b'.repeat(16)}","left":20}]}`,
    );
  });

  test('of a stadium is some kilobytes', () => {
    const stadium = rows(...Array.from({ length: 1000 }, () => 100));
    expect(wholeText('e', [countOf(room(stadium))]).length).toBeLessThan(17_000);
  });

  test('are the pools that changed, with the seats that were taken and freed since', () => {
    const [hall, others] = [room(rows(10)), room({ id: 'b'.repeat(16), capacity: 20 })];
    mark(hall, 9, true);
    const before = [hall, others].map(countOf);
    expect(changesOf(before, before)).toEqual([]);
    for (const [place, taken] of [
      [9, false],
      [1, true],
      [8, true],
    ] as const)
      mark(hall, place, taken);
    const now = [hall, others].map(countOf);
    expect(changesOf(before, now)).toEqual([{ poolId: hall.pool.id, left: 8, taken: [1, 8], freed: [9] }]);
    mark(others, 3, true);
    expect(changesOf(now, [hall, others].map(countOf))).toEqual([{ poolId: others.pool.id, left: 19 }]);
  });

  test('names seats also where as many are left as before', () => {
    const hall = room(rows(4));
    mark(hall, 0, true);
    const before = [countOf(hall)];
    mark(hall, 0, false);
    mark(hall, 3, true);
    expect(changesOf(before, [countOf(hall)])).toEqual([
      { poolId: hall.pool.id, left: 3, taken: [3], freed: [0] },
    ]);
  });

  test('is the whole after many changes, and when pools were added or have grown', () => {
    const hall = room(rows(...Array.from({ length: 10 }, () => 40)));
    const before = [countOf(hall)];
    for (let place = 0; place < 300; place++) mark(hall, place, true);
    expect(changesOf(before, [countOf(hall)])?.[0]?.taken).toHaveLength(300);
    mark(hall, 300, true);
    expect(changesOf(before, [countOf(hall)])).toBeUndefined();
    expect(changesOf(before, [countOf(room(rows(...Array.from({ length: 11 }, () => 40))))])).toBeUndefined();
    expect(
      changesOf(before, [...before, countOf(room({ id: 'b'.repeat(16), capacity: 20 }))]),
    ).toBeUndefined();
  });
});

/** Who reads a stream: what was written to them. */
function reader() {
  const heard: unknown[] = [];
  const res = {
    writableLength: 0,
    once: () => undefined,
    writeHead: () => undefined,
    write: (piece: unknown) => heard.push(piece),
    end: () => undefined,
  };
  return { res: res as unknown as Response, heard };
}

test('500 who look at a stadium are told the very same bytes, encoded once', async () => {
  const { id, ...state } = eventWith({ pools: [rows(...Array.from({ length: 1000 }, () => 100))] });
  const event: KnownEvent = { _id: id, ...state };
  const silent: ChangeFeed<Order> = {
    close: () => Promise.resolve(),
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
  };
  const open = halls({
    Orders: { find: () => Promise.resolve([]), watch: () => silent },
    Events: { findOne: () => Promise.resolve(event) },
    clock: movableClock(),
    random: Math.random,
    log: { warn: () => undefined },
  });
  const stream = leftStream(open, 60);
  const readers = Array.from({ length: 500 }, reader);
  try {
    for (const { res } of readers) stream.serve(id, res);
    await eventually(() => expect(readers.every(({ heard }) => heard.length === 2)).toBe(true));
    open.know({
      _id: '1',
      saleId: id,
      status: 'created',
      items: [{ ticketId: placeId(event.pools[0]!.id, 5) }],
    });
    await eventually(() => expect(readers.every(({ heard }) => heard.length === 3)).toBe(true));
    const [first] = readers;
    for (const n of [1, 2]) {
      expect(first!.heard[n]).toBeInstanceOf(Buffer);
      expect(readers.every(({ heard }) => heard[n] === first!.heard[n])).toBe(true);
    }
    expect(String(first!.heard[2])).toContain('"left":99999,"taken":[5]');
    // Who comes now is told the whole as the others know it, at once.
    const [late, later] = [reader(), reader()];
    for (const { res } of [late, later]) stream.serve(id, res);
    expect(String(late.heard[1])).toContain('"left":99999,"gone":"IAAA');
    expect(later.heard[1]).toBe(late.heard[1]);
  } finally {
    await stream.close();
  }
});
