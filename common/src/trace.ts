import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

const current = new AsyncLocalStorage<{ parent?: string }>();
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The W3C `traceparent` of the request or event being worked on. */
export const traceparent = (): string | undefined => {
  const trace = current.getStore();
  return trace && (trace.parent ??= newTrace());
};

/** The trace's id, for log lines and problem documents. */
export const traceId = (): string | undefined => traceparent()?.slice(3, 35);

/**
 * Runs `work` as part of the caller's trace, or of a new one when the caller sent none that is valid. A new one is
 * made when somebody asks for it, as most requests neither log nor announce.
 */
export const traced = <T>(parent: string | undefined, work: () => T): T =>
  current.run(parent !== undefined && TRACEPARENT.test(parent) ? { parent } : {}, work);

const newTrace = () => {
  const random = randomBytes(24).toString('hex');
  return `00-${random.slice(0, 32)}-${random.slice(32)}-01`;
};
