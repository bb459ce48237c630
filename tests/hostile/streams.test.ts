import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import { type Place, type Visitor, visitor } from '@ticketing/suite/api';
import { rss } from '../bench/processes.ts';
import { type StartedSuite, START_LIMIT, startSuite } from '../suite.ts';

const LONG = 'ж'.repeat(2000);
const EDITS = 384;
const STREAMS = 900;
/** Edits while they are open. */
const MORE = 96;
const NEWEST = 9000;
/** What a busy process may have, in MB: it rests at 150, and its heap ends at 512. */
const MOST = 450;

/** Takes what was kept for it, up to the newest change or its being dropped; how many bytes that was. */
const readToEnd = (socket: Socket) =>
  new Promise<number>((resolve) => {
    const done = () => resolve(socket.bytesRead);
    let text = '';
    socket.on('close', done).on('data', (data) => {
      text = (text + data.toString()).slice(-10_000);
      if (text.includes(`"price":${NEWEST}`)) done();
    });
    socket.resume();
  });

describe.each(['monolith', 'services'] as const)('%s: who opens streams and reads none of them', (shape) => {
  let suite: StartedSuite;
  let seller: Visitor;
  let ticket: { id: string; version: number };
  const sockets: Socket[] = [];

  const edit = async (price: number) => {
    const { status, body } = await seller.put(
      `/api/tickets/${ticket.id}`,
      { title: 'Бенефис', price, description: LONG },
      { headers: { 'if-match': `"${ticket.version}"` } },
    );
    expect(status).toBe(200);
    ticket = body as typeof ticket;
  };
  const opened = async (name: string) => {
    const metrics = await (await fetch(`${suite.running.operationalUrls?.[name]}/metrics`)).text();
    const counts = metrics.matchAll(/^ticketing_streams_(?:open|dropped_total)\{stream="tickets"\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  /** Hears of every change from now on. */
  const listen = (place: Place) => {
    const seen: number[] = [];
    const over = new AbortController();
    void (async () => {
      const events = seller.events('/api/tickets/stream', { place, signal: over.signal });
      for await (const { data } of events) seen.push((data as { price: number }).price);
    })().catch(() => undefined);
    return { seen, close: () => over.abort() };
  };

  beforeAll(async () => {
    suite = await startSuite(shape);
    seller = visitor(suite.origin);
    await seller.post('/api/users/signup', { email: 'seller@example.com', password: 'tickets-please' });
    ticket = (await seller.post('/api/tickets', { title: 'Бенефис', price: 1000 })).body as typeof ticket;
  }, START_LIMIT);
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await suite.destroy();
  });

  test('costs neither the process nor who reads beside them', async () => {
    const name = shape === 'services' ? 'tickets' : 'monolith';
    const pid = await suite.pidOf(name);
    const place: Place = {};
    const early = listen(place);
    await edit(1001);
    await eventually(() => early.seen.includes(1001));
    early.close();
    for (let n = 0; n < EDITS; n++) await edit(2000 + n);

    const { port } = new URL(suite.origin);
    const head = [
      'GET /api/tickets/stream HTTP/1.1',
      'Host: localhost',
      'Accept: text/event-stream',
      `Last-Event-ID: ${place.id}`,
    ];
    for (let n = 0; n < STREAMS; n++) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined).pause();
      sockets.push(socket);
      await once(socket, 'connect');
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
    }
    let most = 0;
    const watching = setInterval(() => void rss(pid).then((mb) => (most = Math.max(most, mb))), 100);
    await eventually(async () => (await opened(name)) >= STREAMS, { within: 120_000 });
    const reader = listen({});
    for (let n = 0; n < MORE; n++) await edit(NEWEST + 1 - MORE + n);
    await eventually(() => reader.seen.includes(NEWEST), { within: 120_000 });
    clearInterval(watching);
    reader.close();
    expect(await suite.pidOf(name)).toBe(pid);
    expect(most).toBeLessThan(MOST);
    // However much of it a kernel is willing to keep: none was sent what it had missed, only what came after.
    const received = await Promise.all(sockets.slice(0, 20).map(readToEnd));
    expect(Math.max(...received)).toBeLessThan(64_000 + MORE * 5_000);
  });
});
