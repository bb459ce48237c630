import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import { type Shape, SHAPES, type StartedSuite, START_LIMIT, startSuite } from '../suite.ts';
import { type Raw, raw, request, statusOf } from './raw.ts';

/** A request has 15 s to come, and a busy machine as many more to notice. */
const PATIENCE = 120_000;
/** How much more memory 600 requests of 1 kB may take than before, in bytes; inflated they are 600 MB. */
const A_FEW_MB = 24_000_000;
const ENDED = /\r\n\r\n[^]*\}$/;

const memoryOf = async (pid: number) =>
  1024 * Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);

describe.each(Object.keys(SHAPES) as Shape[])(
  'bodies that nobody signed in for, in the shape of %s',
  (shape) => {
    let suite: StartedSuite;
    const open: Raw[] = [];
    const send = (...sent: Parameters<typeof raw>) => {
      const sending = raw(...sent);
      open.push(sending);
      return sending;
    };
    beforeAll(async () => {
      suite = await startSuite(shape, { REQUEST_SECONDS: '15' });
    }, START_LIMIT);
    afterAll(async () => {
      for (const { socket } of open) socket.destroy();
      await suite.destroy();
    }, START_LIMIT);

    test(
      '600 of 1 kB that would be inflated to 1 MB each are refused, and take no memory',
      async () => {
        const pid = await suite.pidOf(shape === 'services' ? 'payments' : 'monolith');
        const bomb = gzipSync(Buffer.alloc(1_000_000, ' '));
        const headers = { 'content-type': 'application/json', 'stripe-signature': 't=1,v1=00' };
        const post = (body: Buffer, encoding?: string) =>
          fetch(`${suite.origin}/api/payments/webhook`, {
            method: 'POST',
            headers: { ...headers, ...(encoding !== undefined && { 'content-encoding': encoding }) },
            body: new Uint8Array(body),
          }).then(async (response) => ({
            status: response.status,
            body: (await response.json()) as unknown,
          }));
        const many = async (ask: () => Promise<unknown>) => {
          const answers = [];
          for (let wave = 0; wave < 6; wave++)
            answers.push(...(await Promise.all(Array.from({ length: 100 }, ask))));
          return answers;
        };
        await many(() => post(Buffer.alloc(bomb.length, ' '))); // connections, and compiled code, are no part of it
        const before = await memoryOf(pid);
        let most = before;
        const over = new AbortController();
        const watching = (async () => {
          for (; !over.signal.aborted; await delay(10)) most = Math.max(most, await memoryOf(pid));
        })();
        const answers = await many(() => post(bomb, 'gzip'));
        over.abort();
        await watching;
        expect(most - before).toBeLessThan(A_FEW_MB);
        for (const answer of answers)
          expect(answer).toMatchObject({
            status: 415,
            body: { errors: [{ field: 'content-encoding', message: expect.stringContaining('identity') }] },
          });
      },
      PATIENCE,
    );

    test('a webhook without a signature is refused before its body', async () => {
      const head = request('POST', '/api/payments/webhook', { 'Content-Length': 1_000_000 });
      const answer = await send(suite.origin, head).until(ENDED);
      expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*"field":"stripe-signature"/);
    });

    test(
      'half a header, and half a body, are cut within seconds; an open stream goes on',
      async () => {
        const stream = send(suite.origin, request('GET', '/api/tickets/stream'));
        await stream.until(/event: beat/);
        const began = performance.now();
        const half = send(suite.origin, 'GET /api/tickets HTTP/1.1\r\nHost: localhost\r\nX-Half: ');
        const slow = send(
          suite.origin,
          request(
            'POST',
            '/api/users/signin',
            { 'Content-Length': 100, 'Content-Type': 'application/json' },
            '{',
          ),
        );
        const silent = send(suite.origin, '');
        for (const cut of [half, slow]) {
          const answer = await cut.closed;
          expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*application\/problem\+json[^]*"status":408/);
        }
        // A browser opens connections in advance: one that was asked nothing is told nothing.
        expect(await silent.closed).toBe('');
        expect(performance.now() - began).toBeGreaterThan(1000);
        await stream.until(/event: beat[^]*event: beat/);
      },
      PATIENCE,
    );

    test(
      'who sends many bodies slowly is refused at once, and keeps no other address waiting',
      async () => {
        const body = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
        const dawdle = () =>
          send(suite.origin, request('POST', '/api/users/signin', body, '1\r\n{\r\n'), '127.0.0.2');
        const refused = await eventually(
          async () => {
            const dawdlers = Array.from({ length: 260 }, dawdle);
            await Promise.all(dawdlers.map(({ socket }) => once(socket, 'ready')));
            const answer = await dawdle().until(ENDED);
            return statusOf(answer) === 429 && answer;
          },
          { within: PATIENCE },
        );
        expect(refused).toMatch(/retry-after: \d/i);
        const signIn = JSON.stringify({ email: 'ada@example.com', password: 'difference' });
        const head = { 'Content-Type': 'application/json', 'Content-Length': signIn.length };
        const other = await send(
          suite.origin,
          request('POST', '/api/users/signin', head, signIn),
          '127.0.0.3',
        ).until(ENDED);
        expect(statusOf(other)).toBe(401);
        expect(statusOf(await send(suite.origin, request('GET', '/api/tickets')).until(/\]$/))).toBe(200);
      },
      PATIENCE,
    );
  },
);
