import { randomBytes } from 'node:crypto';
import type { Message } from 'node-nats-streaming';
import type { Metrics } from '../metrics.ts';
import { backoff, systemClock, type Clock } from '../runtime.ts';
import type { Bus, Subscription } from './bus.ts';
import { clientAddress, type BrokerAddress } from './nats-address.ts';
import { openConnection, type Connection } from './nats-connection.ts';
import { receiver } from './nats-receive.ts';

export interface NatsStreamingOptions extends BrokerAddress {
  /** The instance (a pod, a process): the first part of its client id. */
  name: string;
  log: Record<'info' | 'warn', (about: object, text: string) => void>;
  /** A message that is not acknowledged for so long comes again; rounded up to whole seconds. */
  ackWaitMs?: number;
  /** Handlers that run at the same time, for each subscription. */
  maxInFlight?: number;
  clock?: Clock;
  metrics?: Pick<Metrics, 'count' | 'gauge'>;
}

const RETRY_FROM_MS = 200;
const RETRY_TO_MS = 5_000;
/** A broker that has just started may miss a request, so the first attempts wait for less long. */
const patience = (failures: number) => Math.min(5_000, 1_000 * 2 ** failures);
/** A connection that lived for so long starts the delays anew; a shorter one counts as a failed attempt. */
const STABLE_MS = 5_000;

const newClientId = (name: string) => `${name.replace(/[^\w-]/g, '-')}-${randomBytes(4).toString('hex')}`;

/**
 * NATS Streaming by durable queue groups. It connects in the background, again after each loss (in 200 ms to 5 s,
 * growing, with jitter), subscribes again, and fails nowhere but in its promises; only a wrong URL throws. `publish`
 * resolves when the broker has stored the message; it rejects at once while there is no connection, and after 5 s
 * without an answer. Handlers may go on publishing while `close()` waits for them. A handler that rejects holds one of
 * the `maxInFlight` places until its message comes again. The client library's traps: `nats-connection.ts`.
 */
export const natsStreamingBus = (options: NatsStreamingOptions): Bus => {
  const { name, log, ackWaitMs = 5_000, maxInFlight = 64, clock = systemClock, metrics } = options;
  clientAddress(options);
  const subscriptions: ((to: Connection) => Promise<void>)[] = [];
  const restorations: ((to: Connection, lastHealthy: Date) => Promise<void>)[] = [];
  const stops: (() => Promise<void>)[] = [];
  const publishing = new Set<Promise<void>>();
  const closing = new AbortController();
  const isOpen = () => !closing.signal.aborted;
  let stopping = false;
  let connection: Connection | undefined;

  const pause = (attempt: number, signal: AbortSignal) =>
    clock.sleep(backoff(attempt, RETRY_FROM_MS, RETRY_TO_MS, Math.random), signal);

  /** Repeats until it succeeds or the connection is over. */
  const untilDone = async (what: string, about: object, to: Connection, act: () => Promise<void>) => {
    for (let attempt = 1; !stopping && !to.ended.aborted; attempt++) {
      try {
        return await act();
      } catch (err) {
        log.warn({ err, attempt, ...about }, `${what} failed`);
        await pause(attempt, to.ended);
      }
    }
  };

  /** One life of a connection: resolves with the last moment at which it was known to work. */
  const live = async (clientId: string, patienceMs: number, restoredSince: Date | undefined) => {
    const now = () => clock.now();
    const opened = await openConnection({ ...options, clientId, patienceMs, signal: closing.signal, now });
    connection = opened;
    log.info({ clientId }, 'connected to the broker');
    metrics?.gauge('bus_connected', {}, 1);
    if (restoredSince) metrics?.count('bus_reconnects_total');
    for (const subscribe of subscriptions) void subscribe(opened);
    if (restoredSince) for (const restore of restorations) void restore(opened, restoredSince);
    const reason = await opened.over;
    connection = undefined;
    metrics?.gauge('bus_connected', {}, 0);
    if (!stopping) log.warn({ err: reason, clientId }, 'lost the broker');
    return opened.lastHealthy;
  };

  const stayConnected = async () => {
    let clientId = newClientId(name); // kept, so that the broker at once forgets the connection before
    let restoredSince: Date | undefined;
    const born = clock.now();
    for (let failures = 0; isOpen();) {
      const start = clock.now().getTime();
      try {
        restoredSince = await live(clientId, patience(failures), restoredSince);
        failures = clock.now().getTime() - start > STABLE_MS ? 1 : failures + 1;
      } catch (err) {
        failures += 1;
        restoredSince ??= born; // a broker that was absent at the start counts as lost since then
        if (String(err).includes('already registered')) clientId = newClientId(name);
        if (isOpen()) log.warn({ err, failures }, 'cannot reach the broker');
      }
      await pause(failures, closing.signal);
    }
  };
  const connected = stayConnected();

  const publish = async (subject: string, message: string) => {
    if (!isOpen()) throw new Error('The bus is closed');
    if (!connection?.healthy) throw new Error('The broker cannot be reached');
    await connection.publish(subject, message);
  };

  const receive = ({ subject, group, handle }: Subscription) => {
    const failed = (err: unknown, message: Message) =>
      log.warn({ err, subject, group, sequence: message.getSequence() }, 'not acknowledged, comes again');
    return receiver({ maxInFlight, handle, failed });
  };

  const close = async () => {
    stopping = true;
    await Promise.all(stops.map((stop) => stop()));
    await Promise.allSettled(publishing);
    await connection?.close();
    closing.abort(new Error('The bus is closed'));
    await connected;
  };
  let closed: Promise<void> | undefined;

  return {
    publish(subject, message) {
      const published = publish(subject, message).finally(() => publishing.delete(published));
      publishing.add(published);
      return published;
    },
    subscribe(subscription) {
      const { subject, group } = subscription;
      const { take, stop } = receive(subscription);
      const interest = { subject, group, ackWaitMs, maxInFlight, onMessage: take };
      const subscribe = (to: Connection) =>
        untilDone('subscribing', { subject, group }, to, () => to.subscribe(interest));
      stops.push(stop);
      subscriptions.push(subscribe);
      if (connection) void subscribe(connection);
    },
    get connected() {
      return connection?.healthy ?? false;
    },
    onRestored(listener) {
      let owed: Date | undefined;
      restorations.push((to, lastHealthy) => {
        const since = (owed ??= lastHealthy);
        return untilDone('a listener for the regained connection', {}, to, async () => {
          await listener(since);
          if (!to.ended.aborted) owed = undefined;
        });
      });
    },
    close: () => (closed ??= close()),
  };
};
