/** What the API says is wrong with one field of the request. */
export interface FieldError {
  message: string;
  field?: string;
}

/** A refusal: a problem document (RFC 9457), or status 0 when nobody answered. */
export interface Problem {
  ok: false;
  status: number;
  detail: string;
  errors: readonly FieldError[];
  /** What the payment provider calls it. */
  code?: string;
  /** Seconds after which the same request may succeed. */
  retryAfter?: number;
}

export interface Success<T> {
  ok: true;
  status: number;
  body: T;
  /** The path of the next page of a list. */
  next?: string;
  /** The server's clock when it answered, in milliseconds. */
  at: number;
}

export type Answer<T> = Success<T> | Problem;

/** Whether asking again would say no more: it was answered, or there is nothing for this visitor. */
export const isFinal = ({ ok, status }: Pick<Answer<unknown>, 'ok' | 'status'>): boolean =>
  ok || [400, 403, 404].includes(status);

/** Whether it says what became of a request: a lost answer does not, nor one that was refused for being asked too often. */
export const isDecided = ({ status }: Pick<Answer<unknown>, 'status'>): boolean =>
  status > 0 && status < 500 && status !== 429;

/** Reads an answer of the API; the sandbox's refusals look as Stripe's do. */
export async function read<T>(response: Response): Promise<Answer<T>> {
  const { status, headers } = response;
  const body: unknown = status === 204 ? undefined : await response.json().catch(() => undefined);
  if (response.ok) {
    const next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    const at = Date.parse(headers.get('date') ?? '') || Date.now();
    return { ok: true, status, body: body as T, at, ...(next !== undefined && { next }) };
  }
  const { detail, errors, error } = (body ?? {}) as Partial<Problem> & {
    error?: { message?: string; param?: string; code?: string };
  };
  const retryAfter = Number(headers.get('retry-after') ?? NaN);
  const said = detail ?? error?.message ?? `The server answered ${status}; try again in a moment`;
  return {
    ok: false,
    status,
    detail: said,
    errors: errors ?? [{ message: said, ...(error?.param && { field: error.param }) }],
    ...(error?.code !== undefined && { code: error.code }),
    ...(retryAfter > 0 && { retryAfter }),
  };
}

/** Nobody answered: the network, or a timeout. */
export const unreachable: Problem = {
  ok: false,
  status: 0,
  detail: 'The server cannot be reached. Check your connection and try again',
  errors: [],
};

/** A token that was just made is refused: that service's clock is far ahead. It tells the operator by itself. */
export const refusesNewTokens: Problem = {
  ok: false,
  status: 401,
  detail:
    'The clocks of our servers differ, so a part of the suite does not know you at the moment. Nothing of yours is lost; try again in a few minutes',
  errors: [],
};

/** Refusals that the page itself found, in the form of the API's. */
export const wrongFields = (errors: readonly FieldError[]): Problem => ({
  ok: false,
  status: 400,
  detail: errors[0]?.message ?? '',
  errors,
});

export const wrongField = (field: string, message: string): Problem => wrongFields([{ field, message }]);
