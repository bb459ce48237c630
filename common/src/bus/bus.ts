/** One consumer group's interest in one subject. */
export interface Subscription {
  /** What happened, e.g. `order:created`. */
  subject: string;
  /** Members of a group share the messages; each group gets every message. Here: the service's name. */
  group: string;
  /** Resolving acknowledges the message; rejecting makes it come again. */
  handle(message: string, delivery: Delivery): Promise<void>;
}

export interface Delivery {
  /** True when the broker knows that it delivered this message before. */
  redelivered: boolean;
}

/**
 * What the suite asks of a broker: at-least-once delivery to every group, in any order.
 * `nats-tests/test/bus-contract.ts` is the suite of tests that each adapter passes.
 */
export interface Bus {
  /** Resolves once the message is safe: stored by the broker, or acknowledged by every group. Rejects otherwise. */
  publish(subject: string, message: string): Promise<void>;
  /** Resolves at once; an adapter without a connection subscribes as soon as it has one, and again after each loss. */
  subscribe(subscription: Subscription): void;
  /** False while the broker cannot be reached. */
  readonly connected: boolean;
  /**
   * Calls back after each regained connection with the last moment at which the lost one was known to work (a broker that
   * was absent at first: since the bus was made). A listener that rejects is called again; one that another loss
   * interrupts is called after the next regain with its first moment.
   */
  onRestored(listener: (lastHealthy: Date) => void | Promise<void>): void;
  /** Stops deliveries, waits for handlers in flight, then closes. Durable positions stay. */
  close(): Promise<void>;
}
