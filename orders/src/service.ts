import { z } from 'zod';
import { inProduction, limitsInProduction } from '@ticketing/common/budget';
import { CodeKey } from '@ticketing/common/codes';
import { integer } from '@ticketing/common/config';
import { MarketCurrency } from '@ticketing/common/contracts/money';
import { guesses, GuessSettings } from '@ticketing/common/guesses';
import { changes, StreamConfig } from '@ticketing/common/http/stream';
import { defineService, type Ports, sweeper } from '@ticketing/common/service';
import { type Commands, commands } from './commands.ts';
import { credit } from './credit.ts';
import { handlers } from './handlers.ts';
import { halls as hallsOf } from './halls.ts';
import { departureModel, endingModel, eventModel, orderModel, ticketModel } from './model.ts';
import { routes, viewWith } from './routes.ts';
import { leftStream } from './routes/left.ts';

/** Orders are reservations: the one authority on who holds a ticket. */
export const orders = defineService({
  name: 'orders',
  config: StreamConfig.extend({
    CURRENCY: MarketCurrency,
    ORDER_HOLD_SECONDS: integer(1, 86_400).default(900),
    PAYMENT_GRACE_SECONDS: integer(0, 20).default(15),
    CHALLENGE_SECONDS: integer(0, 3600).default(600),
    BUYER_CANCEL_SECONDS: integer(0).default(900),
    UNPAID_ORDERS_LIMIT: integer(1, 1000).default(5),
    UNPAID_ORDERS_OF_SALE_LIMIT: integer(1, 1000).default(2),
    UNPAID_TICKETS_LIMIT: integer(1, 10_000).default(20),
    HOLD_AGAIN_PAUSE_SECONDS: integer(0, 86_400).default(1800),
    CODE_KEY: CodeKey,
    ...GuessSettings,
    SEEN_REQUIRED: z.enum(['on', 'off'], 'must be on or off').default('off'),
  }).refine(limitsInProduction, inProduction),
  setup({ config, db, records, clock, ids, random, caughtUp, log, metrics }) {
    const Orders = records(orderModel);
    const Tickets = db.store(ticketModel);
    const Events = db.store(eventModel);
    const Endings = db.store(endingModel);
    const Departures = db.store(departureModel);
    const halls = hallsOf({ Orders, Events, clock, random, log });
    const left = leftStream(halls, config.STREAM_HEARTBEAT_SECONDS);
    const payable = credit(clock);
    const act = commands({
      Orders,
      Tickets,
      Endings,
      Departures,
      halls,
      codeKey: config.CODE_KEY,
      guesses: guesses(config, db, metrics),
      clock,
      ids,
      random,
      caughtUp,
      credit: payable,
      metrics,
      limits: {
        orders: config.UNPAID_ORDERS_LIMIT,
        ordersOfSale: config.UNPAID_ORDERS_OF_SALE_LIMIT,
        tickets: config.UNPAID_TICKETS_LIMIT,
        pauseSeconds: config.HOLD_AGAIN_PAUSE_SECONDS,
        holdSeconds: config.ORDER_HOLD_SECONDS,
      },
      seenRequired: config.SEEN_REQUIRED === 'on',
      graceSeconds: config.PAYMENT_GRACE_SECONDS,
      challengeSeconds: config.CHALLENGE_SECONDS,
      buyerCancelSeconds: config.BUYER_CANCEL_SECONDS,
    });
    const view = viewWith(config.BUYER_CANCEL_SECONDS);
    const stream = changes({
      name: 'orders',
      store: Orders,
      db,
      view,
      without: ['buyer', 'words'],
      audience: ({ userId }) => userId,
      config,
      clock,
      random,
      log,
      metrics,
    });
    return {
      routes: routes({
        act,
        Orders,
        Tickets,
        Events,
        Endings,
        halls,
        left,
        view,
        stream,
        metrics,
        currency: config.CURRENCY,
      }),
      handlers: handlers(act, Tickets, Events, payable),
      jobs: jobs(act, metrics),
      streams: [stream],
      close: async () => {
        await left.close();
        await halls.close();
      },
    };
  },
});

const jobs = (
  { endOrdersOfEvents, expireOverdue, forgetDeparted, sweepWithdrawn }: Commands,
  metrics: Ports['metrics'],
) => [
  sweeper(metrics, 'expire-overdue', 2000, expireOverdue),
  sweeper(metrics, 'withdrawn', 30_000, sweepWithdrawn),
  sweeper(metrics, 'departed', 30_000, forgetDeparted),
  sweeper(metrics, 'events-cancelled', 1000, endOrdersOfEvents),
];
