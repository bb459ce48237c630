import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startSandbox, type Sandbox } from '@ticketing/sandbox/sandbox';
import { sign } from '@ticketing/sandbox/webhooks';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GatewayUnavailable, type Intent, type Refused } from '../src/gateway.ts';
import type { GatewayEvent } from '../src/resilience.ts';
import { eventually } from '@ticketing/common/testing';
import { stripeGateway, type StripeSettings } from '../src/stripe.ts';
import { type RunningEngine, startMongod } from '@ticketing/engines/run';

const key = 'sk_test_gateway';
const webhookSecret = 'whsec_gateway';

let mongod: RunningEngine;
let sandbox: Sandbox;
const received: { body: Buffer; signature: string }[] = [];
let receiverStatus = 200;

const receiver = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    if (receiverStatus === 200)
      received.push({ body: Buffer.concat(chunks), signature: String(req.headers['stripe-signature']) });
    res.writeHead(receiverStatus).end();
  });
});

const start = async () => {
  const { port } = receiver.address() as AddressInfo;
  return startSandbox({
    mongoUrl: mongod.url,
    key,
    webhook: { url: `http://127.0.0.1:${port}/`, secret: webhookSecret },
  });
};

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1');
  [mongod] = await Promise.all([startMongod(), once(receiver, 'listening')]);
  sandbox = await start();
});
afterAll(async () => {
  await sandbox.close();
  receiver.close();
  receiver.closeAllConnections();
  await mongod.stop();
});
afterEach(async () => {
  receiverStatus = 200;
  await release();
});

const gatewayWith = (settings: Partial<StripeSettings> = {}) =>
  stripeGateway({ key, webhookSecret, url: sandbox.url, timeoutMs: 60_000, retryDelayMs: 10, ...settings });

const post = (path: string, body: unknown) =>
  fetch(`${sandbox.url}/sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
/** What a delay holds up goes on. */
const release = () => fetch(`${sandbox.url}/sandbox/faults`, { method: 'DELETE' });
const fault = async (body: object) => expect((await post('faults', body)).status).toBe(201);
const authenticate = (intent: Intent, outcome: 'complete' | 'fail') =>
  post('browser/authenticate', { client_secret: intent.clientSecret, outcome });

const stripe = async (path: string) => {
  const response = await fetch(`${sandbox.url}/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
  return (await response.json()) as { has_more: boolean; data: Record<string, unknown>[] };
};
const chargesOf = async (intent: Intent) => (await stripe(`/charges?payment_intent=${intent.id}`)).data;

const until = <T>(find: () => T | undefined | Promise<T | undefined>) =>
  eventually(async () => (await find()) ?? false);

const newPayment = (amount = 2500) => ({ id: randomUUID(), orderId: randomUUID(), amount, currency: 'usd' });
const gateway = () => gatewayWith();
const whole = ({ id, amount }: ReturnType<typeof newPayment>) => ({ id, amount, attempt: 1 });

const accepted = (answer: Intent | Refused | 'key-used'): Intent => {
  if (answer === 'key-used') throw new Error(answer);
  if ('refused' in answer) throw new Error(answer.refused);
  return answer;
};

const pay = async (paymentMethod: string, port = gateway()) => {
  const payment = newPayment();
  const created = accepted(await port.create(payment));
  const confirmed = await port.confirm(created.id, { id: payment.id, paymentMethod });
  return { payment, created, confirmed, port };
};
const paid = async (paymentMethod: string) => {
  const done = await pay(paymentMethod);
  return { ...done, intent: accepted(done.confirmed) };
};

describe('paying', () => {
  test('an intent is created without a charge and carries our ids', async () => {
    const payment = newPayment(1999);
    const intent = accepted(await gateway().create(payment));
    expect(intent).toMatchObject({ paymentId: payment.id, status: 'requires_payment_method', amount: 1999 });
    expect(await chargesOf(intent)).toEqual([]);
    expect(await stripe(`/payment_intents/${intent.id}`)).toMatchObject({
      metadata: { paymentId: payment.id, orderId: payment.orderId },
    });
  });

  test('creating a payment twice makes one intent', async () => {
    const payment = newPayment();
    const port = gateway();
    expect(await port.create(payment)).toEqual(await port.create(payment));
  });

  test('a good card is charged once', async () => {
    const { intent, port } = await paid('pm_card_visa');
    expect(intent).toMatchObject({ status: 'succeeded' });
    expect(await port.retrieve(intent.id)).toEqual(intent);
    expect(await chargesOf(intent)).toMatchObject([{ amount: 2500, paid: true }]);
  });

  test.each([
    ['pm_card_chargeDeclined', 'generic_decline', 'Your card was declined.'],
    ['pm_card_visa_chargeDeclined', 'generic_decline', 'Your card was declined.'],
    [
      'pm_card_visa_chargeDeclinedInsufficientFunds',
      'insufficient_funds',
      'There is not enough money on this card.',
    ],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'The card has expired.'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'The security code of the card is wrong.'],
    ['pm_card_chargeDeclinedLostCard', 'generic_decline', 'Your card was declined.'],
  ])('%s is declined with %s and takes no money', async (method, code, message) => {
    const { intent, port } = await paid(method);
    expect(intent).toMatchObject({ status: 'requires_payment_method', decline: { code, message } });
    expect(await port.retrieve(intent.id)).toEqual(intent);
    expect(await chargesOf(intent)).toMatchObject([{ paid: false, amount_captured: 0 }]);
  });

  test('a payment method that Stripe does not know is the mistake of the buyer', async () => {
    const { confirmed } = await pay('pm_nothing');
    expect(confirmed).toEqual({
      refused: "No such PaymentMethod: 'pm_nothing'",
      field: 'paymentMethod',
    });
  });

  test('an amount that Stripe does not take is refused', async () => {
    expect(await gateway().create(newPayment(1))).toEqual({
      refused: expect.stringContaining('Amount must be at least'),
    });
  });

  test('a key that Stripe does not know, or no longer, is an outage', async () => {
    const locked = gatewayWith({ key: 'sk_test_other', retries: 0 });
    await expect(locked.create(newPayment())).rejects.toThrow(GatewayUnavailable);
    await expect(locked.retrieve('pi_any')).rejects.toMatchObject({ cause: { statusCode: 401 } });
  });

  test('a card form turns a documented number into a payment method, and refuses a mistyped one', async () => {
    const form = (number: string) =>
      post('browser/payment_methods', { card: { number, exp_month: 12, exp_year: 2034, cvc: '123' } });
    const method = (await (await form('4000 0000 0000 9995')).json()) as { id: string };
    expect((await paid(method.id)).intent.decline?.code).toBe('insufficient_funds');
    const mistyped = await form('4242424242424241');
    expect([mistyped.status, await mistyped.json()]).toMatchObject([
      402,
      { error: { code: 'incorrect_number' } },
    ]);
  });

  test.each(['pm_card_authenticationRequired', 'pm_card_threeDSecure2Required'])(
    '%s is charged only when the buyer has passed the challenge, once',
    async (method) => {
      const { intent, port } = await paid(method);
      expect(intent.status).toBe('requires_action');
      expect(await chargesOf(intent)).toEqual([]);
      const answers = await Promise.all([authenticate(intent, 'complete'), authenticate(intent, 'complete')]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
      expect(await port.retrieve(intent.id)).toMatchObject({ status: 'succeeded' });
      expect(await chargesOf(intent)).toHaveLength(1);
    },
  );

  test('a failed challenge takes no money', async () => {
    const { intent, port } = await paid('pm_card_authenticationRequired');
    await authenticate(intent, 'fail');
    expect(await port.retrieve(intent.id)).toMatchObject({
      status: 'requires_payment_method',
      decline: { code: 'payment_intent_authentication_failure' },
    });
    expect(await chargesOf(intent)).toEqual([]);
  });

  test('a challenge with a guessed client secret is refused', async () => {
    const { intent } = await paid('pm_card_authenticationRequired');
    const guess = await authenticate({ ...intent, clientSecret: `${intent.id}_secret_guess` }, 'complete');
    expect(guess.status).toBe(404);
  });

  test('twenty confirms of one intent at once, each with its own key, charge once', async () => {
    const payment = newPayment();
    const port = gateway();
    const { id } = accepted(await port.create(payment));
    const confirms = Array.from({ length: 20 }, () =>
      port.confirm(id, { id: randomUUID(), paymentMethod: 'pm_card_visa' }),
    );
    for (const intent of await Promise.all(confirms)) expect(intent).toMatchObject({ status: 'succeeded' });
    expect(await chargesOf(await port.retrieve(id))).toHaveLength(1);
  });
});

describe('cancelling and refunding', () => {
  test('a canceled intent cannot be charged; cancelling again shows it canceled', async () => {
    const payment = newPayment();
    const port = gateway();
    const { id } = accepted(await port.create(payment));
    expect(await port.cancel(id)).toMatchObject({ status: 'canceled' });
    expect(await port.cancel(id)).toMatchObject({ status: 'canceled' });
    expect(await port.confirm(id, { id: payment.id, paymentMethod: 'pm_card_visa' })).toMatchObject({
      status: 'canceled',
    });
  });

  test('a succeeded intent is past cancelling', async () => {
    const { intent, port } = await paid('pm_card_visa');
    expect(await port.cancel(intent.id)).toEqual(intent);
  });

  test('refunding twice is one refund, and another attempt is refused', async () => {
    const { intent, payment, port } = await paid('pm_card_visa');
    const first = await port.refund(intent.id, whole(payment));
    expect(first).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(await port.refund(intent.id, whole(payment))).toEqual(first);
    expect(await port.refund(intent.id, { ...whole(payment), attempt: 2 })).toMatchObject({
      refused: expect.stringContaining('has already been refunded'),
    });
    expect(await port.refunds(intent.id, payment)).toEqual([first]);
    expect((await stripe(`/refunds?payment_intent=${intent.id}`)).data).toMatchObject([{ amount: 2500 }]);
    expect(await chargesOf(intent)).toMatchObject([{ amount_refunded: 2500, refunded: true }]);
  });

  test('every page of a list is read', async () => {
    const { payment, intent, port } = await paid('pm_card_visa');
    const make = async () => {
      const form = new URLSearchParams({ payment_intent: intent.id, amount: '1' });
      const headers = { authorization: `Bearer ${key}` };
      const { status } = await fetch(`${sandbox.url}/v1/refunds`, { method: 'POST', headers, body: form });
      expect(status).toBe(200);
    };
    for (let n = 0; n < 102; n++) await make();
    expect(await port.refunds(intent.id, payment)).toHaveLength(102);
  });

  test('a slow refund is pending, then settles and says so', async () => {
    const { intent, payment, port } = await paid('pm_card_pendingRefund');
    expect(await port.refund(intent.id, whole(payment))).toMatchObject({ status: 'pending' });
    await until(() => events(intent).find(({ type }) => type === 'refund.updated'));
    expect((await stripe(`/refunds?payment_intent=${intent.id}`)).data).toMatchObject([
      { status: 'succeeded' },
    ]);
  });
});

describe('when Stripe is in trouble', () => {
  test('an answer lost after the charge is asked for again and charges once', async () => {
    await fault({ kind: 'drop', path: '/confirm', count: 1 });
    const happened: GatewayEvent[] = [];
    const port = gatewayWith({ onEvent: (event) => happened.push(event) });
    const { confirmed } = await pay('pm_card_visa', port);
    expect(confirmed).toMatchObject({ status: 'succeeded' });
    expect(happened).toContainEqual({ kind: 'retry' });
    expect(await chargesOf(confirmed as Intent)).toHaveLength(1);
  });

  test('a decline whose answer is lost is not a second attempt on the card', async () => {
    await fault({ kind: 'drop', path: '/confirm', count: 1 });
    const { intent, payment, port } = await paid('pm_card_chargeDeclined');
    expect(intent.decline?.code).toBe('generic_decline');
    // As recovery after a crash of our own would.
    const again = await port.confirm(intent.id, { id: payment.id, paymentMethod: 'pm_card_chargeDeclined' });
    expect(again).toEqual(intent);
    expect(await chargesOf(intent)).toHaveLength(1);
  });

  test('an error after the charge leaves the outcome unknown, and retrieving tells it', async () => {
    await fault({ kind: 'error', path: '/confirm', after: true, count: 1 });
    const port = gateway();
    const payment = newPayment();
    const { id } = accepted(await port.create(payment));
    await expect(port.confirm(id, { id: payment.id, paymentMethod: 'pm_card_visa' })).rejects.toThrow(
      GatewayUnavailable,
    );
    expect(await port.retrieve(id)).toMatchObject({ status: 'succeeded' });
  });

  test('an error that Stripe keeps under a key holds up neither its payment nor the others', async () => {
    const happened: GatewayEvent[] = [];
    const port = gatewayWith({
      breaker: { failures: 2, halfOpenAfterMs: 60_000 },
      retries: 0,
      timeoutMs: 8000,
      onEvent: (event) => happened.push(event),
    });
    const payment = newPayment();
    const onceLost = async (path: string, act: () => Promise<unknown>) => {
      await fault({ kind: 'error', path, after: true, count: 1 });
      await expect(act()).rejects.toThrow(GatewayUnavailable);
      return act();
    };
    const create = () => port.create(payment);
    const intent = (await onceLost('/payment_intents', create)) as Intent;
    expect(await create()).toEqual(intent);
    const confirm = () => port.confirm(intent.id, { id: payment.id, paymentMethod: 'pm_card_visa' });
    expect(await onceLost('/confirm', confirm)).toMatchObject({ status: 'succeeded' });
    expect(await chargesOf(intent)).toHaveLength(1);
    expect(await onceLost('/refunds', () => port.refund(intent.id, whole(payment)))).toMatchObject({
      refused: expect.stringContaining('has already been refunded'),
    });
    expect(await port.refunds(intent.id, payment)).toMatchObject([{ status: 'succeeded', attempt: 1 }]);
    expect(await chargesOf(intent)).toMatchObject([{ amount_refunded: 2500 }]);
    expect(happened).not.toContainEqual({ kind: 'breaker', state: 'open' });
  });

  test('a passing error is not seen by the caller', async () => {
    await fault({ kind: 'error', count: 1 });
    await fault({ kind: 'error', status: 429, count: 1 });
    expect(await gateway().create(newPayment())).toMatchObject({ status: 'requires_payment_method' });
  });

  test('the breaker opens on an outage, refuses without trying, and closes when Stripe is back', async () => {
    const states: string[] = [];
    const port = gatewayWith({
      retries: 0,
      breaker: { failures: 3, halfOpenAfterMs: 200 },
      onEvent: (event) => event.kind === 'breaker' && states.push(event.state),
    });
    await fault({ kind: 'error' });
    for (let tries = 0; tries < 3; tries += 1)
      await expect(port.retrieve('pi_any')).rejects.toThrow(GatewayUnavailable);
    expect(port.breaker).toBe('open');
    await release();
    await expect(port.create(newPayment())).rejects.toMatchObject({
      message: expect.stringContaining('circuit open'),
    });
    await until(() => port.create(newPayment()).catch(() => undefined));
    expect(port.breaker).toBe('closed');
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  test('declines and mistakes neither open the breaker nor are tried again', async () => {
    const happened: GatewayEvent[] = [];
    const port = gatewayWith({
      breaker: { failures: 1, halfOpenAfterMs: 60_000 },
      onEvent: (event) => happened.push(event),
    });
    await pay('pm_card_chargeDeclined', port);
    await pay('pm_nothing', port);
    await expect(port.retrieve('pi_nothing')).rejects.toThrow(GatewayUnavailable);
    expect(port.breaker).toBe('closed');
    expect(happened.map(({ kind }) => kind)).toEqual(['call', 'call', 'call', 'call', 'call']);
  });

  test('a slow answer is given up, and the charge is not made twice', async () => {
    const port = gatewayWith({ timeoutMs: 1000, retries: 0 });
    const payment = newPayment();
    const { id } = accepted(await port.create(payment));
    await fault({ kind: 'delay', ms: 60_000, path: '/confirm', count: 1 });
    const confirm = () => port.confirm(id, { id: payment.id, paymentMethod: 'pm_card_visa' });
    await expect(confirm()).rejects.toThrow(GatewayUnavailable);
    // While the first is still at work, the same key is answered 409: unavailable too.
    await expect(confirm()).rejects.toMatchObject({ cause: { statusCode: 409 } });
    await release();
    expect(await until(() => confirm().catch(() => undefined))).toMatchObject({ status: 'succeeded' });
    expect(await chargesOf(await port.retrieve(id))).toHaveLength(1);
  });

  test('the bulkhead turns away what exceeds it', async () => {
    await fault({ kind: 'delay', ms: 200 });
    const port = gatewayWith({ concurrency: 2 });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => port.create(newPayment())));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'GatewayUnavailable', cause: { isBulkheadRejectedError: true } },
    });
  });

  test('a gateway that nobody answers is unavailable', async () => {
    const gone = gatewayWith({ url: 'http://127.0.0.1:9', retries: 1 });
    await expect(gone.retrieve('pi_any')).rejects.toThrow(GatewayUnavailable);
  });

  test('a key used for another request is told apart from a refusal, and is no outage', async () => {
    const payment = newPayment();
    const port = gateway();
    await port.create(payment);
    expect(await port.create({ ...payment, amount: 1 + payment.amount })).toBe('key-used');
    expect(await port.create({ ...payment, id: `${payment.id}-small`, amount: 1 })).toHaveProperty('refused');
  });

  test('an intent is found by the payment that it carries, as it is now, among others; one that was not made is not', async () => {
    const { intent, payment, port } = await paid('pm_card_visa');
    const now = new Date();
    for (let n = 0; n < 101; n++) accepted(await port.create(newPayment()));
    expect(await port.find({ id: payment.id, createdAt: now })).toEqual(intent);
    expect(
      await port.find({ id: payment.id, createdAt: new Date(now.getTime() - 48 * 3600_000) }),
    ).toBeUndefined();
    expect(await port.find({ id: 'none', createdAt: now })).toBeUndefined();
  });

  test('a restarted sandbox knows its intents and the answers it gave', async () => {
    const { intent, payment } = await paid('pm_card_visa');
    await sandbox.close();
    sandbox = await start();
    const port = gateway();
    expect(await port.retrieve(intent.id)).toEqual(intent);
    expect(await port.confirm(intent.id, { id: payment.id, paymentMethod: 'pm_card_visa' })).toEqual(intent);
    expect(await chargesOf(intent)).toHaveLength(1);
  });
});

const events = (about: Intent) =>
  received.flatMap(({ body, signature }) => {
    if (gateway().verify(body, signature) === 'unsigned') return [];
    const { type, data } = JSON.parse(body.toString()) as {
      type: string;
      data: { object: { id: string; payment_intent?: string; metadata: Record<string, string> } };
    };
    const { id, payment_intent: intentId = id, metadata } = data.object;
    return intentId === about.id ? [{ type, paymentId: metadata['paymentId'] }] : [];
  });
const typesOf = (about: Intent) => events(about).map(({ type }) => type);

describe('webhooks', () => {
  test('a payment, its refund and a failure are told with our ids', async () => {
    const { intent, payment, port } = await paid('pm_card_visa');
    await port.refund(intent.id, whole(payment));
    await until(() => typesOf(intent).length >= 5 || undefined);
    expect(typesOf(intent).sort()).toEqual([
      'charge.refunded',
      'charge.succeeded',
      'payment_intent.created',
      'payment_intent.succeeded',
      'refund.created',
    ]);
    expect(events(intent).every(({ paymentId }) => paymentId === payment.id)).toBe(true);
    const declined = await paid('pm_card_chargeDeclined');
    await until(() => typesOf(declined.intent).includes('payment_intent.payment_failed') || undefined);
  });

  test('only what Stripe signed, and lately, is believed', async () => {
    const { intent } = await paid('pm_card_visa');
    const { body } = await until(() => received.find(({ body }) => body.includes(intent.id)));
    const now = Math.floor(Date.now() / 1000);
    const { verify } = gateway();
    expect(verify(body, sign(body.toString(), webhookSecret, now))).not.toBe('unsigned');
    expect(verify(body, sign(body.toString(), 'whsec_other', now))).toBe('unsigned');
    expect(verify(body, sign(body.toString(), webhookSecret, now - 3600))).toBe('unsigned');
    expect(verify(Buffer.from(`${body} `), sign(body.toString(), webhookSecret, now))).toBe('unsigned');
    expect(verify(body, 'nonsense')).toBe('unsigned');
    expect(verify(body, '')).toBe('unsigned');
  });

  test('a receiver that fails is tried again until it takes the event', async () => {
    receiverStatus = 500;
    const { intent } = await paid('pm_card_visa');
    receiverStatus = 200;
    await until(() => typesOf(intent).includes('payment_intent.succeeded') || undefined);
  });

  test('events can be held back, doubled and disordered on demand', async () => {
    await fault({ kind: 'webhooks', mode: 'reordered', ms: 300 });
    const disordered = await paid('pm_card_visa');
    await until(() => typesOf(disordered.intent).includes('payment_intent.created') || undefined);
    expect(typesOf(disordered.intent)).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
      'payment_intent.created',
    ]);

    await release();
    await fault({ kind: 'webhooks', mode: 'twice' });
    const doubled = await paid('pm_card_visa');
    await until(() => typesOf(doubled.intent).length === 6 || undefined);

    await release();
    await fault({ kind: 'webhooks', mode: 'off' });
    const silent = await paid('pm_card_visa');
    expect(events(silent.intent)).toEqual([]);
    await release();
    await until(() => typesOf(silent.intent).includes('payment_intent.succeeded') || undefined);
  });
});

describe('the lists that reconcile reads', () => {
  test('charges come newest first, in pages, each once', async () => {
    const intents = [await paid('pm_card_visa'), await paid('pm_card_visa'), await paid('pm_card_visa')];
    const seen: unknown[] = [];
    for (let after = '', more = true; more;) {
      const { data, has_more } = await stripe(`/charges?limit=2${after}`);
      seen.push(...data.map(({ payment_intent }) => payment_intent));
      after = `&starting_after=${String(data.at(-1)?.['id'])}`;
      more = has_more;
    }
    expect(seen.slice(0, 3)).toEqual(intents.map(({ intent }) => intent.id).reverse());
    expect(new Set(seen).size).toBe(seen.length);
  });
});

test('the sandbox knows no other parameters than Stripe', async () => {
  const unknown = await fetch(`${sandbox.url}/v1/payment_intents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: new URLSearchParams({ amount: '100', currency: 'usd', colour: 'red' }),
  });
  expect([unknown.status, await unknown.json()]).toMatchObject([
    400,
    { error: { type: 'invalid_request_error' } },
  ]);
});
