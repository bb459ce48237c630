import { z } from 'zod';
import { inProduction, limitsInProduction, RateLimit } from '@ticketing/common/budget';
import { integer } from '@ticketing/common/config';
import { defineService, type Job, type Ports, sweeper } from '@ticketing/common/service';
import { type Commands, commands } from './commands.ts';
import type { Gateway } from './gateway.ts';
import type { GatewayEvent } from './resilience.ts';
import { handlers } from './handlers.ts';
import { cursorModel, orderModel, paymentModel } from './model.ts';
import { routes } from './routes.ts';

export const PaymentsConfig = z
  .object({
    STRIPE_KEY: z.string().min(1).describe("Stripe's secret key"),
    STRIPE_WEBHOOK_SECRET: z.string().min(1).describe("the secret that signs Stripe's webhooks"),
    STRIPE_URL: z.url('must be a URL').optional().describe("an origin that stands in for Stripe's"),
    PAYMENT_RECOVERY_SECONDS: integer(1, 600).default(30),
    PAYMENT_BEGIN_SECONDS: integer(0, 60).default(5),
    PAYMENT_GRACE_SECONDS: integer(0, 20).default(15),
    PROVIDER_SWEEP_SECONDS: integer(5, 86_400).default(300),
    REFUND_PAUSE_SECONDS: integer(5, 86_400).default(900),
    ...RateLimit,
    CARD_TRIES_WINDOW_SECONDS: integer(60, 86_400).default(3600),
    CARD_TRIES_PER_ORDER: integer(1, 1000).default(10),
    CARD_TRIES_PER_USER: integer(1, 1000).default(20),
    CARD_TRIES_PER_ADDRESS: integer(1, 10_000).default(60),
    CARD_TRIES_PER_CARD: integer(1, 1000).default(20),
  })
  .refine(limitsInProduction, inProduction);

type Settings = z.output<typeof PaymentsConfig>;

/** Payments and refunds; the gateway is the door to Stripe. */
export const payments = (
  openGateway: (config: Settings, onEvent: (event: GatewayEvent) => void) => Gateway,
) =>
  defineService({
    name: 'payments',
    config: PaymentsConfig,
    setup({ config, db, records, clock, ids, caughtUp, log, metrics }) {
      const gateway = openGateway(config, telling(metrics, log));
      const Payments = records(paymentModel);
      const Orders = db.store(orderModel);
      const act = commands({
        Payments,
        Orders,
        gateway,
        clock,
        ids,
        caughtUp,
        log,
        metrics,
        Cursors: db.store(cursorModel),
        everyMs: config.PROVIDER_SWEEP_SECONDS * 1000,
        beginSeconds: config.PAYMENT_BEGIN_SECONDS,
        graceSeconds: config.PAYMENT_GRACE_SECONDS,
        tryLimits: tryLimits(config),
        longestPauseMs: config.REFUND_PAUSE_SECONDS * 1000,
      });
      return {
        routes: routes(act, Payments, gateway),
        handlers: handlers(act, Orders),
        jobs: jobs(act, {
          recoveryMs: config.PAYMENT_RECOVERY_SECONDS * 1000,
          everyMs: config.PROVIDER_SWEEP_SECONDS * 1000,
          metrics,
          clock,
        }),
        degraded: () => (gateway.breaker === 'closed' ? [] : ['stripe']),
      };
    },
  });

/** Cards may be tested where rates are not limited, which production refuses. */
const tryLimits = (config: Settings) =>
  config.RATE_LIMIT === 'off'
    ? undefined
    : {
        perOrder: config.CARD_TRIES_PER_ORDER,
        perUser: config.CARD_TRIES_PER_USER,
        perAddress: config.CARD_TRIES_PER_ADDRESS,
        perCard: config.CARD_TRIES_PER_CARD,
        windowMs: config.CARD_TRIES_WINDOW_SECONDS * 1000,
      };

const BREAKER = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What goes on between us and Stripe, as an operator sees it. */
const telling = (metrics: Ports['metrics'], log: Ports['log']) => {
  metrics.gauge('breaker_state', { name: 'stripe' }, BREAKER.closed);
  return (event: GatewayEvent): void => {
    switch (event.kind) {
      case 'call':
        return metrics.observe(
          'stripe_call_duration_seconds',
          { operation: event.operation, outcome: event.outcome },
          event.seconds,
        );
      case 'breaker':
        metrics.gauge('breaker_state', { name: 'stripe' }, BREAKER[event.state]);
        return log.warn({ state: event.state }, 'the circuit breaker before Stripe changed its state');
      case 'retry':
      case 'timeout':
      case 'shed':
        return metrics.count('stripe_troubles_total', { kind: event.kind });
    }
  };
};

/** How far back the sweeper looks for charges of orders that are over, in milliseconds. */
const LOOK_BACK = 3600_000;

const jobs = (
  { recover, finishRefunds, forgetTries, sweepOwed, sweepProvider }: Commands,
  {
    recoveryMs,
    everyMs,
    metrics,
    clock,
  }: { recoveryMs: number; everyMs: number } & Pick<Ports, 'metrics' | 'clock'>,
): Job[] => [
  sweeper(metrics, 'recover', 2000, () => recover(recoveryMs)),
  sweeper(metrics, 'refunds', 5000, finishRefunds),
  // More often than it asks, as it may be another process's turn.
  { name: 'provider', every: everyMs / 5, run: sweepProvider },
  { name: 'tries', every: 60_000, run: forgetTries },
  sweeper(metrics, 'owed', 30_000, () => sweepOwed(new Date(clock.now().getTime() - LOOK_BACK))),
];
