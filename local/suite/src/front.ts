import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import express, { type RequestHandler, Router } from 'express';
import { createProxyServer } from 'httpxy';
import { z } from 'zod';
import { sendProblem } from '@ticketing/common/http/problem';
import { defineService } from '@ticketing/common/service';
import { inTurn } from './in-turn.ts';
import { sandboxDoor } from './sandbox-door.ts';

/** Where the pages come from, and the stand-in for Stripe if there is one. */
export interface Front {
  clientUrl: string;
  sandboxUrl: string | undefined;
}

/** What a browser finds besides the API: its part of the payment sandbox, and the pages. */
export const front = ({ clientUrl, sandboxUrl }: Front): Router => {
  const proxy = openProxy();
  const pages: RequestHandler = (req, res) => {
    // The pages say for themselves what a browser may do with them.
    res.removeHeader('Content-Security-Policy');
    res.removeHeader('Cache-Control');
    void proxy.web(req, res, { target: clientUrl }).catch(() => undefined);
  };
  const router = Router();
  if (sandboxUrl !== undefined) router.use(sandboxDoor(sandboxUrl));
  return router.use(pages);
};

/** The pages behind the services of the monolith: last in its list, as it answers whatever they do not. */
export const frontService = (where: Front) =>
  defineService({
    name: 'client',
    config: z.object({}),
    database: false,
    setup: () => ({ routes: front(where) }),
  });

/** One origin before several processes: each path to those that are ready for it, WebSockets to the pages alone. */
export async function openOrigin(
  port: number,
  targets: readonly (readonly [path: string, urls: readonly string[]])[],
  where: Front,
): Promise<{ close(): void }> {
  const proxy = openProxy();
  const rest = express().disable('x-powered-by').use(front(where));
  const paths = targets.map(([path, urls]) => ({ path, processes: inTurn(urls) }));
  const server = createServer((req, res) => {
    const url = req.url ?? '/';
    const target = paths
      .find(({ path }) => url === path || (/^[/?]/.test(url.slice(path.length)) && url.startsWith(path)))
      ?.processes.next();
    if (target !== undefined) proxy.web(req, res, { target }).catch(() => undefined);
    else rest(req, res);
  });
  server.on('upgrade', (req, socket, head) => {
    proxy.ws(req, socket as never, { target: where.clientUrl }, head).catch(() => socket.destroy());
  });
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(port, resolve));
  return {
    close() {
      for (const { processes } of paths) processes.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A proxy that says in the visitor's form that the process behind it is away. */
function openProxy() {
  const proxy = createProxyServer({ xfwd: true });
  proxy.on('error', (_error, req, res) => {
    const answer = res as ServerResponse;
    if (!('writeHead' in answer) || answer.headersSent) answer.destroy();
    else if (wantsPage(req)) {
      answer.writeHead(503, { 'Content-Type': 'text/html; charset=utf-8', 'Retry-After': '1' }).end(AWAY);
    } else sendProblem(answer, 503, 'The service is starting again; try in a moment', { retryAfter: 1 });
  });
  return proxy;
}

const wantsPage = (req: IncomingMessage | undefined) =>
  req?.headers.accept?.includes('text/html') && req.headers['rsc'] === undefined;

const AWAY = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="2">
<title>Back in a moment</title><h1>Back in a moment</h1><p>The page is starting again. It tries by itself.</p></html>
`;
