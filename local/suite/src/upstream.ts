import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { answerReader } from './answer-reader.ts';

/** A connection that was idle for longer is not used again, in milliseconds: Node's servers close theirs after five seconds. */
const IDLE = 4000;
/** Up to here a body goes out in one piece with what stands before it, which is one call of the kernel less. */
const ONE_PIECE = 16_384;

/** What speaks of one connection only, and what a caller may not tell: the way that its request came is seen here. */
const NOT_PASSED =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|x-forwarded-.*|x-real-ip|forwarded)$/i;
const NOT_ANSWERED = /^(connection|keep-alive|transfer-encoding)$/i;

/**
 * Hands requests on to processes of ours over connections that are kept. By hand, as a client of Node's costs three times as
 * much: the request was read by Node's own server, and who answers is one of us.
 */
export function upstream(failed: (req: IncomingMessage, res: ServerResponse) => void) {
  const idle = new Map<string, { socket: Socket; since: number }[]>();

  const connection = (origin: string): Socket => {
    const free = idle.get(origin) ?? [];
    for (let last = free.pop(); last; last = free.pop()) {
      if (!last.socket.destroyed && performance.now() - last.since < IDLE) return last.socket.ref();
      last.socket.destroy();
    }
    const { hostname, port } = new URL(origin);
    const host = hostname.replace(/^\[|\]$/g, '');
    return connect({ host, port: Number(port) || 80, noDelay: true }).on('error', () => undefined);
  };
  const giveBack = (origin: string, socket: Socket) => {
    const free = idle.get(origin) ?? [];
    idle.set(origin, free);
    const now = performance.now();
    while (free[0] && now - free[0].since > IDLE) free.shift()?.socket.destroy();
    free.push({ socket, since: now });
  };

  return (req: IncomingMessage, res: ServerResponse, origin: string): void => {
    const socket = connection(origin);
    let over = false;
    let begun = false;
    const finish = (reusable: boolean) => {
      over = true;
      socket.removeAllListeners('data').removeAllListeners('close').removeAllListeners('drain');
      if (reusable && req.complete) giveBack(origin, socket.resume().unref());
      else socket.destroy();
    };
    const broken = () => {
      if (over) return;
      finish(false);
      failed(req, res);
    };
    const read = answerReader(req.method === 'HEAD', {
      head: (status, message, headers) => {
        res.writeHead(status, message, passed(headers, NOT_ANSWERED));
      },
      body(bytes) {
        begun = true;
        if (res.write(bytes)) return;
        socket.pause();
        res.once('drain', () => socket.resume());
      },
      end(bytes, reusable) {
        finish(reusable);
        if (!begun && bytes.length <= ONE_PIECE) res.end(bytes.toString('latin1'), 'latin1');
        else res.end(bytes);
      },
      malformed: broken,
    });
    const take = (bytes: Buffer) => {
      read.take(bytes);
      if (over || begun || !res.headersSent) return;
      // A stream may be silent for a while.
      begun = true;
      res.flushHeaders();
    };
    socket.on('data', take).on('close', () => {
      if (!read.ended()) broken();
    });
    res.on('close', () => {
      if (!over) finish(false);
    });
    send(req, socket);
  };
}

const passed = (raw: readonly string[], not: RegExp): string[] => {
  const headers: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (!not.test(name)) headers.push(name, raw[at + 1] ?? '');
  }
  return headers;
};

const headOf = ({ method, url, rawHeaders, socket, headers }: IncomingMessage, chunked: boolean) => {
  let head = `${method} ${url} HTTP/1.1\r\n`;
  const all = passed(rawHeaders, NOT_PASSED);
  for (let at = 0; at < all.length; at += 2) head += `${all[at]}: ${all[at + 1]}\r\n`;
  head += `X-Forwarded-For: ${socket.remoteAddress}\r\nX-Forwarded-Proto: http\r\n`;
  if (headers.host !== undefined) head += `X-Forwarded-Host: ${headers.host}\r\n`;
  return `${head}${chunked ? 'Transfer-Encoding: chunked\r\n' : ''}\r\n`;
};

/** The head with the body's first bytes, if they are here. */
function send(req: IncomingMessage, socket: Socket) {
  const chunked = req.headers['transfer-encoding'] !== undefined;
  let head = headOf(req, chunked);
  const flush = () => {
    if (head !== '') socket.write(head, 'latin1');
    head = '';
  };
  if (!chunked && !(Number(req.headers['content-length']) > 0)) return flush();
  // Not later: else who waits for the body's first byte waits for a refusal that needs none.
  setImmediate(flush);
  req.on('data', (chunk: Buffer) => {
    const before = chunked ? `${head}${chunk.length.toString(16)}\r\n` : head;
    head = '';
    const whole = chunk.length <= ONE_PIECE;
    if (!whole && before !== '') socket.write(before, 'latin1');
    const more = whole
      ? socket.write(`${before}${chunk.toString('latin1')}${chunked ? '\r\n' : ''}`, 'latin1')
      : socket.write(chunk);
    if (!whole && chunked) socket.write('\r\n');
    if (more) return;
    req.pause();
    socket.once('drain', () => req.resume());
  });
  if (!chunked) return;
  req.on('end', () => {
    flush();
    socket.write('0\r\n\r\n');
  });
}
