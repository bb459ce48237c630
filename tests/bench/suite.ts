import { auth } from '@ticketing/auth/service';
import { host } from '@ticketing/common/host';
import { cluster, embedded } from '@ticketing/common/platform';
import type { Service } from '@ticketing/common/service';
import { suite } from '@ticketing/suite/suite';
import { orders } from '@ticketing/orders/service';
import { tickets } from '@ticketing/tickets/service';
import { events } from '@ticketing/events/service';
import { ready } from './processes.ts';

/** The suite under measurement: one service, or all of them; on NATS Streaming where `NATS_URL` names one. */
const SHAPES: Record<string, readonly Service[]> = {
  monolith: suite,
  auth: [auth()],
  tickets: [tickets],
  orders: [orders],
  events: [events],
  page: [events, orders],
};

const [shape = '', database] = process.argv.slice(2);
// A service's database is called as the service is.
const services = (SHAPES[shape] ?? []).map((one) => (database ? { ...one, name: database } : one));
const running = process.env['NATS_URL']
  ? await host(services, cluster, process.env)
  : await host(services, embedded, process.env);
await running.ready;
ready(Number(new URL(running.url).port), Number(new URL(running.operationalUrl).port), () => running.close());
