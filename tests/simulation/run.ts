import { disagreements, type Stored } from '@ticketing/operations/reconcile';
import { isLive, LIVE } from '@ticketing/common/contracts/order';
import { inboxModel } from '@ticketing/common/inbox';
import type { Admission } from '@ticketing/admissions/domain/record';
import { admissionModel, eventModel as eventOfDoorsModel } from '@ticketing/admissions/model';
import { accountModel, sessionModel } from '@ticketing/auth/model';
import type { EventRecord } from '@ticketing/events/domain/record';
import { eventModel } from '@ticketing/events/model';
import { type Order, UNPAID } from '@ticketing/orders/domain';
import { FRESH } from '@ticketing/orders/hall-feed';
import type { Payment } from '@ticketing/payments/domain';
import {
  departureModel,
  endingModel,
  eventModel as knownEventModel,
  orderModel,
  ticketModel as knownTicketModel,
} from '@ticketing/orders/model';
import { cursorModel, orderModel as knownOrderModel, paymentModel } from '@ticketing/payments/model';
import type { Ticket } from '@ticketing/tickets/domain';
import { ticketModel } from '@ticketing/tickets/model';
import type { Recorded } from '@ticketing/common/record';
import type { Doc } from '@ticketing/common/store';
import { short } from './database.ts';
import { faultBudget, LIKELIHOOD, MILD } from './faults.ts';
import type { Backend } from './memory.ts';
import { nothingAttended } from './attend.ts';
import { doorkeeper, lineOf } from './organizer.ts';
import { person, type Promised } from './people.ts';
import { dice } from './random.ts';
import { scheduler } from './scheduler.ts';
import { CHARGED_BACK } from './stripe.ts';
import { SETTINGS, world } from './world.ts';

export interface Plan {
  seed: number;
  people: number;
  /** Deeds of each. */
  acts: number;
  /** How many things may go wrong. */
  faults: number;
  /** Whether the second looks (sweepers) are there; without them faults are mild, and all must hold all the same. */
  nets: boolean;
  /** One sells and withdraws, the others reserve and change their minds. */
  teasing?: boolean;
  /** One sells, the others buy and give back. */
  regretting?: boolean;
  /** One sells, the others pay twice at once, and may change their minds. */
  hasty?: boolean;
  /** One organizes events and changes their mind, the others book. */
  organizing?: boolean;
  /** One organizes events, the others book, hand on, give back, and come to its door. */
  attending?: boolean;
}

export interface Outcome {
  plan: Plan;
  steps: number;
  faults: number;
  /** Which contended operations met in which order: a fingerprint of the interleaving. */
  interleaving: string;
  failure?: string;
  trace: readonly string[];
}

export const WORKLOADS: Record<string, Omit<Plan, 'seed'>> = {
  quiet: { people: 2, acts: 4, faults: 2, nets: true },
  busy: { people: 3, acts: 5, faults: 6, nets: true },
  contended: { people: 4, acts: 4, faults: 8, nets: true },
  teasing: { people: 3, acts: 3, faults: 2, nets: false, teasing: true },
  regretful: { people: 3, acts: 3, faults: 10, nets: true, regretting: true },
  hasty: { people: 3, acts: 3, faults: 30, nets: true, hasty: true },
  organizing: { people: 4, acts: 4, faults: 4, nets: true, organizing: true },
  attending: { people: 4, acts: 6, faults: 6, nets: true, attending: true },
  stubborn: { people: 2, acts: 3, faults: 20, nets: true },
  calm: { people: 4, acts: 4, faults: 4, nets: false },
};

const START = Date.parse('2026-01-01T00:00:00Z');

export const declareAll = async (backend: Backend): Promise<void> => {
  const models = {
    'auth.users': accountModel,
    'auth.sessions': sessionModel,
    'tickets.tickets': ticketModel,
    'orders.orders': orderModel,
    'orders.tickets': knownTicketModel,
    'orders.events': knownEventModel,
    'orders.endings': endingModel,
    'orders.departures': departureModel,
    'events.events': eventModel,
    'payments.payments': paymentModel,
    'payments.orders': knownOrderModel,
    'payments.cursors': cursorModel,
    'admissions.admissions': admissionModel,
    'admissions.events': eventOfDoorsModel,
    ...Object.fromEntries(
      ['auth', 'events', 'tickets', 'orders', 'payments', 'admissions'].map((name) => [
        `${name}.inbox`,
        inboxModel,
      ]),
    ),
  };
  for (const [collection, { schema }] of Object.entries(models)) await backend.declare(collection, schema);
};

/** One run of the whole suite, decided by the plan's seed alone. */
export async function simulate(plan: Plan, backend: Backend): Promise<Outcome> {
  await backend.clear();
  const random = dice(plan.seed);
  const clockwork = scheduler(random.fork(), START, plan.teasing || plan.hasty ? 0.2 : 0.06);
  const faults = faultBudget(random.fork(), plan.faults, plan.nets ? LIKELIHOOD : MILD);
  const broken: string[] = [];
  const met: string[] = [];
  const live = new Map<string, string>();
  /** Orders that `payments` knows to be over, and payments that were recorded as charged although their order was. */
  const over = new Set<string>();
  const owed = new Set<string>();

  /** Every order as it stands. */
  const placed = new Map<string, Order>();
  /** The newest version of each thing that the broker was given. */
  const told = new Map<string, number>();
  /** When `orders` first heard that an order's buyer was sent to the bank. */
  const sentAt = new Map<string, number>();

  const door = doorkeeper();

  /** What must hold at every step. */
  const watcher = {
    wrote(collection: string, before: Doc | undefined, after: Doc) {
      const [old, now] = [before, after] as {
        version?: number;
        status?: string;
        items?: { ticketId: string }[];
        returned?: { ticketId: string }[];
      }[];
      if (old?.version !== undefined && (now?.version ?? 0) < old.version) {
        broken.push(
          `${collection} ${short(after._id)} went back from version ${old.version} to ${now?.version}`,
        );
      }
      broken.push(...unlawful(collection, before, after));
      if (RECORDS.includes(collection)) broken.push(...untold(before, after, told, clockwork.now()));
      if (collection === 'events.events') door.heard(after as unknown as EventRecord);
      if (collection === 'orders.orders') broken.push(...door.sold(after as unknown as Order));
      if (collection === 'orders.orders') placed.set(after._id, after as unknown as Order);
      if (collection === 'orders.orders') broken.push(...impatient(before, after, sentAt, clockwork.now()));
      if (collection === 'payments.orders' && !isLive((after as unknown as Order).status))
        over.add(after._id);
      if (collection === 'payments.payments' && old?.status === 'started' && now?.status === 'succeeded') {
        if (over.has((after as unknown as Payment).orderId)) owed.add(after._id);
      }
      if (collection === 'orders.orders' || collection === 'payments.payments')
        met.push(`${short(after._id)}${now?.status?.[0]}`);
      if (collection !== 'orders.orders') return;
      const holds = (LIVE as readonly string[]).includes(now?.status ?? '');
      for (const { ticketId } of now?.returned ?? [])
        if (live.get(ticketId) === after._id) live.delete(ticketId);
      for (const { ticketId } of now?.items ?? []) {
        const holder = live.get(ticketId);
        if (holds && holder !== undefined && holder !== after._id) {
          broken.push(
            `ticket ${short(ticketId)} is in two live orders: ${short(holder)} and ${short(after._id)}`,
          );
        }
        if (holds) live.set(ticketId, after._id);
        else if (holder === after._id) live.delete(ticketId);
      }
    },
    published(id: string, version = 0) {
      told.set(id, Math.max(version, told.get(id) ?? 0));
    },
  };

  const suite = world(clockwork, random.fork(), backend, watcher, faults, plan.nets);
  const promised: Promised = {
    tickets: new Map(),
    withdrawn: new Set(),
    orders: new Map(),
    events: new Map(),
    attended: nothingAttended(),
  };
  const [links, codes] = [[], []];
  const known: string[] = [];
  const events: string[] = [];
  const tooMany = (buyer: string) => {
    const unpaid = [...placed.values()].filter(
      ({ userId, status }) => userId === buyer && (UNPAID as readonly string[]).includes(status),
    );
    const sales = Map.groupBy(unpaid, ({ saleId }) => saleId);
    if ([...sales.values()].some(({ length }) => length > Number(SETTINGS.UNPAID_ORDERS_OF_SALE_LIMIT)))
      broken.push(`${short(buyer)} holds too many unpaid orders of one sale`);
    // Where a process died, or a write failed, there may be one more that was never granted.
    const granted = unpaid.filter(({ _id }) => promised.orders.get(_id)?.direct);
    const tickets = granted.reduce((sum, { items }) => sum + items.length, 0);
    const [orders, most] = [Number(SETTINGS.UNPAID_ORDERS_LIMIT), Number(SETTINGS.UNPAID_TICKETS_LIMIT)];
    if (granted.length > orders || tickets > most)
      broken.push(`${short(buyer)} holds ${granted.length} unpaid orders of ${tickets} tickets`);
  };
  let busy = 0;
  const crowd = Array.from({ length: plan.people }, async (_, number) => {
    busy += 1;
    const own = random.fork();
    const stage = {
      world: suite,
      scheduler: clockwork,
      promised,
      known,
      events,
      owed,
      tooMany,
      teasing: plan.teasing ?? false,
      regretting: plan.regretting ?? false,
      hasty: plan.hasty ?? false,
      organizing: plan.organizing ?? false,
      attending: plan.attending ?? false,
      links,
      codes,
    };
    await person(
      ['ada', 'ben', 'cleo', 'dan', 'eve', 'fay'][number] ?? `person-${number}`,
      number,
      plan.acts,
      own,
      stage,
    );
    busy -= 1;
  });
  const mischief = random.fork();
  let crashes = plan.nets ? Math.ceil(plan.faults / 2) : 0;
  let outages = plan.faults > 2 ? 1 : 0;

  const books = async () => ({
    accounts: (await backend.all('auth.users')) as Stored[],
    knownAccounts: (await backend.all('tickets.accounts')) as Stored[],
    tickets: (await backend.all('tickets.tickets')) as Stored[],
    knownTickets: (await backend.all('orders.tickets')) as Stored[],
    orders: (await backend.all('orders.orders')) as Stored[],
    events: (await backend.all('events.events')) as Stored[],
    knownEvents: (await backend.all('orders.events')) as Stored[],
    knownOrders: (await backend.all('payments.orders')) as Stored[],
    payments: (await backend.all('payments.payments')) as Stored[],
    admissions: (await backend.all('admissions.admissions')) as Stored[],
    admittedEvents: (await backend.all('admissions.events')) as Stored[],
  });

  /** Everything that is still to be done or does not fit, when all should be over. */
  const unsettled = async (): Promise<string[]> => {
    const kept = await books();
    const organized = (await backend.all('events.events')) as Stored[];
    const owing = [
      ...kept.accounts,
      ...organized,
      ...kept.tickets,
      ...kept.orders,
      ...kept.payments,
      ...kept.admissions,
    ].filter(({ pending }) => pending);
    const inboxes = await Promise.all(
      ['tickets', 'orders', 'payments', 'admissions'].map((name) => backend.all(`${name}.inbox`)),
    );
    const failed = inboxes.flat().filter((entry) => (entry as { status?: string }).status !== 'done');
    return [
      ...disagreements(kept, suite.stripe.charges(), new Date(clockwork.now())),
      ...owing.map(({ _id }) => `${short(_id)} has changes not yet published`),
      ...failed.map((entry) => `the inbox still holds ${entry._id}: ${(entry as { error?: string }).error}`),
      ...lies(promised, { ...kept, organized }),
    ];
  };

  const failure = async (): Promise<string | undefined> => {
    try {
      while (busy > 0 && (await clockwork.any(0.03))) {
        if (crashes > 0 && mischief.chance(0.02)) {
          crashes -= 1;
          suite.crashAny();
        }
        if (outages > 0 && mischief.chance(0.01)) {
          outages -= 1;
          suite.broker.down(mischief.chance(0.6));
          clockwork.after(mischief.below(8000), undefined, 'broker', suite.broker.up);
        }
        const [first] = [...broken, ...suite.stripe.violations, ...suite.bugs];
        if (first !== undefined) return first;
      }
      clockwork.say('everything heals');
      faults.heal();
      suite.heal();
      return (await quiesce()) ?? (await turnedAway());
    } catch (error) {
      return `It broke: ${(error as Error).stack}`;
    }
  };

  /** When nothing is under way any more, whoever asks for a place that is free gets one, from any process. */
  const turnedAway = async (): Promise<string | undefined> => {
    // What a process was told within a second it may believe.
    const since = clockwork.now();
    while (clockwork.now() - since <= FRESH) if (!(await clockwork.fair())) await clockwork.wait();
    for (const event of (await backend.all('events.events')) as unknown as EventRecord[]) {
      if (!door.isFree(event, clockwork.now())) continue;
      for (const n of [1, 2, 3, 4]) {
        const user = {
          id: `${n}${event._id.slice(1)}`,
          email: 'last@example.com',
          roles: ['user' as const],
          sessionId: '',
        };
        const lines = [lineOf(event, 0, { quantity: 1 })];
        let reply: { status: number; body: unknown } | undefined;
        const asking = suite
          .request('orders', {
            method: 'post',
            path: '/api/orders',
            user,
            body: { eventId: event._id, lines },
          })
          .then((answer) => (reply = answer));
        while (!reply) if (!(await clockwork.fair())) await clockwork.wait();
        await asking;
        if (reply.status !== 201 && door.isFree(event, clockwork.now()))
          return `somebody was told ${reply.status} ${JSON.stringify(reply.body)} of event ${short(event._id)}, of which a place is free`;
      }
    }
    return undefined;
  };

  const quiesce = async (): Promise<string | undefined> => {
    const deadline = clockwork.now() + (plan.nets ? PATIENCE : IMPATIENCE);
    for (;;) {
      while (await clockwork.fair()) {
        const [first] = [...broken, ...suite.stripe.violations, ...suite.bugs];
        if (first !== undefined) return first;
      }
      const open =
        suite.broker.waiting() + suite.stripe.undelivered() > 0
          ? ['messages are still on their way']
          : await unsettled();
      if (open.length === 0) return undefined;
      if (clockwork.now() > deadline) return open.join('\n');
      await clockwork.wait();
    }
  };

  const found = await failure();
  await Promise.race([Promise.all(crowd), clockwork.settle()]);
  return {
    plan,
    steps: clockwork.steps(),
    faults: faults.count(),
    interleaving: met.join(' '),
    ...(found !== undefined && { failure: found }),
    trace: clockwork.trace,
  };
}

/** Steps that no single document may take. */
function* unlawful(collection: string, before: Doc | undefined, after: Doc) {
  if (collection === 'orders.orders') {
    const [old, now] = [before, after] as Partial<Order>[];
    const paying = Object.values(now?.payments ?? {});
    // Too many cards were declined, and no money is on its way.
    const spent =
      paying.some(({ lastTry }) => lastTry) &&
      !paying.some(({ status }) => status === 'started' || status === 'succeeded');
    if (old?.status === 'awaiting:payment' && now?.reason === 'expired' && !old.extended && !spent) {
      yield `order ${short(after._id)} expired while a payment was in progress, without its grace`;
    }
    if (now?.total === 0 && now.status !== 'complete' && now.status !== 'cancelled')
      yield `order ${short(after._id)} is free, and ${now.status}`;
    if (old?.status === 'complete' && old.dispute?.status === 'open' && now?.status === 'cancelled')
      yield `order ${short(after._id)} was cancelled while its payment was disputed`;
  }
  if (collection === 'tickets.tickets') {
    const { status, holds, title, price } = after as unknown as Ticket;
    const live = Object.values(holds).filter((hold) => hold.live === status);
    if (live.length > 0 && !live.some(({ bought }) => bought?.title === title && bought.price === price))
      yield `ticket ${short(after._id)} shows what nobody bought while it is held`;
  }
  if (collection === 'admissions.admissions') {
    const [old, now] = [before, after] as (Partial<Admission> | undefined)[];
    if ((now?.generation ?? 0) < (old?.generation ?? 0))
      yield `ticket ${short(after._id)} went back to a code that was dead`;
    const ended = old?.status === 'returned' || (old?.status === 'revoked' && old.reason !== 'blocked');
    if (ended && now?.status !== old.status)
      yield `ticket ${short(after._id)} was ${old.status}, and is ${now?.status}`;
    if (old?.status === 'entered' && now?.status === 'returned')
      yield `ticket ${short(after._id)} was given back by who is inside`;
  }
  if (collection === 'payments.payments') {
    const { amount, refund, dispute } = after as Partial<Payment>;
    if (amount === 0) yield `payment ${short(after._id)} is of a free order`;
    if (refund?.status === 'failed' && refund.why === CHARGED_BACK && dispute?.status === 'open')
      yield `payment ${short(after._id)} gave up its refund while the bank decides`;
    if (refund && !refund.cause) yield `payment ${short(after._id)} is to be refunded, and nothing says why`;
  }
}

/** Whoever was sent to the bank in time has the tickets for as long as that may take. */
function* impatient(before: Doc | undefined, after: Doc, sentAt: Map<string, number>, now: number) {
  const [old, order] = [before, after] as (Order | undefined)[];
  const waiting = (one: Order | undefined) =>
    one?.status === 'awaiting:payment' &&
    Object.values(one.payments).some(({ status, challenged }) => status === 'started' && challenged);
  if (waiting(order) && !sentAt.has(after._id)) sentAt.set(after._id, now);
  const least = (sentAt.get(after._id) ?? now) + Number(SETTINGS.CHALLENGE_SECONDS) * 1000 - SKEW;
  if (
    waiting(old) &&
    waiting({ ...order, status: old?.status } as Order) &&
    order?.reason === 'expired' &&
    now < least
  )
    yield `order ${short(after._id)} expired while its buyer was at the bank`;
}

const RECORDS: readonly string[] = [
  'events.events',
  'tickets.tickets',
  'orders.orders',
  'payments.payments',
  'admissions.admissions',
];

/** A first write and a new status are marked as to be told, soon, and no marker goes unless its change was told. */
function* untold(before: Doc | undefined, after: Doc, told: Map<string, number>, now: number) {
  const [old, document] = [before, after] as (Partial<Recorded & { status: string }> | undefined)[];
  const moved = !old || (document?.version !== old.version && document?.status !== old.status);
  const marker = document?.pending;
  // Nobody is told of a draft.
  if (moved && document?.status !== 'draft' && marker?.id !== `${after._id}:${document?.version}`)
    yield `${short(after._id)} was written as version ${document?.version}, and nothing says that it is to be told`;
  if (marker && marker.at.getTime() > now + SKEW) yield `${short(after._id)} is told far too late`;
  const owed = Number(old?.pending?.id.split(':')[1]);
  if (old?.pending && !marker && (told.get(after._id) ?? -1) < owed)
    yield `version ${owed} of ${short(after._id)} counts as told, and was not`;
}

/** How far the clocks of two processes may be apart, in milliseconds. */
const SKEW = 8000;

/** How long healing may take, in virtual milliseconds: holds, grace, retries and the slowest sweeper. */
const PATIENCE = 200_000;
/** Without the second looks it must be over long before a hold would end by itself. */
const IMPATIENCE = 30_000;

/** Acknowledged answers that are not true. */
function* lies(
  { tickets, withdrawn, orders, events, attended }: Promised,
  books: Record<'organized' | 'tickets' | 'orders' | 'payments' | 'admissions', Stored[]>,
) {
  const ticket = new Map(books.tickets.map((one) => [one._id, one]));
  const order = new Map(books.orders.map((one) => [one._id, one]));
  for (const [id, { version, price }] of tickets) {
    const now = ticket.get(id) as Ticket | undefined;
    if (!now || now.version < version) yield `ticket ${short(id)} was acknowledged at version ${version}`;
    if (now?.version === version && (now.edited ?? now).price !== price)
      yield `ticket ${short(id)} was acknowledged at ${price}, and is offered at another price`;
  }
  const event = new Map(books.organized.map((one) => [one._id, one as unknown as EventRecord]));
  for (const [id, { version, cancelled }] of events) {
    const now = event.get(id);
    if (!now || now.version < version) yield `event ${short(id)} was acknowledged at version ${version}`;
    if (cancelled && now?.status !== 'cancelled')
      yield `event ${short(id)} was cancelled, and is ${now?.status}`;
  }
  const admission = new Map(books.admissions.map((one) => [one._id, one as unknown as Admission]));
  for (const id of attended.given) {
    const { status, orderId = '', placeId } = admission.get(id) ?? {};
    if (status !== 'returned') yield `ticket ${short(id)} was given back, and is ${status}`;
    const { returned: gone = [], status: so } = (order.get(orderId) ?? {}) as Partial<Order>;
    const left = gone.find(({ ticketId }) => ticketId === placeId);
    if (so === 'complete' && left?.back !== admission.get(id)?.back)
      yield `ticket ${short(id)} was given back for ${admission.get(id)?.back}, and order ${short(orderId)} says ${left?.back}`;
  }
  for (const id of attended.welcomed.keys())
    if (admission.get(id)?.status !== 'entered')
      yield `ticket ${short(id)} let somebody in, and is ${admission.get(id)?.status}`;
  for (const [scan, id] of attended.told)
    if (!admission.get(id)?.scans?.some((one) => one.id === scan))
      yield `a door told that ticket ${short(id)} let somebody in, which nothing says`;
  for (const [id, generation] of attended.generations)
    if ((admission.get(id)?.generation ?? 0) < generation)
      yield `ticket ${short(id)} had a code of generation ${generation}`;
  for (const id of withdrawn)
    if (!ticket.get(id)?.['deletedAt']) yield `ticket ${short(id)} was withdrawn, and is there`;
  for (const [id, { paid, cancelled, returned = [] }] of orders) {
    const status = order.get(id)?.['status'] as string | undefined;
    if (status === undefined) yield `order ${short(id)} was acknowledged, and is not there`;
    if (cancelled && !['cancelled', 'refunded'].includes(status ?? ''))
      yield `order ${short(id)} was cancelled, and is ${status}`;
    const { refund, reason, returned: gone = [] } = (order.get(id) ?? {}) as Partial<Order>;
    for (const one of returned)
      if (!gone.some(({ ticketId }) => ticketId === one))
        yield `ticket ${short(one)} was taken back of order ${short(id)}, which does not say so`;
    const waits = refund?.status === 'failed' || refund?.status === 'closed' || reason === 'returned';
    if (paid && !['complete', 'refunded', ...(waits ? ['cancelled'] : [])].includes(status ?? ''))
      yield `order ${short(id)} was paid, and is ${status}`;
  }
}
