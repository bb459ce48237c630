import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Log } from '../log.ts';
import { reject, Unavailable, type FieldError, type Rejection, type RejectionCode } from '../rejection.ts';
import { isOutage } from '../store.ts';
import { traceId } from '../trace.ts';

/** The one table from refusals to statuses. */
export const STATUS: Record<RejectionCode, number> = {
  invalid: 400,
  unauthorized: 401,
  'payment-required': 402,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  stale: 412,
  'too-many': 429,
  unavailable: 503,
};

/** Answers with a problem document (RFC 9457). */
export function sendProblem(
  res: ServerResponse,
  status: number,
  detail: string,
  { errors, retryAfter }: { errors?: readonly FieldError[]; retryAfter?: number } = {},
): void {
  if (retryAfter !== undefined) res.setHeader('Retry-After', String(Math.max(1, Math.ceil(retryAfter))));
  if (status === 401) res.setHeader('WWW-Authenticate', 'Bearer');
  res.statusCode = status;
  res.setHeader('Content-Type', 'application/problem+json');
  res.end(JSON.stringify(problem(status, detail, errors)));
}

/** The document itself. */
export const problem = (status: number, detail: string, errors?: readonly FieldError[]) => ({
  type: 'about:blank',
  title: STATUS_CODES[status] ?? 'Error',
  status,
  detail,
  errors: errors ?? [{ message: detail }],
  ...(traceId() !== undefined && { traceId: traceId() }),
});

export const sendRejection = (res: Response, rejection: Rejection): void => {
  sendProblem(res, STATUS[rejection.code], rejection.message, rejection);
};

/** What zod found, as the refusal of a request's `part`. */
export const invalid = (part: string, { issues }: z.ZodError): Rejection =>
  reject('invalid', `The ${part} is not valid`, {
    errors: issues.flatMap((issue) => errorsOf(issue, [])),
  });

const errorsOf = (issue: z.core.$ZodIssue, above: readonly PropertyKey[]): FieldError[] => {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ message: 'is not a known field', field: [...path, key].join('.') }));
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return meant(issue.errors).flatMap((one) => errorsOf(one, path));
  return [{ message: issue.message, ...(path.length > 0 && { field: path.join('.') }) }];
};

/** Of several forms that a thing may have, the one that was meant is the one that knows most of its fields. */
const meant = (forms: readonly (readonly z.core.$ZodIssue[])[]) => {
  const unknown = (issues: readonly z.core.$ZodIssue[]) =>
    issues.reduce(
      (count, { code, ...issue }) =>
        count + (code === 'unrecognized_keys' ? (issue as { keys: string[] }).keys.length : 0),
      0,
    );
  return forms.reduce((best, form) => (unknown(form) < unknown(best) ? form : best));
};

/** Errors of reading a body by their `type`, which `express.json` has too. */
const BODY_ERRORS: Record<string, readonly [status: number, detail: string]> = {
  'entity.too.large': [413, 'The body is too large'],
  'request.aborted': [400, 'The request was aborted'],
};

export const notFound: RequestHandler = (req, res) => {
  sendProblem(res, 404, `There is no ${req.method} ${req.path}`);
};

/** The last word on what was thrown: outages are 503, the caller's mistakes 4xx, the rest our bug. */
export const onError =
  (log: Log): ErrorRequestHandler =>
  (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const { type, status } = error as { type?: string; status?: number };
    const known = type === undefined ? undefined : BODY_ERRORS[type];
    if (known) sendProblem(res, ...known);
    else if (error instanceof URIError || status === 400) sendProblem(res, 400, 'The URL is not valid');
    else if (error instanceof Unavailable || isOutage(error)) {
      log.warn({ err: error, method: req.method, path: req.path }, 'unavailable');
      const { message, retryAfter } =
        error instanceof Unavailable ? error : new Unavailable('Try again in a moment');
      sendProblem(res, 503, message, { retryAfter });
    } else {
      log.error({ err: error, method: req.method, path: req.path }, 'unexpected error');
      sendProblem(res, 500, 'Something went wrong on our side');
    }
  };
