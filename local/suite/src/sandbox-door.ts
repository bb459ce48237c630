import express, { type ErrorRequestHandler, type RequestHandler, type Response, Router } from 'express';
import { sendProblem } from '@ticketing/common/http/problem';

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
      .use(express.json({ limit: '10kb', inflate: false }))
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
