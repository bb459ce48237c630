import { changes, StreamConfig } from '@ticketing/common/http/stream';
import { defineService } from '@ticketing/common/service';
import { commands } from './commands.ts';
import { handlers } from './handlers.ts';
import { ticketModel } from './model.ts';
import { routes, view } from './routes.ts';

/** Tickets on sale. Learns from `orders` which are held. */
export const tickets = defineService({
  name: 'tickets',
  config: StreamConfig,
  setup({ config, records, db, clock, ids, random, log, metrics }) {
    const Tickets = records(ticketModel);
    const act = commands({ Tickets, clock, ids });
    const stream = changes({
      name: 'tickets',
      store: Tickets,
      db,
      view,
      without: ['holds'],
      config,
      clock,
      random,
      log,
      metrics,
    });
    return { routes: routes(act, Tickets, stream), handlers: handlers(act), streams: [stream] };
  },
});
