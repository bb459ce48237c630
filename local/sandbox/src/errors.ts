/** Stripe's error object, as the SDK reads it. */
export interface ErrorBody {
  type: 'card_error' | 'invalid_request_error' | 'idempotency_error' | 'api_error';
  message: string;
  code?: string;
  decline_code?: string;
  param?: string;
}

/** A refusal is a value, with the status it is answered with. */
export interface ApiError {
  refused: number;
  error: ErrorBody;
}

export const isApiError = (value: unknown): value is ApiError =>
  typeof value === 'object' && value !== null && 'refused' in value;

type Details = Partial<Pick<ErrorBody, 'code' | 'decline_code' | 'param'>>;

export const cardError = (code: string, message: string, details: Details = {}): ApiError => ({
  refused: 402,
  error: { type: 'card_error', code, message, ...details },
});

export const invalidRequest = (status: number, message: string, details: Details = {}): ApiError => ({
  refused: status,
  error: { type: 'invalid_request_error', message, ...details },
});

export const missing = (object: string, id: string): ApiError =>
  invalidRequest(404, `No such ${object}: '${id}'`, { code: 'resource_missing', param: 'id' });

export const idempotencyError = (status: 400 | 409, message: string): ApiError => ({
  refused: status,
  error: {
    type: 'idempotency_error',
    message,
    ...(status === 409 ? { code: 'idempotency_key_in_use' } : {}),
  },
});

export const apiError = (
  status: number,
  message = 'An unknown error occurred (a fault, on demand)',
): ApiError => ({
  refused: status,
  error: { type: status === 400 ? 'invalid_request_error' : 'api_error', message },
});
