import {
  bulkhead,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  isBrokenCircuitError,
  isBulkheadRejectedError,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import { type Gateway, GatewayUnavailable } from './gateway.ts';

export type GatewayEvent =
  | { kind: 'call'; operation: string; seconds: number; outcome: 'answered' | 'unavailable' }
  | { kind: 'retry' | 'timeout' | 'shed' }
  | { kind: 'breaker'; state: Gateway['breaker'] };

export interface ResilienceSettings {
  /** Of each try, in milliseconds. */
  timeoutMs?: number;
  /** Tries after the first. */
  retries?: number;
  /** Milliseconds before the first repetition; grows exponentially, with jitter. */
  retryDelayMs?: number;
  /** Calls at once; as many again may wait, the rest are turned away. */
  concurrency?: number;
  /** Tries in a row that must fail to open the breaker, and milliseconds until it lets one try through. */
  breaker?: { failures: number; halfOpenAfterMs: number };
  onEvent?: (event: GatewayEvent) => void;
}

interface Failures {
  /** No answer, or one that says nothing about the request: worth another try, and a mark against the provider. */
  isOutage: (error: unknown) => boolean;
  /** An outage for the caller, but the provider is well: the same request is still at work. */
  isLocked: (error: unknown) => boolean;
}

const BREAKER = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
} as const;

/** Timeout inside breaker inside retry inside bulkhead; a refusal is an answer, so it comes back as a value. */
export const resilience = (settings: ResilienceSettings, { isOutage, isLocked }: Failures) => {
  const { timeoutMs = 8000, retries = 2, retryDelayMs = 250, concurrency = 50 } = settings;
  const { failures, halfOpenAfterMs } = settings.breaker ?? { failures: 5, halfOpenAfterMs: 10_000 };
  const tell = settings.onEvent ?? (() => {});
  const limit = bulkhead(concurrency, concurrency);
  const again = retry(
    handleWhen((error) => !isBrokenCircuitError(error)),
    {
      maxAttempts: retries,
      backoff: new ExponentialBackoff({ initialDelay: retryDelayMs, maxDelay: 10 * retryDelayMs }),
    },
  );
  const breaker = circuitBreaker(
    handleWhen((error) => !isLocked(error)),
    {
      breaker: new ConsecutiveBreaker(failures),
      halfOpenAfter: halfOpenAfterMs,
    },
  );
  const bound = timeout(timeoutMs, TimeoutStrategy.Aggressive);
  limit.onReject(() => tell({ kind: 'shed' }));
  again.onRetry(() => tell({ kind: 'retry' }));
  bound.onTimeout(() => tell({ kind: 'timeout' }));
  breaker.onStateChange((state) => tell({ kind: 'breaker', state: BREAKER[state] }));
  const policy = wrap(limit, again, breaker, bound);

  const answered = async <T>(call: () => Promise<T>) => {
    try {
      return { value: await call() };
    } catch (error) {
      if (isOutage(error)) throw error;
      return { refusal: error };
    }
  };

  return {
    state: () => BREAKER[breaker.state],
    /** Resolves, throws the provider's refusal, or throws `GatewayUnavailable`. */
    async run<T>(operation: string, call: () => Promise<T>): Promise<T> {
      const started = performance.now();
      const done = (outcome: 'answered' | 'unavailable') =>
        tell({ kind: 'call', operation, outcome, seconds: (performance.now() - started) / 1000 });
      const result = await policy
        .execute(() => answered(call))
        .catch((cause: unknown) => {
          done('unavailable');
          const why = isBrokenCircuitError(cause)
            ? 'circuit open'
            : isBulkheadRejectedError(cause)
              ? 'too busy'
              : 'out';
          throw new GatewayUnavailable(`Payment provider unavailable: ${operation}: ${why}`, { cause });
        });
      done('answered');
      if ('refusal' in result) throw result.refusal;
      return result.value;
    },
  };
};
