import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { integer } from '../config.ts';
import { problem, sendProblem } from './problem.ts';

/** What every HTTP server reads. */
export const ServerConfig = z.object({ REQUEST_SECONDS: integer(1, 300).default(15) });

/** How often is looked who is late, in milliseconds; Node's own 30 s would add to every limit. */
const LOOK = 1000;
/** The headers, which come in one piece, may take this part of what a whole request may. */
const HEADERS = 1 / 3;
/** Longer than ingresses keep an idle connection, in milliseconds: nginx 60 s, Traefik 90. */
const KEEP_ALIVE = 95_000;
/** A connection on which nothing moves for so long in the middle of an answer is over, in milliseconds: a stream beats four times as often. */
const SILENCE = 60_000;
/** How long who was refused in the middle of a request may take to read so, in milliseconds (nginx's `lingering_timeout`). */
const GOODBYE = 5000;

/**
 * A server for callers of any kind: a request has `REQUEST_SECONDS` to come, its headers a third of that; the answer may
 * take as long as it likes. What Node refuses by itself is answered as every refusal is.
 */
export function openServer(
  { REQUEST_SECONDS }: z.output<typeof ServerConfig>,
  listener: RequestListener,
): Server {
  const server = createServer(
    {
      requestTimeout: REQUEST_SECONDS * 1000,
      headersTimeout: REQUEST_SECONDS * 1000 * HEADERS,
      connectionsCheckingInterval: LOOK,
      keepAliveTimeout: KEEP_ALIVE,
      requireHostHeader: false,
    },
    (req, res) => {
      if (req.headers.host !== undefined || req.httpVersion === '1.0') listener(req, res);
      else sendProblem(res, 400, 'The Host header is missing', { errors: [NO_HOST] });
    },
  );
  return server
    .setTimeout(SILENCE)
    .on('clientError', refuse)
    .on('checkExpectation', (_req, res) => sendProblem(res, 417, 'Nothing but 100-continue can be expected'))
    .on('connect', (_req: IncomingMessage, socket: Duplex) => say(socket, 405, 'This is no proxy'));
}

/** Resolves when the server listens (port 0: any free one). Rejects with the system's error when it cannot. */
export async function listen(server: Server, port: number, host: string): Promise<Server> {
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

const NO_HOST = { field: 'host', message: 'is missing' };

const REFUSALS: Record<string, readonly [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are larger than 16 kB'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The extensions of a chunk are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to come'],
};

/** What a socket of a server answers now, which Node's own handler of these errors looks at as well. */
type Answering = Duplex & { _httpMessage?: { headersSent: boolean } | null; bytesRead?: number };

/** Who sends what is no request is told so, unless an answer is under way already: it would become a part of that. */
const refuse = ({ code = '' }: NodeJS.ErrnoException, socket: Answering) => {
  // A browser opens connections in advance, and would take this for the answer to what it asks next.
  const unused = code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0;
  if (unused || code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent)
    socket.destroy();
  else say(socket, ...(REFUSALS[code] ?? [400, 'This is not HTTP as it should be']));
};

/** Answers by hand and ends: who is sending still has a while to read it, as what is cut off with bytes unread loses it. */
const say = (socket: Duplex, status: number, detail: string) => {
  const body = JSON.stringify(problem(status, detail));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  socket.on('error', () => undefined).resume();
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), GOODBYE).unref();
};
