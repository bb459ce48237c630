import stan from 'node-nats-streaming';
import type { Message, Stan } from 'node-nats-streaming';
import { clientAddress, type BrokerAddress } from './nats-address.ts';

export interface Interest {
  subject: string;
  group: string;
  /** Rounded up to whole seconds. */
  ackWaitMs: number;
  maxInFlight: number;
  onMessage(message: Message): void;
}

/** One connection, from its opening to its end; it does not come back, its successor is another one. */
export interface Connection {
  /** Rejects when the broker refuses, does not answer within 5 s, or the connection ends. */
  publish(subject: string, message: string): Promise<void>;
  /** Resolves when the broker has taken the durable subscription. */
  subscribe(interest: Interest): Promise<void>;
  /** False from the second unanswered ping on. */
  readonly healthy: boolean;
  /** A moment after which the broker still answered. */
  readonly lastHealthy: Date;
  /** Aborted when the connection is over. */
  readonly ended: AbortSignal;
  /** Resolves then, with the reason. */
  readonly over: Promise<Error>;
  /** Tells the broker, so that its messages go to the group's other members at once. */
  close(): Promise<void>;
}

/** What is used of the NATS client inside the streaming client, which keeps it to itself. */
interface Wire {
  info?: { max_payload?: number } | null;
  flush(answered: (error?: Error) => void): void;
  /** Takes what has arrived on the socket; throws on what is not NATS. */
  processInbound(): void;
  close(): void;
  on(event: 'error', listener: () => void): void;
  prependListener(event: 'close', listener: () => void): void;
}

const ANSWER_MS = 5_000;
const CLOSE_MS = 2_000;
const PING_MS = 1_000;
const PINGS_UNANSWERED = 4;
/** Room for the envelope of the streaming protocol in a message of the NATS protocol. */
const ENVELOPE_BYTES = 1_024;

const SUBJECT = /^[\w:-]+(\.[\w:-]+)*$/;

/** The library's errors are sometimes strings, sometimes nothing. */
const asError = (reason: unknown, otherwise: string): Error =>
  reason instanceof Error ? reason : new Error(typeof reason === 'string' && reason ? reason : otherwise);

/** Ends both clients for good: no timer of theirs may fire, no error of theirs may find no listener. */
const dispose = (client: Stan, wire: Wire) => {
  for (const each of [client, wire]) {
    try {
      each.close();
    } catch {
      // a half-open client throws on closing; it is let go all the same
    }
  }
  wire.on('error', () => {}); // wire.close() removed every listener, and late messages still emit 'error'
};

const durableName = (subject: string, group: string) => `${group}--${subject}`.replaceAll(':', '-'); // ':' is refused

/** Opens one connection; rejects when that takes longer than `patienceMs`, or `signal` aborts. */
export const openConnection = (
  broker: BrokerAddress & { clientId: string; patienceMs: number; signal: AbortSignal; now(): Date },
): Promise<Connection> => {
  const { clusterId, clientId, patienceMs, signal, now } = broker;
  const client = stan.connect(clusterId, clientId, {
    ...clientAddress(broker),
    name: clientId,
    reconnect: false, // its way back forgets the streaming session and its subscriptions
    connectTimeout: ANSWER_MS,
    ackTimeout: ANSWER_MS,
    stanPingInterval: 2_000,
    stanMaxPingOut: 2,
  });
  const wire = (client as unknown as { nc: Wire }).nc;
  const ended = new AbortController();
  const { promise: opened, resolve, reject } = Promise.withResolvers<Connection>();
  const { promise: over, resolve: resolveOver } = Promise.withResolvers<Error>();
  const unsettled = new Set<(error: unknown) => void>();
  let lastHealthy = now();
  let unanswered = 0;
  let pings: NodeJS.Timeout | undefined;

  const answered = (at: Date) => {
    unanswered = 0;
    if (at > lastHealthy) lastHealthy = at;
  };
  const end = (reason: unknown) => {
    if (ended.signal.aborted) return;
    const error = asError(reason, 'The connection was closed');
    ended.abort(error);
    clearTimeout(opening);
    clearInterval(pings);
    signal.removeEventListener('abort', cancel);
    for (const settle of unsettled) settle(error);
    dispose(client, wire);
    reject(error);
    resolveOver(error);
  };
  const cancel = () => end(signal.reason);
  const silent = () => end(new Error('The broker does not answer'));
  const ping = () => {
    if (unanswered >= PINGS_UNANSWERED) return silent(); // counted, not timed: this process may have been asleep
    const sent = now();
    unanswered += 1;
    wire.flush((error) => error ?? answered(sent));
  };

  const processInbound = wire.processInbound.bind(wire);
  // Called by the socket's event, where an exception would be nobody's and end the process.
  wire.processInbound = () => {
    try {
      processInbound();
    } catch (error) {
      end(error);
    }
  };
  const opening = setTimeout(silent, patienceMs);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  // Before the library's own listener, which reports every publish without an answer as a success.
  wire.prependListener('close', () => end(undefined));
  for (const event of ['error', 'connection_lost', 'disconnect', 'close']) client.on(event, end);
  client.once('connect', () => {
    clearTimeout(opening);
    answered(now());
    pings = setInterval(ping, PING_MS);
    resolve(connection);
  });

  /** A promise for an answer of the broker; the end of the connection rejects it. */
  const answer = (ask: (settle: (error?: unknown) => void) => void) =>
    new Promise<void>((done, fail) => {
      if (ended.signal.aborted) return fail(ended.signal.reason as Error);
      const settle = (error?: unknown) => {
        if (!unsettled.delete(settle)) return;
        if (error) return fail(asError(error, 'The broker refused'));
        answered(now());
        done();
      };
      unsettled.add(settle);
      try {
        ask(settle);
      } catch (error) {
        settle(error);
      }
    });

  const connection: Connection = {
    publish: (subject, message) =>
      answer((settle) => {
        const most = (wire.info?.max_payload ?? 1_048_576) - ENVELOPE_BYTES;
        // The broker answers both by closing the connection, for everyone who uses it.
        if (!SUBJECT.test(subject)) throw new TypeError(`No subject: ${JSON.stringify(subject)}`);
        if (Buffer.byteLength(message) > most)
          throw new RangeError(`${subject}: a message may have ${most} bytes`);
        client.publish(subject, message, settle);
      }),
    subscribe: ({ subject, group, ackWaitMs, maxInFlight, onMessage }) =>
      answer((settle) => {
        const how = client
          .subscriptionOptions()
          .setDeliverAllAvailable()
          .setDurableName(durableName(subject, group))
          .setManualAckMode(true)
          .setAckWait(Math.ceil(ackWaitMs / 1000) * 1000)
          .setMaxInFlight(maxInFlight);
        const subscription = client.subscribe(subject, group, how);
        subscription.on('message', onMessage);
        subscription.on('ready', () => settle());
        subscription.on('error', (error: unknown) => settle(asError(error, 'The broker refused')));
        subscription.on('timeout', end); // it may have been taken or not: only a new connection knows
      }),
    get healthy() {
      return !ended.signal.aborted && unanswered <= 1;
    },
    get lastHealthy() {
      return lastHealthy;
    },
    ended: ended.signal,
    over,
    async close() {
      if (ended.signal.aborted) return;
      const impatient = setTimeout(silent, CLOSE_MS);
      client.close();
      await over;
      clearTimeout(impatient);
    },
  };
  return opened;
};
