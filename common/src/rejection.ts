/** Why a command was refused; the HTTP kit turns each into one status. */
export type RejectionCode =
  | 'invalid'
  | 'unauthorized'
  | 'payment-required'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'stale'
  | 'too-many'
  | 'unavailable';

export interface FieldError {
  message: string;
  /** Dotted path of the offending field, e.g. `items.0.price`. */
  field?: string;
}

/** A refusal is a value: rules return it, only bugs throw. */
export interface Rejection {
  readonly kind: 'rejection';
  readonly code: RejectionCode;
  readonly message: string;
  readonly errors?: readonly FieldError[];
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;
}

/** Builds a refusal. `errors` name the fields it is about, `retryAfter` is in seconds. */
export const reject = (
  code: RejectionCode,
  message: string,
  details: { errors?: readonly FieldError[]; retryAfter?: number } = {},
): Rejection => ({ kind: 'rejection', code, message, ...details });

export const isRejection = (value: unknown): value is Rejection =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'rejection';

/** Something this process needs is out: thrown, as no rule decided it; HTTP answers 503, a handler tries again. */
export class Unavailable extends Error {
  override name = 'Unavailable';
  /** Seconds. */
  readonly retryAfter: number;
  constructor(message: string, options: ErrorOptions & { retryAfter?: number } = {}) {
    super(message, options);
    this.retryAfter = options.retryAfter ?? 1;
  }
}
