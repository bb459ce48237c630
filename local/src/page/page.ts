import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import express, { type ErrorRequestHandler, type RequestHandler, type Response, Router } from 'express';
import { sendProblem } from '@ticketing/common/http/problem';

/** The page loads nothing from elsewhere, runs nothing inline, and posts by script alone. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** The first page, as it lies here: no framework, no build. A browser keeps it and asks whether it has changed. */
export const pages = (): Router =>
  Router()
    .get('/', file('html', new URL('./index.html', import.meta.url)))
    .get('/page/page.css', file('css', new URL('./page.css', import.meta.url)))
    .get('/page/page.js', file('js', new URL('./page.js', import.meta.url)))
    .get('/page/kit.js', file('js', new URL('./kit.js', import.meta.url)));

const file = (type: string, url: URL): RequestHandler => {
  const text = readFileSync(url);
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  return (req, res) => {
    res.set({
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': POLICY,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      ETag: etag,
    });
    if (req.fresh) res.status(304).end();
    else res.type(type).end(text);
  };
};

/** How long the sandbox may take, in milliseconds. */
const PATIENCE = 10_000;

/** What a browser may ask of the sandbox, path by path: its faults and Stripe's own API stay inside. */
export const sandboxDoor = (sandboxUrl: string): Router => {
  const ask = async (res: Response, path: string, body?: unknown) => {
    const answer = await fetch(`${sandboxUrl}/sandbox/browser/${path}`, {
      signal: AbortSignal.timeout(PATIENCE),
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    res
      .set('Cache-Control', 'no-store')
      .status(answer.status)
      .type('json')
      .end(await answer.text());
  };
  const post =
    (path: string): RequestHandler =>
    async (req, res) => {
      if (req.is('application/json') === false) sendProblem(res, 415, 'Send the body as application/json');
      else await ask(res, path, req.body ?? {});
    };
  return Router().use(
    '/sandbox/browser',
    Router()
      .use(express.json({ limit: '10kb' }))
      .get('/payment_intent', (req, res) =>
        ask(res, `payment_intent?${new URL(req.url, sandboxUrl).searchParams.toString()}`),
      )
      .post('/payment_methods', post('payment_methods'))
      .post('/authenticate', post('authenticate'))
      .use(refused),
  );
};

const refused: ErrorRequestHandler = (error: { status?: number }, _req, res, _next) => {
  if (error.status === 413) sendProblem(res, 413, 'The body is larger than 10 kB');
  else if (error.status === undefined)
    sendProblem(res, 503, 'The payment sandbox does not answer', { retryAfter: 1 });
  else sendProblem(res, error.status, 'The request cannot be read');
};
