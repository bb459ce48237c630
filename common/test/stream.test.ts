import { EventEmitter } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Request, Response } from 'express';
import { changes, type Stream } from '../src/http/stream.ts';
import { silentLog } from '../src/log.ts';
import { createMetrics } from '../src/metrics.ts';
import { change, create, type Records } from '../src/record.ts';
import { isRejection } from '../src/rejection.ts';
import { systemClock } from '../src/runtime.ts';
import { placeAt, type Store } from '../src/store.ts';
import { changeStreams, eventually, movableClock } from '../src/testing.ts';
import { testDatabase, type TestDatabase } from './database.ts';
import { fresh, type Note, noteModel, notesOf, recorder } from './notes.ts';

let mongo: TestDatabase;
let store: Store<Note>;
let notes: Records<Note>;
let closers: (() => Promise<unknown> | void)[];

beforeEach(async () => {
  mongo = testDatabase();
  store = mongo.database.store(noteModel);
  await mongo.database.prepare();
  notes = notesOf(store, recorder().bus);
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  await notes.outbox.flush();
  await mongo.destroy();
});

const streamOf = (isPrivate = false, metrics = createMetrics(), clock = systemClock, seconds = 15): Stream =>
  changes<Note>({
    name: 'notes',
    store,
    db: mongo.database,
    view: ({ text, rank }) => ({ text, rank }),
    ...(isPrivate && { audience: ({ userId }: Note) => userId }),
    config: { STREAM_HEARTBEAT_SECONDS: seconds },
    clock,
    random: Math.random,
    log: silentLog,
    metrics,
  });

/** A replica of a service that streams; with `private`, to each reader only what is theirs. */
const replica = async (
  isPrivate = false,
  metrics = createMetrics(),
  clock = systemClock,
  heartbeat = 15,
): Promise<string> => {
  const stream = streamOf(isPrivate, metrics, clock, heartbeat);
  const server: Server = createServer((req, res) => {
    const { 'x-user': id, 'x-seconds': seconds = '60' } = req.headers as Record<string, string>;
    const caller = id === undefined ? undefined : { id, expiresAt: new Date(Date.now() + +seconds * 1000) };
    stream.serve(req as Request, res as Response, caller);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  closers.push(async () => {
    await stream.close();
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

interface Event {
  id?: string;
  event?: string;
  retry?: string;
  seconds?: number;
  text?: string;
  rank?: number;
}

const listen = async (url: string, headers: Record<string, string> = {}) => {
  const stop = new AbortController();
  const response = await fetch(url, { headers, signal: stop.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events: Event[] = [];
  let ended = false;
  const done = (async () => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      const blocks = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
        events.push({ ...fields, ...(fields.data && JSON.parse(fields.data)) } as Event);
      }
    }
    ended = true;
  })().catch(() => undefined);
  const close = () => {
    stop.abort();
    return done;
  };
  closers.push(close);
  return { events, close, ended: () => ended, texts: () => events.flatMap(({ text }) => text ?? []) };
};

const write = async (text: string, fields: Partial<Note> = {}): Promise<Note> => {
  const note = await create(notes, fresh({ text, ...fields }));
  if (isRejection(note)) throw new Error(note.message);
  return note;
};
const sees = (reader: { texts(): string[] }, ...texts: string[]) =>
  eventually(() => expect(reader.texts()).toEqual(texts));

test('what is written arrives at readers of every replica, with the same id', async () => {
  const readers = await Promise.all((await Promise.all([replica(), replica()])).map((url) => listen(url)));
  const note = await write('one');
  for (const reader of readers) await sees(reader, 'one');
  await change(notes, note._id, () => ({ text: 'two' }));
  for (const reader of readers) await sees(reader, 'one', 'two');
  const ids = readers.map(({ events }) =>
    events.filter(({ event }) => event === 'change').map(({ id }) => id),
  );
  expect(ids[0]).toEqual(ids[1]);
  expect(new Set(ids[0]).size).toBe(2);
});

test('a reader can see that its stream lives: it beats at once and as often as it says, and is in the same place', async () => {
  const reader = await listen(await replica(false, createMetrics(), systemClock, 1));
  await write('one');
  await sees(reader, 'one');
  const beats = () => reader.events.filter(({ event }) => event === 'beat');
  expect(reader.events[0]).toMatchObject({ event: 'beat', seconds: 1 });
  await eventually(() => beats().length >= 3);
  expect(beats().flatMap(({ id }) => id ?? [])).toEqual([]);
});

test('a reader that comes back, even to another replica, gets what it missed and nothing twice', async () => {
  const [first, second] = [await replica(), await replica()];
  const before = await listen(first);
  const bystander = await listen(second);
  await write('seen');
  await sees(before, 'seen');
  await before.close();
  await write('missed 1');
  await write('missed 2');
  await eventually(() => bystander.texts().includes('missed 2'));
  const after = await listen(second, { 'last-event-id': before.events.at(-1)!.id! });
  await sees(after, 'missed 1', 'missed 2');
  await write('next');
  await sees(after, 'missed 1', 'missed 2', 'next');
});

test('a replica that starts later still knows what happened in the last minute', async () => {
  const before = await listen(await replica());
  await write('seen');
  await sees(before, 'seen');
  await before.close();
  await write('missed');
  const after = await listen(await replica(), { 'last-event-id': before.events.at(-1)!.id! });
  await sees(after, 'missed');
  await write('now');
  await sees(after, 'missed', 'now');
});

const opened = () => changeStreams(mongo.database, 'notes');
const following = (streams: number) => eventually(async () => expect(await opened()).toHaveLength(streams));
/** A minute after the last reader has left, whenever the server came to notice that. */
const leftFor = (clock: { forward(ms: number): void }) =>
  eventually(async () => {
    clock.forward(60_000);
    expect(await opened()).toEqual([]);
  });

test('a change stream is open while somebody reads and a minute longer, one for all; who returns is told what was missed', async () => {
  const clock = movableClock();
  using _ = clock.still();
  const url = await replica(false, createMetrics(), clock);
  await write('unheard');
  expect(await opened()).toEqual([]);
  const readers = [await listen(url), await listen(url), await listen(url)];
  await write('heard');
  for (const reader of readers) await eventually(() => reader.texts().includes('heard'));
  expect(await opened()).toHaveLength(1);
  const place = { 'last-event-id': readers[0]!.events.at(-1)!.id! };
  await Promise.all(readers.map((reader) => reader.close()));
  clock.forward(59_000);
  await write('while nobody read');
  await sees(await listen(url, place), 'while nobody read');
  for (const close of closers.splice(1)) await close();
  await leftFor(clock);
  await write('while nobody looked');
  const returned = await listen(url, place);
  await sees(returned, 'while nobody read', 'while nobody looked');
  await following(1);
  await returned.close();
  await leftFor(clock);
  clock.forward(60_000);
  const late = await listen(url, place);
  await sees(late, 'while nobody read', 'while nobody looked');
});

test('who has seen what this replica has yet to hear is not told again, and a place that never was is none', async () => {
  const [first, second] = [await replica(), await replica()];
  const reader = await listen(first);
  for (const text of ['one', 'two', 'three']) await write(text);
  await sees(reader, 'one', 'two', 'three');
  const [{ id: one }, { id: three }] = [reader.events.at(-3)!, reader.events.at(-1)!];
  // The first of them makes the second replica look back.
  const [behind, ahead] = [
    await listen(second, { 'last-event-id': one! }),
    await listen(second, { 'last-event-id': three! }),
  ];
  await write('four');
  await sees(behind, 'two', 'three', 'four');
  await sees(ahead, 'four');
  for (const place of ['zzz', placeAt(new Date(Date.now() + 3600_000))]) {
    const lost = await listen(second, { 'last-event-id': place });
    await eventually(() => lost.events.some(({ event }) => event === 'reload'));
  }
});

test.each([-3600_000, 3600_000])(
  'on a machine whose clock is %d ms ahead of the database’s, readers hear what is new, also who returns',
  async (ms) => {
    const clock = movableClock();
    clock.forward(ms);
    const url = await replica(false, createMetrics(), clock);
    const first = await listen(url);
    await write('one');
    await sees(first, 'one');
    await first.close();
    await write('missed');
    const again = await listen(url, { 'last-event-id': first.events.at(-1)!.id! });
    await sees(again, 'missed');
  },
);

test('a collection that was dropped and filled again is followed again, after a word to reload', async () => {
  const reader = await listen(await replica());
  await write('before');
  await sees(reader, 'before');
  await mongo.database.connection!.collection('notes').drop();
  await eventually(() => reader.events.some(({ event }) => event === 'reload'));
  await write('while it was not followed');
  await eventually(async () => {
    await write('after');
    expect(reader.events.at(-1)).toMatchObject({ text: 'after', id: expect.stringMatching(/./) });
  });
});

test.each(['', 'A'])('a reader whose place is too old (%j before ours) is told to reload', async (prefix) => {
  const url = await replica();
  const bystander = await listen(url);
  await write('here');
  await sees(bystander, 'here');
  const token = bystander.events.at(-1)!.id!;
  const old = await listen(url, { 'last-event-id': `0${prefix}${token.slice(1)}` });
  await eventually(() => old.events.some(({ event }) => event === 'reload'));
  expect(old.texts()).toEqual([]);
  await write('later');
  await sees(old, 'later');
});

test('readers with an audience see only what is theirs, also when they come back', async () => {
  const url = await replica(true);
  const [ann, bob] = [await listen(url, { 'x-user': 'ann' }), await listen(url, { 'x-user': 'bob' })];
  await write('for ann 1', { userId: 'ann' });
  await sees(ann, 'for ann 1');
  const token = ann.events.at(-1)!.id!;
  await write('for bob', { userId: 'bob' });
  await write('for ann 2', { userId: 'ann' });
  await sees(ann, 'for ann 1', 'for ann 2');
  await sees(bob, 'for bob');
  await sees(await listen(url, { 'x-user': 'bob', 'last-event-id': token }), 'for bob');
  await sees(await listen(url, { 'x-user': 'ann', 'last-event-id': token }), 'for ann 2');
});

test('a reader is let go when the access token expires, and catches up with the next one; others stay', async () => {
  const url = await replica(true);
  const brief = await listen(url, { 'x-user': 'ann', 'x-seconds': '1.5' });
  const long = await listen(url, { 'x-user': 'ann' });
  const anonymous = await listen(await replica());
  await write('before', { userId: 'ann' });
  await sees(brief, 'before');
  await eventually(brief.ended);
  // Its browser has the next token already, and need not wait as after a fault.
  expect(Number(brief.events.at(-1)!.retry)).toBeLessThanOrEqual(500);
  await write('meanwhile', { userId: 'ann' });
  await sees(long, 'before', 'meanwhile');
  await sees(anonymous, 'before', 'meanwhile');
  expect(brief.texts()).toEqual(['before']);
  const again = await listen(url, {
    'x-user': 'ann',
    'last-event-id': brief.events.findLast(({ id }) => id)!.id!,
  });
  await sees(again, 'meanwhile');
  expect([long, anonymous, again].map(({ ended }) => ended())).toEqual([false, false, false]);
});

test('a burst of changes of one thing is sent once, and ids never go back', async () => {
  const reader = await listen(await replica());
  const [one, other] = [await write('one'), await write('other')];
  await eventually(() => reader.texts().length >= 2);
  for (let rank = 1; rank <= 20; rank++) {
    await change(notes, one._id, () => ({ rank }));
    if (rank === 10) await change(notes, other._id, () => ({ rank }));
  }
  await eventually(() => reader.events.some(({ rank }) => rank === 20));
  await eventually(() => reader.events.some(({ text, rank }) => text === 'other' && rank === 10));
  const sent = reader.events.filter(({ event }) => event === 'change');
  expect(sent.length).toBeLessThan(22);
  const ids = sent.map(({ id }) => id!);
  expect(ids).toEqual([...ids].sort());
});

test('a reader that does not read is dropped, and the others see everything', async () => {
  const metrics = createMetrics();
  const url = await replica(false, metrics);
  const slow = connect(Number(new URL(url).port), '127.0.0.1');
  closers.push(() => void slow.destroy());
  slow.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => slow.once('data', resolve));
  slow.pause();
  const reader = await listen(url);
  const written: string[] = [];
  await eventually(
    async () => {
      const text = `${written.length} `.padEnd(1_000_000, 'long ');
      written.push(text);
      await write(text);
      await eventually(() => reader.texts().length === written.length);
      expect(await metrics.render()).toContain('ticketing_streams_dropped_total{stream="notes"} 1');
    },
    { within: 120_000 },
  );
  expect(reader.texts()).toEqual(written);
});

test('many readers leave room for other work between them, and one that leaves meanwhile is not written to', async () => {
  const stream = streamOf();
  closers.push(() => stream.close());
  let written = 0;
  let writtenAtPause: number | undefined;
  const readers = Array.from({ length: 600 }, () => {
    const res = Object.assign(new EventEmitter(), {
      writableLength: 0,
      gone: false,
      writeHead: () => undefined,
      end: () => undefined,
      write: (text: string) => {
        if (!text.includes('event: change')) return;
        expect(res.gone).toBe(false);
        if (written === 0) {
          setImmediate(() => (writtenAtPause = written));
          readers[599]!.gone = true;
          readers[599]!.emit('close');
        }
        written += 1;
      },
    });
    return res;
  });
  for (const res of readers) stream.serve({ headers: {} } as unknown as Request, res as never);
  await write('for all');
  await eventually(() => written === 599);
  expect(writtenAtPause).toBeGreaterThan(0);
  expect(writtenAtPause).toBeLessThan(599);
});

test('a returning reader that missed more than 64 kB, counted in bytes, is told to reload', async () => {
  const url = await replica();
  const before = await listen(url);
  await write('seen');
  await sees(before, 'seen');
  await before.close();
  const bystander = await listen(url);
  const long = 'ж'.repeat(20_000); // 40 kB
  await write(`${long}1`);
  await sees(bystander, `${long}1`);
  const id = before.events.at(-1)!.id!;
  await sees(await listen(url, { 'last-event-id': id }), `${long}1`);
  await write(`${long}2`);
  await sees(bystander, `${long}1`, `${long}2`);
  const after = await listen(url, { 'last-event-id': id });
  await eventually(() => after.events.some(({ event }) => event === 'reload'));
  expect(after.texts()).toEqual([]);
});

test('a burst comes in pieces of 64 kB, and nothing of it is missing', async () => {
  const stream = streamOf();
  closers.push(() => stream.close());
  const pieces: Buffer[] = [];
  const res = Object.assign(new EventEmitter(), {
    writableLength: 0,
    writeHead: () => undefined,
    end: () => undefined,
    write: (data: Buffer | string) => {
      if (Buffer.isBuffer(data)) pieces.push(data);
    },
  });
  stream.serve({ headers: {} } as unknown as Request, res as never);
  const texts = Array.from({ length: 40 }, (_, number) => `${number} `.padEnd(10_000, 'ж'));
  await Promise.all(texts.map((text) => write(text)));
  await eventually(() => {
    const sent = Buffer.concat(pieces).toString();
    expect(texts.filter((text) => !sent.includes(text))).toEqual([]);
  });
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(64_000);
});

test('what is unsent to all readers together is bounded, and who has taken everything stays', async () => {
  const stream = streamOf();
  closers.push(() => stream.close());
  const reader = (reads: boolean) => {
    const res = Object.assign(new EventEmitter(), {
      writableLength: 0,
      destroyed: false,
      writeHead: () => undefined,
      end: () => undefined,
      write: ({ length }: Buffer | string) => {
        if (!reads) res.writableLength += length;
      },
      destroy: () => {
        res.destroyed = true;
        res.writableLength = 0;
        res.emit('close');
      },
    });
    stream.serve({ headers: {} } as unknown as Request, res as never);
    return res;
  };
  const slow = Array.from({ length: 1500 }, () => reader(false));
  const quick = reader(true);
  for (const text of ['one', 'two', 'three', 'four']) {
    await write(text.padEnd(30_000, 'ж'));
    await eventually(() => slow.some(({ writableLength }) => writableLength > 0) || slow[0]!.destroyed);
    expect(slow.reduce((sum, { writableLength }) => sum + writableLength, 0)).toBeLessThan(64_100_000);
  }
  await eventually(() => slow.some(({ destroyed }) => destroyed));
  expect(quick.destroyed).toBe(false);
});
