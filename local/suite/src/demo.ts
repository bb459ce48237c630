import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, orderFor, type Visitor, visitor } from './api.ts';
import { priceIn } from './samples.ts';

interface Person {
  name: string;
  who: Visitor;
}
interface Ticket {
  id: string;
  status: string;
}
interface Order {
  id: string;
  status: string;
}
interface Payment {
  status: string;
  clientSecret?: string;
}

/**
 * Walks a purchase through the API of a running suite and reports each request in a line. Rejects with a sentence when
 * a step does not come out as it should.
 */
export async function demo({
  origin,
  report,
}: {
  origin: string;
  report(line: string): void;
}): Promise<void> {
  const run = randomBytes(4).toString('hex');
  const { ask, wait } = stage(report);
  const person = (name: string): Person => ({ name, who: visitor(origin) });
  const [seller, ada, ben] = [person('seller'), person('ada'), person('ben')];

  report('Three people sign up');
  for (const somebody of [seller, ada, ben]) {
    const account = { email: `${somebody.name}-${run}@example.com`, password: 'tickets-please' };
    await ask(somebody, 'POST /api/users/signup', account, 201);
  }

  const { body: market } = await seller.who.get<{ currency: string }>('/api/orders/earnings');
  const [price, dearer] = [priceIn(2500, market.currency), priceIn(2600, market.currency)];

  report('\nThe seller puts two tickets on sale and changes the price of one');
  const sell = (seat: string) =>
    ask<Ticket>(seller, 'POST /api/tickets', { title: `Demo ${run}, ${seat}`, price }, 201);
  const [first, second] = [await sell('seat 1'), await sell('seat 2')];
  await ask(seller, `PATCH /api/tickets/${first.id}`, { price: dearer }, 200);
  const firstAt = (price: number) => orderFor([first.id], price);
  await wait('orders has heard of the price', async () => {
    const { body } = await ada.who.post<unknown>('/api/orders', firstAt(0));
    return JSON.stringify(body).includes(`now costs ${dearer}`);
  });

  report('\nTwo buyers want the first ticket in the same moment');
  const race = await Promise.all(
    [ada, ben].map(({ who }) => who.post<Order>('/api/orders', firstAt(dearer))),
  );
  for (const [place, { name }] of [ada, ben].entries())
    report(line(name, 'POST /api/orders', firstAt(dearer), race[place]));
  const won = race.find(({ status }) => status === 201);
  const lost = race.find(({ status }) => status === 409);
  if (!won || !lost)
    throw new Error('One of the two should have got the ticket (201), and the other not (409).');
  const [winner, loser] = race[0] === won ? [ada, ben] : [ben, ada];
  const status = async ({ who }: Person, path: string) =>
    (await who.get<{ status: string }>(path)).body.status;
  const becomes = (somebody: Person, path: string, wish: string) =>
    wait(`${path} is ${wish}`, async () => (await status(somebody, path)) === wish);
  const pay = (somebody: Person, { id }: Order, card: string, expected: number) =>
    ask<Payment>(somebody, 'POST /api/payments', { orderId: id, paymentMethod: card }, expected);

  report('\nA declined card leaves the order payable; another card pays it');
  await pay(winner, won.body, 'pm_card_visa_chargeDeclined', 402);
  await becomes(winner, `/api/orders/${won.body.id}`, 'created');
  await pay(winner, won.body, 'pm_card_visa', 201);
  await becomes(winner, `/api/orders/${won.body.id}`, 'complete');
  await becomes(loser, `/api/tickets/${first.id}`, 'sold');

  report('\nThe other buyer takes the second ticket; the bank asks before it pays');
  const order = await ask<Order>(loser, 'POST /api/orders', orderFor([second.id], price), 201);
  const sandbox = await loser.who.get('/sandbox/browser/payment_intent?client_secret=none');
  if (sandbox.headers.get('content-type')?.includes('problem') ?? sandbox.status >= 500) {
    report('  There is no payment sandbox here, so nobody can answer the bank: a card that pays at once');
    await pay(loser, order, 'pm_card_visa', 201);
  } else {
    const { clientSecret } = await pay(loser, order, 'pm_card_authenticationRequired', 202);
    const yes = { client_secret: clientSecret, outcome: 'complete' };
    await ask(loser, 'POST /sandbox/browser/authenticate', yes, 200);
  }
  await becomes(loser, `/api/orders/${order.id}`, 'complete');

  report('\nThe second order is cancelled: the money goes back, the ticket is on sale again');
  await ask(loser, `DELETE /api/orders/${order.id}`, undefined, 204);
  await becomes(loser, `/api/orders/${order.id}`, 'refunded');
  await becomes(loser, `/api/tickets/${second.id}`, 'available');
  report('\nEvery step came out as it should.');
}

/** How long the suite may take to agree about something, in milliseconds. */
const PATIENCE = 120_000;

const stage = (report: (line: string) => void) => ({
  /** Sends a request and reports it; the status must be the expected one. */
  async ask<T>({ name, who }: Person, request: string, body: unknown, expected: number): Promise<T> {
    const [method = '', path = ''] = request.split(' ');
    const send = { POST: who.post<T>, PATCH: who.patch<T>, DELETE: (to: string) => who.delete<T>(to) }[
      method
    ];
    if (!send) throw new Error(`${method} is no method`);
    const answer = await send(path, body);
    report(line(name, request, body, answer));
    if (answer.status === expected) return answer.body;
    throw new Error(`${name}: ${request} should have been answered with ${expected}, not ${answer.status}.`);
  },
  /** Looks until it is so. */
  async wait(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const start = Date.now();
    while (!(await isSo())) {
      if (Date.now() - start > PATIENCE)
        throw new Error(`It was not so after ${PATIENCE / 1000} s: ${what}.`);
      await delay(50);
    }
    report(`         … ${what}, after ${Date.now() - start} ms`);
  },
});

const line = (name: string, request: string, body: unknown, answer: Answer | undefined) =>
  `  ${name.padEnd(6)} ${request} ${body === undefined ? '' : `${brief(body)} `}→ ${answer?.status} ${told(answer?.body)}`;

/** Neither passwords nor the secret of an intent are for a terminal. */
const brief = (body: unknown) =>
  JSON.stringify(body, (key, value: unknown) => (/password|secret/i.test(key) ? '…' : value));

const told = (body: unknown) => {
  const { detail, currentUser, status, reason } = (body ?? {}) as Record<string, unknown>;
  const about = detail ?? (currentUser as { email: string } | undefined)?.email ?? status;
  return [about, reason].filter((part) => typeof part === 'string').join(': ');
};
