import { Agent, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import express, { type RequestHandler, Router } from 'express';
import { createProxyServer } from 'httpxy';
import { z } from 'zod';
import { silentLog } from '@ticketing/common/log';
import { notFound, onError, sendProblem } from '@ticketing/common/http/problem';
import { listen, openServer, ServerConfig } from '@ticketing/common/http/server';
import { defineService } from '@ticketing/common/service';
import { inTurn, type Place } from './in-turn.ts';
import { sandboxDoor } from './sandbox-door.ts';

/** Where the pages come from, and the stand-in for Stripe if there is one. */
export interface Front {
  clientUrl: string;
  sandboxUrl: string | undefined;
  /** Pages with hot reload: they take any method, and WebSockets. */
  dev?: boolean;
}

/** What a browser finds besides the API: its part of the payment sandbox, and the pages. */
export const front = ({ clientUrl, sandboxUrl, dev = false }: Front): Router => {
  const pass = openProxy();
  const pages: RequestHandler = (req, res, next) => {
    if (/^\/api(\/|$)/.test(req.path)) {
      next();
      return;
    }
    if (!dev && req.method !== 'GET' && req.method !== 'HEAD') {
      sendProblem(res.setHeader('Allow', 'GET, HEAD'), 405, `A page takes no ${req.method}`);
      return;
    }
    // Else the pages fail over it: a `URIError` is answered as the caller's mistake. A person they show that there is none.
    if (dev || !wantsPage(req)) decodeURI(req.path);
    // The pages say for themselves what a browser may do with them.
    res.removeHeader('Content-Security-Policy');
    res.removeHeader('Cache-Control');
    pass(req, res, clientUrl);
  };
  const router = Router();
  if (sandboxUrl !== undefined) router.use(sandboxDoor(sandboxUrl));
  return router.use(pages);
};

/** The pages behind the services of the monolith: last in its list, as it answers whatever they do not. */
export const frontService = defineService({
  name: 'client',
  config: z.object({ CLIENT_URL: z.url(), SANDBOX_URL: z.url().optional() }),
  database: false,
  setup: ({ config: { CLIENT_URL: clientUrl, SANDBOX_URL: sandboxUrl } }) => ({
    routes: front({ clientUrl, sandboxUrl }),
  }),
});

/** One origin before several processes: each path to those that are ready for it, what is left to the pages. */
export async function openOrigin(
  { host = '127.0.0.1', port }: { host?: string | undefined; port: number },
  targets: readonly (readonly [path: string, processes: readonly Place[]])[],
  where: Front,
  limits = ServerConfig.parse({}),
): Promise<{ close(): void }> {
  const pass = openProxy();
  const rest = express().disable('x-powered-by').use(front(where), notFound, onError(silentLog));
  const paths = targets.map(([path, places]) => ({ path, processes: inTurn(places) }));
  const server = openServer(limits, (req, res) => {
    const url = req.url ?? '/';
    const target = paths
      .find(({ path }) => url === path || (/^[/?]/.test(url.slice(path.length)) && url.startsWith(path)))
      ?.processes.next();
    if (target !== undefined) pass(req, res, target);
    else rest(req, res);
  });
  if (where.dev) passUpgrades(server, where.clientUrl);
  await listen(server, port, host);
  return {
    close() {
      for (const { processes } of paths) processes.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What a caller may not tell: the way that its request came is seen here. */
const OWN = /^(x-forwarded-.*|x-real-ip|forwarded)$/;

/** Hands a request on; says in the visitor's form that the process behind it is away. */
function openProxy() {
  const proxy = createProxyServer({
    xfwd: true,
    agent: new Agent({ keepAlive: true, maxSockets: Infinity }),
  });
  // Else they wait for the body's first byte, and so does a refusal that needs none.
  proxy.on('proxyReq', (sent, req) => {
    if (!req.complete) sent.flushHeaders();
  });
  proxy.on('error', (_error, req, res) => {
    const answer = res as ServerResponse;
    if (!('writeHead' in answer) || answer.headersSent) answer.destroy();
    else if (wantsPage(req)) {
      answer.writeHead(503, { 'Content-Type': 'text/html; charset=utf-8', 'Retry-After': '1' }).end(AWAY);
    } else sendProblem(answer, 503, 'The service is starting again; try in a moment', { retryAfter: 1 });
  });
  return (req: IncomingMessage, res: ServerResponse, target: string): void => {
    for (const name of Object.keys(req.headers))
      if (OWN.test(name)) Reflect.deleteProperty(req.headers, name);
    if (req.headers.upgrade !== undefined) {
      delete req.headers.upgrade;
      delete req.headers.connection;
    }
    proxy.web(req, res, { target }).catch(() => undefined);
  };
}

/** For hot reload. */
function passUpgrades(server: Server, target: string) {
  const proxy = createProxyServer();
  server.on('upgrade', (req, socket, head) => {
    req.socket.setTimeout(0);
    proxy.ws(req, socket as never, { target }, head).catch(() => socket.destroy());
  });
}

const wantsPage = (req: IncomingMessage | undefined) =>
  req?.headers.accept?.includes('text/html') && req.headers['rsc'] === undefined;

const AWAY = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="2">
<title>Back in a moment</title><h1>Back in a moment</h1><p>The page is starting again. It tries by itself.</p></html>
`;
