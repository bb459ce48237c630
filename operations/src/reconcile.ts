import type { Db, Document } from 'mongodb';
import { setTimeout as delay } from 'node:timers/promises';
import { keptOf } from '@ticketing/common/contracts/order';
import { amountText } from '@ticketing/common/currency';
import { OWNERS, withDatabases } from './databases.ts';
import type { Running } from './running.ts';
import { admittedWrongly } from './admitted.ts';
import { chargesOf, type Charge } from './charges.ts';
import { pictureless } from './pictures.ts';
import { knownOtherwise, soldWrongly } from './places.ts';

/** Services may disagree for some seconds after the last command, in milliseconds. */
const SETTLE = 15_000;
/** An unpaid order is over this long after `expiresAt` at the latest, in milliseconds. */
const OVERDUE = 30_000;
const LIVE = ['created', 'awaiting:payment', 'complete'];

type Databases = (service: string) => Db;

/** Checks the invariants of the suite over all its databases; prints each disagreement and resolves with how many. */
export async function reconcile(running: Running, say: (line: string) => void): Promise<number> {
  return withDatabases(running, async (database) => {
    const look = async () =>
      Object.values(await inspected(database, await chargesOf(running))).flat() as string[];
    let found = await look();
    for (
      const deadline = Date.now() + SETTLE;
      found.length > 0 && Date.now() < deadline;
      found = await look()
    ) {
      // A real account is not asked for all its charges twice a second.
      await delay(running.sandboxUrl === undefined ? 5000 : 500);
    }
    for (const line of found) say(`✗ ${line}`);
    const count = async (service: string, collection: string) =>
      database(service).collection(collection).countDocuments();
    const [events, tickets, orders, payments, admissions] = await Promise.all([
      count('events', 'events'),
      count('tickets', 'tickets'),
      count('orders', 'orders'),
      count('payments', 'payments'),
      count('admissions', 'admissions'),
    ]);
    say(
      `${events} events, ${tickets} tickets, ${orders} orders, ${payments} payments, ${admissions} admissions: ${found.length} disagreements.`,
    );
    return found.length;
  });
}

/** What the services have written down, collection by collection. */
export interface Books {
  accounts: readonly Stored[];
  /** The accounts as `tickets` knows them. */
  knownAccounts: readonly Stored[];
  tickets: readonly Stored[];
  /** The tickets as `orders` knows them. */
  knownTickets: readonly Stored[];
  orders: readonly Stored[];
  events: readonly Stored[];
  /** The events as `orders` knows them. */
  knownEvents: readonly Stored[];
  /** The orders as `payments` knows them. */
  knownOrders: readonly Stored[];
  payments: readonly Stored[];
  /** Left out where nobody is admitted to anything. */
  admissions?: readonly Stored[];
  /** The events as `admissions` knows them. */
  admittedEvents?: readonly Stored[];
}

/** What breaks an invariant, by the invariant, each as a sentence. */
export interface Breaches {
  'a ticket is in one live order at most': string[];
  'places are sold as their event says': string[];
  'a place that is kept admits once': string[];
  'money taken ends as a complete order or as a refund': string[];
  'an unpaid order ends in time': string[];
  'the services agree': string[];
}

const breaches = (
  {
    accounts,
    knownAccounts,
    tickets,
    knownTickets,
    orders,
    events,
    knownEvents,
    knownOrders,
    payments,
    admissions,
    admittedEvents,
  }: Books,
  charges: readonly Charge[],
  now: Date,
): Breaches => ({
  'a ticket is in one live order at most': [...soldTwice(orders)],
  'places are sold as their event says': [...soldWrongly(orders, knownEvents)],
  'a place that is kept admits once': admissions ? [...admittedWrongly(admissions, orders)] : [],
  'money taken ends as a complete order or as a refund': [
    ...money(orders, payments),
    ...taken(payments, charges),
  ],
  'an unpaid order ends in time': [...overdue(orders, now)],
  'the services agree': [
    ...heldWrongly(tickets, orders),
    ...replicas('tickets', 'account', accounts, knownAccounts, ['version', 'name']),
    ...calledWrongly(tickets, accounts),
    ...replicas('orders', 'ticket', tickets.map(offered), knownTickets, [
      'version',
      'price',
      'currency',
      'title',
      'saleId',
      'deletedAt',
    ]),
    ...eventsAt('orders', events, knownEvents),
    ...(admittedEvents ? eventsAt('admissions', events, admittedEvents) : []),
    // Its version moves too when an order changes in what it tells nobody.
    ...replicas('payments', 'order', orders, knownOrders, [
      'status',
      'reason',
      'total',
      'currency',
      'expiresAt',
    ]),
  ],
});

const eventsAt = (service: string, events: readonly Stored[], known: readonly Stored[]) => [
  ...replicas(
    service,
    'event',
    events.filter(({ status }) => status !== 'draft'),
    known,
    [],
  ),
  ...knownOtherwise(service, events, known),
];

/** Every breach of an invariant that the books show, as a sentence. */
export const disagreements = (books: Books, charges: readonly Charge[], now: Date): string[] =>
  Object.values(breaches(books, charges, now)).flat() as string[];

/** The breaches that a running suite shows at this moment; some heal by themselves within seconds. */
export const inspect = (running: Running): Promise<Breaches> =>
  withDatabases(running, async (database) => inspected(database, await chargesOf(running)));

/** What of an event takes much room, and nothing here asks for. */
const LARGE = { description: 0, 'pools.blocks': 0 };

async function inspected(database: Databases, charges: readonly Charge[]): Promise<Breaches> {
  const all = async (service: string, collection: string, fields: Document) =>
    database(service).collection<Stored>(collection).find({}, { projection: fields }).toArray();
  const [
    accounts,
    knownAccounts,
    tickets,
    knownTickets,
    orders,
    events,
    knownEvents,
    knownOrders,
    payments,
    admissions,
    admittedEvents,
  ] = await Promise.all([
    all('auth', 'users', { version: 1, name: 1 }),
    all('tickets', 'accounts', { version: 1, name: 1 }),
    all('tickets', 'tickets', { description: 0, pending: 0 }),
    all('orders', 'tickets', { description: 0 }),
    all('orders', 'orders', { pending: 0 }),
    all('events', 'events', { ...LARGE, pending: 0, words: 0, links: 0 }),
    all('orders', 'events', LARGE),
    all('payments', 'orders', { items: 0 }),
    all('payments', 'payments', { pending: 0 }),
    all('admissions', 'admissions', { orderId: 1, placeId: 1, status: 1, reason: 1 }),
    all('admissions', 'events', LARGE),
  ]);
  const waiting = await Promise.all(OWNERS.map((owner) => undelivered(owner, database(owner))));
  const found = breaches(
    {
      accounts,
      knownAccounts,
      tickets,
      knownTickets,
      orders,
      events,
      knownEvents,
      knownOrders,
      payments,
      admissions,
      admittedEvents,
    },
    charges,
    new Date(),
  );
  found['the services agree'].push(...waiting.flat(), ...(await pictureless(database('events'))));
  return found;
}

export type Stored = Document & { _id: string };
const byId = (documents: readonly Stored[]) => new Map(documents.map((document) => [document._id, document]));
const isLive = (order: Document) => LIVE.includes(order['status'] as string);
/** What an order does to its tickets. */
const holdOf = (order: Document) => isLive(order) && (order['status'] === 'complete' ? 'sold' : 'reserved');
const itemsOf = (order: Document) => order['items'] as { ticketId: string; title: string; price: number }[];
const ticketIdsOf = (order: Document) => itemsOf(order).map(({ ticketId }) => ticketId);
/** A ticket as its seller offers it, also while it shows what was bought. */
const offered = (ticket: Stored): Stored => ({ ...ticket, ...(ticket['edited'] as object | undefined) });

function* soldTwice(orders: readonly Stored[]) {
  const holders = new Map<string, string>();
  for (const order of orders.filter(isLive)) {
    for (const ticketId of ticketIdsOf(order)) {
      const other = holders.get(ticketId);
      if (other !== undefined) yield `ticket ${ticketId} is in two live orders: ${other} and ${order._id}`;
      holders.set(ticketId, order._id);
    }
  }
}

function* heldWrongly(tickets: readonly Stored[], orders: readonly Stored[]) {
  const holders = new Map(
    orders.filter(isLive).flatMap((order) => ticketIdsOf(order).map((id) => [id, order] as const)),
  );
  const known = byId(orders);
  for (const ticket of tickets) {
    const holder = holders.get(ticket._id);
    const expected = (holder && holdOf(holder)) || 'available';
    if (ticket['status'] !== expected) {
      yield `ticket ${ticket._id} is ${ticket['status']}, but orders say ${expected}${holder ? ` (order ${holder._id})` : ''}`;
    }
    if (ticket['deletedAt'] && holder)
      yield `ticket ${ticket._id} was withdrawn, but order ${holder._id} is live`;
    const holds = (ticket['holds'] ?? {}) as Record<
      string,
      { version: number; live: string | false; bought?: object }
    >;
    const sold = holder && itemsOf(holder).find(({ ticketId }) => ticketId === ticket._id);
    // Holds of an earlier release do not tell what was bought.
    const shown = sold?.price === ticket['price'] && sold?.title === ticket['title'];
    if (holder && holds[holder._id]?.bought && !shown)
      yield `ticket ${ticket._id} shows another title or price than order ${holder._id} bought it for`;
    for (const [orderId, hold] of Object.entries(holds)) {
      const order = known.get(orderId);
      const inIt = order && itemsOf(order).some(({ ticketId }) => ticketId === ticket._id);
      if (order && (hold.live !== (inIt && holdOf(order)) || hold.version > order['version'])) {
        yield `ticket ${ticket._id} is ${hold.live || 'free'} to version ${hold.version} of order ${orderId}, which is ${order['status']} at ${order['version']}`;
      }
    }
  }
}

function* calledWrongly(tickets: readonly Stored[], accounts: readonly Stored[]) {
  const known = byId(accounts);
  for (const { _id, sellerId, sellerName } of tickets) {
    const seller = known.get(sellerId as string);
    if (seller && seller['name'] !== sellerName)
      yield `ticket ${_id} calls its seller ${sellerId} otherwise than their account`;
  }
}

function* replicas(
  service: string,
  kind: string,
  owned: readonly Stored[],
  kept: readonly Stored[],
  fields: string[],
) {
  const replica = byId(kept);
  for (const document of owned) {
    const copy = replica.get(document._id);
    if (!copy) yield `${service} has not heard of ${kind} ${document._id}`;
    else {
      if (copy['version'] > document['version'])
        yield `${service} has version ${copy['version']} of ${kind} ${document._id}, its owner ${document['version']}`;
      for (const field of fields) {
        const [here, there] = [String(document[field]), String(copy[field])];
        if (here !== there)
          yield `${service} has ${field} ${there} of ${kind} ${document._id}, its owner ${here}`;
      }
    }
  }
  const owner = byId(owned);
  for (const { _id } of kept)
    if (!owner.has(_id)) yield `${service} knows of ${kind} ${_id}, its owner does not`;
}

const isFree = (order: Document) => order['total'] === 0;
/** What an order or a payment is of. */
const costOf = ({ total, amount, currency }: Document) =>
  amountText((amount ?? total) as number, currency as string);

function* money(orders: readonly Stored[], payments: readonly Stored[]) {
  const known = byId(orders);
  const paid = new Map<string, Stored>();
  for (const payment of payments) {
    const order = known.get(payment['orderId'] as string);
    const news = (order?.['payments'] as Record<string, { version: number; status: string }> | undefined)?.[
      payment._id
    ];
    if (!order) yield `payment ${payment._id} is of an order that does not exist`;
    else if (news?.status !== payment['status']) {
      yield `order ${order._id} knows payment ${payment._id} as ${news?.status}, which is ${payment['status']}`;
    }
    if (order && news && (order['refundedAmount'] ?? 0) < (payment['refundedAmount'] ?? 0))
      yield `order ${order._id} says that ${order['refundedAmount'] ?? 0} went back, payment ${payment._id} ${payment['refundedAmount']}`;
    if (order && isFree(order)) yield `payment ${payment._id} is of order ${order._id}, which is free`;
    if (payment['status'] === 'started' && order && !isLive(order)) {
      yield `payment ${payment._id} is still open, but order ${order._id} is ${order['status']}`;
    }
    if (payment['status'] !== 'succeeded') continue;
    if (paid.has(payment['orderId'] as string)) yield `order ${payment['orderId']} was charged twice`;
    paid.set(payment['orderId'] as string, payment);
    if (order?.['status'] !== 'complete' && refundOf(payment) === undefined) {
      yield `payment ${payment._id} took ${costOf(payment)} for order ${payment['orderId']}, which is ${order?.['status']}`;
    } else if (order) yield* givenBack(order, payment);
  }
  for (const order of orders) {
    yield* summed(order);
    const payment = paid.get(order._id);
    // Nothing is paid here for a free one, nor for what was paid elsewhere: both are complete from the beginning.
    const unpaid = isFree(order) || order['paidElsewhere'] === true;
    if (unpaid && payment && !isFree(order)) yield `order ${order._id} was to be paid by nobody, and was`;
    const given = payment ? costOf(payment) : unpaid ? costOf(order) : 'nothing';
    // Of what was paid for all may have left, and what is free stayed.
    if (order['status'] === 'complete' && given !== costOf(order) && (payment || keptIn(order) > 0))
      yield `order ${order._id} of ${costOf(order)} is complete with ${given} paid`;
    if (unpaid && !['complete', 'cancelled'].includes(order['status'] as string))
      yield `order ${order._id} is free, and ${order['status']} instead of complete`;
  }
}

const sumOf = (items: readonly Document[] = [], field: 'price' | 'back' = 'price') =>
  items.reduce((sum, item) => sum + (item[field] as number), 0);

const keptIn = (order: Stored) => keptOf(order as Stored & Parameters<typeof keptOf>[0]);

/** What an order holds, and what left it, is what was ordered. */
function* summed({ _id, reason, items, returned, total }: Stored) {
  const held = reason === 'returned' ? 0 : sumOf(items as Document[]);
  const sum = held + sumOf(returned as Document[]);
  if (sum !== total) yield `order ${_id} is of ${total}, its items of ${sum}`;
}

/** What an order does not keep goes back, and no more. */
function* givenBack(order: Stored, payment: Stored) {
  const kept = keptIn(order);
  const amount = payment['amount'] as number;
  const refund = payment['refund'] as { keep?: number; closed?: number } | undefined;
  const keep = refund ? (refund.keep ?? 0) : amount;
  if (keep !== kept && (refund || returnedOf(payment) < amount - kept))
    yield `payment ${payment._id} keeps ${keep}, its order ${order._id} ${kept}`;
  const dispute = payment['dispute'] as { status: string; amount: number } | undefined;
  const others =
    ((payment['refundedElsewhere'] as number | undefined) ?? 0) +
    (dispute?.status === 'lost' ? dispute.amount : 0);
  const ours = returnedOf(payment) - others;
  if (ours > amount - kept)
    yield `payment ${payment._id} gave back ${ours}, its order ${order._id} keeps ${kept} of ${amount}`;
  const closed = refund?.closed ?? 0;
  if (refundOf(payment) === 'succeeded' && ours + others < amount - kept - closed)
    yield `payment ${payment._id} is done with giving back, which is ${ours + others} of ${amount - kept}`;
}

/** How far a decided refund came: under way, or seen by a person; undefined when the money is simply kept. */
const refundOf = (payment: Document) =>
  (payment['refund'] as { status?: 'pending' | 'succeeded' | 'failed' | 'closed' } | undefined)?.status;
/** Refunds made before amounts were kept were whole. */
const returnedOf = ({ status, amount, refundedAmount }: Document) =>
  (refundedAmount ?? (status === 'refunded' ? amount : 0)) as number;

/** What the payment provider says it took, against what `payments` has written down. */
function* taken(payments: readonly Stored[], charges: readonly Charge[]) {
  const known = byId(payments);
  for (const { paymentId, amount, currency, returned, pending } of charges) {
    const say = (some: number) => amountText(some, currency);
    const payment = known.get(paymentId);
    const status = payment?.['status'] as string | undefined;
    const expected = returned >= amount ? 'refunded' : 'succeeded';
    if (!payment || status !== expected)
      yield `the provider has payment ${paymentId} as ${expected}, payments as ${status ?? 'unknown'}`;
    if (!payment) continue;
    if (payment['amount'] !== amount || payment['currency'] !== currency)
      yield `the provider took ${say(amount)} for payment ${paymentId}, which is of ${costOf(payment)}`;
    if (returnedOf(payment) !== returned)
      yield `the provider gave back ${say(returned)} of payment ${paymentId}, payments knows of ${say(returnedOf(payment))}`;
    if (returned + pending > amount)
      yield `the provider gives back ${say(returned + pending)} of payment ${paymentId}, more than the ${say(amount)} it took`;
    if (refundOf(payment) === 'pending' && pending === 0)
      yield `payment ${paymentId} is to be given back, and the provider has no refund of it under way`;
  }
  const charged = new Set(charges.map(({ paymentId }) => paymentId));
  for (const { _id, status } of payments) {
    const needsCharge = status === 'succeeded' || status === 'refunded';
    if (charges.length > 0 && needsCharge && !charged.has(_id))
      yield `payment ${_id} is ${status}, but the provider took nothing`;
  }
}

function* overdue(orders: readonly Stored[], now: Date) {
  for (const { _id, status, expiresAt } of orders) {
    const open = status === 'created' || status === 'awaiting:payment';
    if (open && now.getTime() > (expiresAt as Date).getTime() + OVERDUE) {
      yield `order ${_id} is ${status}, but its hold ended at ${(expiresAt as Date).toISOString()}`;
    }
  }
}

async function undelivered(service: string, db: Db): Promise<string[]> {
  const lines: string[] = [];
  for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
    const untold = [{ 'pending.at': { $exists: true } }, { 'outbox.time': { $gt: '' } }];
    const stuck = await db.collection(name).countDocuments({ $or: untold });
    if (stuck > 0) lines.push(`${service} has ${stuck} ${name} with changes not yet published`);
  }
  for await (const { _id, status, error } of db
    .collection<Stored>('inbox')
    .find({ status: { $ne: 'done' } })) {
    lines.push(`${service} has a ${status === 'dead' ? 'dead letter' : 'waiting event'} ${_id}: ${error}`);
  }
  return lines;
}
