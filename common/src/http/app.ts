import express, { type Express, type RequestHandler, type Router } from 'express';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { traced } from '../trace.ts';
import type { Admission } from './admission.ts';
import { bodies } from './bodies.ts';
import { cookieNames, isSecure } from './cookies.ts';
import { listRoutes } from './openapi.ts';
import type { TokenKeys } from './keys.ts';
import { notFound, onError, sendProblem } from './problem.ts';
import { identify } from './session.ts';

export interface AppSettings {
  /** What access tokens are verified with. */
  keys: TokenKeys;
  /** The origins from which a browser may send unsafe requests; the first is the public one. */
  origins: readonly string[];
  /** How many proxies in front are trusted to tell the caller's address. */
  proxyHops: number;
  admission: Admission;
  /** Bytes of bodies that are being read at a time; webhooks have as many again, and files. */
  bodyBytes: number;
  log: Log;
  metrics: Metrics;
}

/** An Express application with what every service has in front of its routes; `finish` adds what comes behind them. */
export function createApp({ keys, origins, proxyHops, admission, bodyBytes, log, metrics }: AppSettings): {
  app: Express;
  finish(handlers: readonly RequestHandler[]): void;
} {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.set('trust proxy', proxyHops);
  app.locals['identify'] = identify(keys, cookieNames(isSecure(origins[0])));
  app.locals['admission'] = admission;
  app.locals['bodies'] = {
    requests: bodies(bodyBytes, 'requests', metrics),
    first: bodies(bodyBytes, 'first', metrics),
    files: bodies(bodyBytes, 'files', metrics),
  };
  app.use(observed(metrics), secured, sameOrigin(origins));
  return {
    app,
    finish(handlers) {
      app.use(otherMethod(handlers), ...handlers, notFound, onError(log));
    },
  };
}

const observed =
  (metrics: Metrics): RequestHandler =>
  (req, res, next) => {
    const start = performance.now();
    res.on('finish', () => {
      const route = (req.route as { path?: string } | undefined)?.path ?? 'none';
      const labels = { method: req.method, route, status: String(res.statusCode) };
      metrics.observe('http_request_duration_seconds', labels, (performance.now() - start) / 1000);
    });
    traced(req.headers['traceparent'] as string | undefined, next);
  };

const secured: RequestHandler = (_req, res, next) => {
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  next();
};

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses unsafe requests that a page of another origin sent with the visitor's cookies. */
const sameOrigin = (origins: readonly string[]): RequestHandler => {
  const allowed = new Set(origins);
  return (req, res, next) => {
    const { origin } = req.headers;
    const foreign =
      origin === undefined ? req.headers['sec-fetch-site'] === 'cross-site' : !allowed.has(origin);
    if (foreign && !SAFE.has(req.method)) sendProblem(res, 403, 'Requests from another origin are refused');
    else next();
  };
};

/**
 * 405 where the path is known and the method is not, with those that it takes (RFC 9110, 15.5.6), before anything else: what
 * is a path of its own, such as `/stream`, is no id of another.
 */
const otherMethod = (handlers: readonly (RequestHandler | Router)[]): RequestHandler => {
  const takes = new Map<string, Set<string>>();
  const routes = handlers.flatMap((handler) => ('stack' in handler ? listRoutes(handler) : []));
  for (const { method, path } of routes.filter((route) => route.path.startsWith('/'))) {
    const known = takes.get(path.toLowerCase()) ?? new Set();
    takes.set(path.toLowerCase(), known.add(method.toUpperCase()));
    if (method === 'get') known.add('HEAD');
  }
  const patterns = [...takes]
    .filter(([path]) => path.includes(':'))
    .map(([path, methods]) => ({
      pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`),
      methods,
    }));
  return (req, res, next) => {
    const path = req.path.toLowerCase().replace(/(?<=.)\/$/, '');
    const methods = takes.get(path) ?? patterns.find(({ pattern }) => pattern.test(path))?.methods;
    if (!methods || methods.has(req.method)) {
      next();
      return;
    }
    res.setHeader('Allow', [...methods].sort().join(', '));
    if (req.method === 'OPTIONS') res.writeHead(204).end();
    else sendProblem(res, 405, `${req.path} takes no ${req.method}`);
  };
};
