import { MarketCurrency } from '@ticketing/common/contracts/money';
import { changes, StreamConfig } from '@ticketing/common/http/stream';
import { defineService, sweeper } from '@ticketing/common/service';
import { commands } from './commands.ts';
import { handlers } from './handlers.ts';
import { accountModel, ticketModel } from './model.ts';
import { routes } from './routes.ts';
import { view } from './routes/views.ts';
import { formerEdits } from './words-former.ts';

/** Tickets on sale. Learns from `orders` which are held. */
export const tickets = defineService({
  name: 'tickets',
  config: StreamConfig.extend({ CURRENCY: MarketCurrency }),
  setup({ config, records, db, clock, ids, random, log, metrics }) {
    const Tickets = records(ticketModel);
    const Accounts = db.store(accountModel);
    const act = commands({ Tickets, Accounts, clock, ids, currency: config.CURRENCY });
    const stream = changes({
      name: 'tickets',
      store: Tickets,
      db,
      view,
      without: ['holds', 'words'],
      config,
      clock,
      random,
      log,
      metrics,
    });
    return {
      routes: routes(act, Tickets, stream, config.CURRENCY, clock),
      handlers: handlers(act, Accounts),
      jobs: [
        sweeper(metrics, 'words', 1000, act.makeFindable),
        sweeper(metrics, 'words-former', 10_000, formerEdits(Tickets, clock)),
      ],
      streams: [stream],
    };
  },
});
