import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

type Labels = Record<string, string>;

/** Every metric of the suite with its meaning and labels, in one table; all are prefixed `ticketing_`. */
const CATALOGUE = {
  http_request_duration_seconds: ['histogram', 'Time to answer', ['method', 'route', 'status']],
  requests_refused_total: [
    'counter',
    'Requests and streams refused unseen: no place, too long a wait, or more than a caller’s share',
    ['compartment', 'kind', 'reason'],
  ],
  requests_places: [
    'gauge',
    'Requests that may be at work at a time in each service: fewer without time left',
    [],
  ],
  requests_waiting: ['gauge', 'Requests in the queue for a place', ['compartment', 'kind']],
  outbox_publish_failures_total: ['counter', 'Events that could not be published at once', ['service_store']],
  outbox_swept_total: ['counter', 'Events that the sweeper found left behind', ['service_store']],
  outbox_age_seconds: ['gauge', 'Age of the oldest event not yet published', ['service_store']],
  republished_total: ['counter', 'Events published again after a lost connection or by command', ['service']],
  events_handled_total: ['counter', 'Events handled, by outcome', ['service', 'subject', 'outcome']],
  events_lag_seconds: ['histogram', 'From the time of an event to its being handled', ['service', 'subject']],
  events_ahead_total: [
    'counter',
    'Events whose time was to come: clocks of two machines differ',
    ['service', 'source'],
  ],
  clock_ahead_seconds: ['gauge', "How far this clock is ahead of the database's, or behind", ['service']],
  events_redelivered_total: ['counter', 'Deliveries that the broker repeated', ['service', 'subject']],
  inbox_waiting: ['gauge', 'Failed events waiting for their next try', ['service']],
  inbox_dead: ['gauge', 'Dead letters', ['service']],
  bus_connected: ['gauge', '1 while the broker can be reached', []],
  bus_reconnects_total: ['counter', 'Connections to the broker regained', []],
  database_primary_losses_total: ['counter', 'Times in which no member of the database took writes', []],
  job_failures_total: ['counter', 'Runs of a background job that failed', ['job']],
  sweeper_catches_total: ['counter', 'What a safety net found to do', ['sweeper']],
  degraded: ['gauge', '1 while the service does without this engine', ['engine']],
  stripe_call_duration_seconds: [
    'histogram',
    'Time of a call, its repetitions too',
    ['operation', 'outcome'],
  ],
  stripe_troubles_total: ['counter', 'Tries that were repeated or timed out, calls shed', ['kind']],
  orders_held_back_total: ['counter', 'Reservations refused while payers wait long for a place', []],
  orders_unseen_total: ['counter', 'Orders asked for without what the buyer saw: deprecated', []],
  refunds_failed_total: ['counter', 'Refunds that the provider refused, or that failed after they stood', []],
  disputes_total: ['counter', 'Payments whose dispute was opened or decided', ['status']],
  fraud_warnings_total: ['counter', "Payments of which a buyer's bank warned", []],
  refunds_to_look_at: ['gauge', 'Failed refunds that wait for a person', []],
  cards_declined_total: ['counter', 'Cards that the provider declined', []],
  card_tests_total: ['counter', 'Times in which too many cards were declined for or by somebody', ['by']],
  code_guesses_refused_total: [
    'counter',
    'Codes not looked at, as who said them had said wrong ones',
    ['by'],
  ],
  breaker_state: ['gauge', 'Circuit breaker: 0 closed, 1 half open, 2 open', ['name']],
  streams_open: ['gauge', 'Open server-sent event streams', ['stream']],
  streams_dropped_total: ['counter', 'Streams closed because their reader was too slow', ['stream']],
} as const satisfies Record<string, readonly ['counter' | 'gauge' | 'histogram', string, readonly string[]]>;

type Name = keyof typeof CATALOGUE;

export interface Metrics {
  count(name: Name, labels?: Labels, by?: number): void;
  gauge(name: Name, labels: Labels, value: number): void;
  /** Seconds. */
  observe(name: Name, labels: Labels, seconds: number): void;
  /** The Prometheus text format, and its content type. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** A registry of its own for each host, so that two in one process do not meet. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const instruments = new Map(
    Object.entries(CATALOGUE).map(([name, [kind, help, labelNames]]) => {
      const settings = {
        name: `ticketing_${name}`,
        help,
        labelNames: [...labelNames],
        registers: [registry],
      };
      const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
      const make = {
        counter: () => new Counter(settings),
        gauge: () => new Gauge(settings),
        histogram: () => new Histogram({ ...settings, buckets }),
      };
      return [name, make[kind]()];
    }),
  );
  return {
    count: (name, labels = {}, by = 1) => {
      (instruments.get(name) as Counter).inc(labels, by);
    },
    gauge: (name, labels, value) => {
      (instruments.get(name) as Gauge).set(labels, value);
    },
    observe: (name, labels, seconds) => {
      (instruments.get(name) as Histogram).observe(labels, seconds);
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
