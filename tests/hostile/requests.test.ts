import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Shape, SHAPES, type StartedSuite, START_LIMIT, startSuite } from '../suite.ts';
import { raw, request, statusOf } from './raw.ts';

const CLOSE = { Connection: 'close' };
const KEPT = `Host: localhost\r\nConnection: close\r\n`;
const BIG = 'a'.repeat(20_000);

/** Escapes and characters that no URL has, and what looks like a path and is none. */
const ODD = [
  '%',
  '%zz',
  '%E0%A4%A',
  '%ff',
  '%C0%AF',
  '\xff',
  '%00',
  '%0d%0aX:1',
  '%5c',
  'a%2fb',
  '..%2f..%2f',
  '[id]',
  ';',
  '1;x=%zz',
  '1%zz?x=1',
];
const PAGES = [
  '/',
  '/tickets/',
  '/orders/',
  '/account/',
  '/_next/',
  '/_next/static/',
  '/_next/data/',
  '/%61pi/',
  '//',
].flatMap((path) => ODD.map((odd) => path + odd));
const API = [
  '/api/',
  '/api/tickets/',
  '/api/orders/',
  '/api/payments/',
  '/api/users/',
  '/api/users/sessions/',
  '/api/nothing/',
].flatMap((path) => ODD.map((odd) => path + odd));
const QUERIES = [
  '?q=%zz',
  '?cursor=%',
  '?to=%E0%A4%A',
  '?%zz=1',
  '?limit=%00',
  '?x[$gt]=%',
  '?__proto__[x]=1',
  '?#',
];

/** What is no request, or none that Node hands on. */
const BROKEN: Record<string, readonly [status: number, bytes: string]> = {
  'headers over 16 kB': [431, `GET /PATH HTTP/1.1\r\n${KEPT}X-Big: ${BIG}\r\n\r\n`],
  'headers of 2 MB': [431, `GET /PATH HTTP/1.1\r\n${KEPT}X-Big: ${BIG.repeat(100)}\r\n\r\n`],
  'a path over 16 kB': [431, `GET /PATH?q=${BIG} HTTP/1.1\r\n${KEPT}\r\n`],
  'a control character in a path': [400, `GET /PATH/\x01 HTTP/1.1\r\n${KEPT}\r\n`],
  'a NUL in a path': [400, `GET /PATH/\x00 HTTP/1.1\r\n${KEPT}\r\n`],
  'a space in a path': [400, `GET /PATH/a b HTTP/1.1\r\n${KEPT}\r\n`],
  'a control character in a header': [400, `GET /PATH HTTP/1.1\r\n${KEPT}X: a\x01b\r\n\r\n`],
  'no host': [400, 'GET /PATH HTTP/1.1\r\nConnection: close\r\n\r\n'],
  'an unknown method': [400, `FOO /PATH HTTP/1.1\r\n${KEPT}\r\n`],
  'an unknown version': [400, `GET /PATH HTTP/3.0\r\n${KEPT}\r\n`],
  'a preface of HTTP/2': [400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  'a greeting of TLS': [400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  'an expectation': [417, `GET /PATH HTTP/1.1\r\n${KEPT}Expect: banana\r\n\r\n`],
  'a tunnel': [405, `CONNECT example.com:443 HTTP/1.1\r\n${KEPT}\r\n`],
  'two lengths': [
    400,
    `POST /PATH HTTP/1.1\r\n${KEPT}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  'a length below zero': [400, `POST /PATH HTTP/1.1\r\n${KEPT}Content-Length: -1\r\n\r\n`],
};

describe.each(Object.keys(SHAPES) as Shape[])(
  'requests as no browser sends them, in the shape of %s',
  (shape) => {
    let suite: StartedSuite;
    beforeAll(async () => {
      suite = await startSuite(shape);
    }, START_LIMIT);
    afterAll(() => suite.destroy(), START_LIMIT);

    const answerTo = async (bytes: string) => {
      const { socket, closed } = raw(suite.origin, bytes);
      const answer = await closed;
      socket.destroy();
      return answer;
    };
    const fine = async (path: string, bytes: string) =>
      expect([path, await answerTo(bytes)]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 [234]/)]);
    const PROBLEM = /^HTTP\/1\.1 4\d\d [^]*\r\ncontent-type: application\/problem\+json[^]*"status":4\d\d/i;

    test('a page is there or not, never an error of ours', async () => {
      for (const path of [
        ...PAGES,
        ...QUERIES.flatMap((query) => [`/${query}`, `/tickets/1${query}`, `/signin${query}`]),
      ])
        for (const more of [
          {},
          { Accept: 'text/html' },
          { RSC: 1, 'Next-Router-State-Tree': '%zz', 'Next-Url': '%zz' },
          { RSC: 1, 'Next-Router-State-Tree': '[]' },
        ])
          await fine(path, request('GET', path, { ...CLOSE, ...more }));
    });

    test('so is a file, whatever part of it is asked for', async () => {
      for (const header of [
        'Range: bytes=zz',
        'Range: bytes=999999-',
        'If-Match: "x"',
        'If-Unmodified-Since: x',
        'If-Range: %',
      ])
        expect([header, statusOf(await answerTo(`GET /sw.js HTTP/1.1\r\n${KEPT}${header}\r\n\r\n`))]).toEqual(
          [header, 200],
        );
    });

    test('what is odd under /api/ is refused as data', async () => {
      for (const path of API)
        expect([path, await answerTo(request('GET', path, CLOSE))]).toEqual([
          path,
          expect.stringMatching(PROBLEM),
        ]);
      for (const path of ['/api/tickets', '/api/users/refresh', '/api/orders', '/api/nothing'])
        for (const query of QUERIES) await fine(path + query, request('GET', path + query, CLOSE));
    });

    test.each(Object.entries(BROKEN))('%s is answered as every refusal', async (_what, [status, bytes]) => {
      for (const path of ['api/tickets', 'tickets/1']) {
        const answer = await answerTo(bytes.replace('PATH', path));
        expect([path, statusOf(answer), answer]).toEqual([path, status, expect.stringMatching(PROBLEM)]);
      }
    });

    test('asked for its head alone, a stream ends', async () => {
      const answer = await answerTo(request('HEAD', '/api/tickets/stream', CLOSE));
      expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*text\/event-stream/);
    });
  },
);
