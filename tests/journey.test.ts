import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@ticketing/common/testing';
import { orderFor, visitor, type Visitor } from '@ticketing/suite/api';
import { isAlive, type Shape, SHAPES, START_LIMIT, type StartedSuite, startSuite } from './suite.ts';

interface Thing {
  id: string;
  status: string;
  price: number;
  version: number;
  errors: { message: string; field?: string }[];
}

const HOLD_SECONDS = 12;
const ROOT = join(import.meta.dirname, '..');

describe.each(Object.keys(SHAPES) as Shape[])('the suite as %s', (shape) => {
  let suite: StartedSuite;
  let people = 0;

  beforeAll(async () => {
    suite = await startSuite(shape, {
      ORDER_HOLD_SECONDS: String(HOLD_SECONDS),
      PAYMENT_RECOVERY_SECONDS: '3',
      PAYMENT_GRACE_SECONDS: '2',
      PAYMENT_BEGIN_SECONDS: '1',
    });
  }, START_LIMIT);
  afterAll(() => suite.destroy());

  const person = async () => {
    const somebody = visitor(suite.origin);
    const email = `person-${(people += 1)}@example.com`;
    const { status } = await somebody.post('/api/users/signup', { email, password: 'tickets-please' });
    expect(status).toBe(201);
    return somebody;
  };
  const all: Visitor[] = [];
  /** The same people again where they come again: each costs a password's hash. */
  const crowd = async (size: number) => {
    while (all.length < size) all.push(...(await Promise.all(Array.from({ length: 10 }, person))));
    return all.slice(0, size);
  };
  const sell = async (seller: Visitor, more: object = {}) => {
    const { status, body } = await seller.post('/api/tickets', { title: 'Front row', price: 2500, ...more });
    expect(status).toBe(201);
    return body as Thing;
  };
  /** Reserves as soon as `orders` has heard of the tickets. */
  const reserve = async (buyer: Visitor, ...ticketIds: string[]) => {
    return eventually(async () => {
      const { status, body } = await buyer.post<Thing>('/api/orders', orderFor(ticketIds));
      expect(status).toBe(201);
      return body;
    });
  };
  /** Asks again while a busy machine has no place for a whole crowd at once. */
  const tryFor = (buyer: Visitor, ...ticketIds: string[]) =>
    eventually(
      async () => {
        const reply = await buyer.post('/api/orders', orderFor(ticketIds));
        return reply.status !== 503 && reply;
      },
      { within: 120_000, every: 1000 },
    );
  const pay = (buyer: Visitor, orderId: string, paymentMethod = 'pm_card_visa', key?: string) =>
    buyer.post(
      '/api/payments',
      { orderId, paymentMethod },
      key === undefined ? {} : { headers: { 'idempotency-key': key } },
    );
  const becomes = (who: Visitor, path: string, status: string, within = 120_000) =>
    eventually(
      async () => {
        const { body } = await who.get(path);
        expect((body as Thing).status).toBe(status);
      },
      { within },
    );
  const faults = async (fault?: object) => {
    const reply = await fetch(`${suite.running.sandboxUrl}/sandbox/faults`, {
      method: fault ? 'POST' : 'DELETE',
      headers: { 'content-type': 'application/json' },
      ...(fault && { body: JSON.stringify(fault) }),
    });
    expect(reply.ok).toBe(true);
  };

  test('a person signs up, sells, reserves, pays, and holds a ticket that nobody else holds', async () => {
    const [seller, buyer, late] = [await person(), await person(), await person()];
    const ticket = await sell(seller);
    const order = await reserve(buyer, ticket.id);
    expect(order.status).toBe('created');

    const refused = await late.post('/api/orders', orderFor([ticket.id]));
    expect(refused.status).toBe(409);
    expect((refused.body as Thing).errors).toEqual([
      { field: 'ticketIds.0', message: `${ticket.id} is already reserved` },
    ]);
    await becomes(late, `/api/tickets/${ticket.id}`, 'reserved');
    const edit = await seller.patch(`/api/tickets/${ticket.id}`, { price: 9900 });
    expect(edit.status).toBe(409);

    const declined = await pay(buyer, order.id, 'pm_card_chargeDeclined');
    expect(declined.status).toBe(402);
    const paid = await pay(buyer, order.id);
    expect(paid.status).toBe(201);
    await becomes(buyer, `/api/orders/${order.id}`, 'complete');
    await becomes(late, `/api/tickets/${ticket.id}`, 'sold');
    expect((await pay(buyer, order.id)).status).toBe(409);
  });

  test('100 buyers, one ticket: one wins, the others are told which ticket is gone', async () => {
    const [seller, buyers] = [await person(), await crowd(100)];
    const [ticket, looker] = [await sell(seller), await person()];
    await eventually(async () => (await looker.post('/api/orders', orderFor([ticket.id], 1))).status === 409);
    const replies = await Promise.all(buyers.map((buyer) => tryFor(buyer, ticket.id)));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    const losers = replies.filter(({ status }) => status === 409);
    expect(losers).toHaveLength(99);
    for (const { body } of losers) expect((body as Thing).errors[0]?.message).toContain(ticket.id);
  });

  test('200 buyers, 50 tickets, orders that overlap: all or none, and no ticket twice', async () => {
    const [seller, buyers] = [await person(), await crowd(200)];
    const first = await sell(seller);
    const tickets = [first];
    while (tickets.length < 50) tickets.push(await sell(seller, { saleId: first.id }));
    const [last, looker] = [tickets.at(-1)?.id ?? '', await person()];
    await eventually(async () => (await looker.post('/api/orders', orderFor([last], 1))).status === 409);
    const wanted = buyers.map((_, number) =>
      [0, 7, 19].map((step) => tickets[(number + step) % 50]?.id ?? ''),
    );
    const replies = await Promise.all(buyers.map((buyer, n) => tryFor(buyer, ...(wanted[n] ?? []))));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201, 409]));
    const held = replies.flatMap(({ status }, number) => (status === 201 ? (wanted[number] ?? []) : []));
    expect(held.length).toBeGreaterThan(0);
    expect(new Set(held).size).toBe(held.length);
  });

  // Both mostly wait.
  test.concurrent('an unpaid order is over when its hold is, and its ticket is on sale again', async () => {
    const [seller, buyer, next] = [await person(), await person(), await person()];
    const ticket = await sell(seller);
    const order = await reserve(buyer, ticket.id);
    await becomes(buyer, `/api/orders/${order.id}`, 'cancelled', (HOLD_SECONDS + 30) * 1000);
    await becomes(buyer, `/api/tickets/${ticket.id}`, 'available');
    expect((await reserve(next, ticket.id)).status).toBe('created');
  });

  test('a paid order that is cancelled is refunded whole', async () => {
    const [seller, buyer] = [await person(), await person()];
    const ticket = await sell(seller);
    const order = await reserve(buyer, ticket.id);
    expect((await pay(buyer, order.id)).status).toBe(201);
    await becomes(buyer, `/api/orders/${order.id}`, 'complete');
    expect((await seller.delete(`/api/orders/${order.id}`)).status).toBe(204);
    await becomes(buyer, `/api/orders/${order.id}`, 'refunded');
    await becomes(buyer, `/api/tickets/${ticket.id}`, 'available');
  });

  const bought = async (card?: string) => {
    const [seller, buyer] = [await person(), await person()];
    const ticket = await sell(seller);
    const order = await reserve(buyer, ticket.id);
    expect((await pay(buyer, order.id, card)).status).toBe(201);
    await becomes(buyer, `/api/orders/${order.id}`, 'complete');
    const { body } = await buyer.get<Thing[]>(`/api/payments?orderId=${order.id}`);
    return { seller, buyer, ticket, order, paymentId: body[0]?.id ?? '' };
  };
  const shows = (who: Visitor, id: string, expected: object) =>
    eventually(async () => expect((await who.get(`/api/orders/${id}`)).body).toMatchObject(expected), {
      within: 120_000,
    });

  test.concurrent(
    'a refund that fails later is no refund: an operator sees it, tries again, and closes it with a note',
    async () => {
      const { buyer, order, paymentId } = await bought('pm_card_refundFail');
      expect((await buyer.delete(`/api/orders/${order.id}`)).status).toBe(204);
      const failed = { status: 'cancelled', refund: { status: 'failed', amount: 2500 } };
      await shows(buyer, order.id, failed);
      const { output } = await suite.command('refunds', 'list');
      expect(output).toContain(`${paymentId}  order ${order.id}  25.00 USD`);
      expect(await suite.command('refunds', 'retry', paymentId)).toMatchObject({ code: 0 });
      await shows(buyer, order.id, failed);
      expect((await suite.command('refunds', 'close', paymentId)).output).toContain('Usage');
      for (const [note, why] of [
        ['\u200B', '--note must not be empty.'],
        ['By\u0007 cheque', 'no control characters (U+0007).'],
      ] as const)
        expect((await suite.command('refunds', 'close', paymentId, '--note', note)).output).toContain(why);
      await eventually(async () =>
        expect(await suite.command('refunds', 'close', paymentId, '--note', 'Sent by cheque')).toMatchObject({
          code: 0,
        }),
      );
      await shows(buyer, order.id, {
        status: 'cancelled',
        refund: { status: 'closed', amount: 2500, note: 'Sent by cheque' },
      });
      expect((await suite.command('refunds', 'retry', 'f'.repeat(24))).code).toBe(1);
    },
  );

  test('what is given back in the dashboard reaches the order: in part it stays paid, in whole its ticket is free', async () => {
    const { seller, buyer, ticket, order } = await bought();
    const { sandboxUrl, sandboxKey } = suite.running;
    const stripe = async (path: string, body?: Record<string, string>) => {
      const reply = await fetch(`${sandboxUrl}/v1/${path}`, {
        headers: { authorization: `Bearer ${sandboxKey}` },
        ...(body && { method: 'POST', body: new URLSearchParams(body) }),
      });
      return (await reply.json()) as { data: { id: string; metadata: { orderId?: string } }[] };
    };
    const { data } = await stripe('payment_intents?limit=100');
    const payment_intent = data.find(({ metadata }) => metadata.orderId === order.id)?.id ?? '';
    await stripe('refunds', { payment_intent, amount: '700' });
    await shows(buyer, order.id, { status: 'complete', refundedAmount: 700, refundedElsewhere: 700 });
    expect((await seller.get('/api/orders/earnings')).body).toMatchObject({ earned: 1800, refunded: 700 });
    await stripe('refunds', { payment_intent });
    await shows(buyer, order.id, { status: 'refunded', refundedAmount: 2500, refundedElsewhere: 2500 });
    await becomes(buyer, `/api/tickets/${ticket.id}`, 'available');
    expect((await seller.get('/api/orders/earnings')).body).toMatchObject({ earned: 0, refunded: 2500 });
  });

  test('what a seller takes back of an order goes back to its buyer one by one, and can be had again', async () => {
    const [seller, buyer] = [await person(), await person()];
    const first = await sell(seller);
    const { saleId } = first as Thing & { saleId: string };
    const more = [await sell(seller, { saleId, price: 1500 }), await sell(seller, { saleId, price: 1000 })];
    const order = await reserve(buyer, first.id, ...more.map(({ id }) => id));
    expect((await pay(buyer, order.id)).status).toBe(201);
    await shows(buyer, order.id, { status: 'complete', total: 5000 });
    const path = `/api/orders/${order.id}/returns`;
    const [second, third] = more.map(({ id }) => id) as [string, string];
    expect((await buyer.post(path, { ticketIds: [second] })).status).toBe(403);
    // Both at once: the order and the provider see them one after the other.
    const both = await Promise.all(
      [[second], [second, third]].map((ticketIds) => seller.post(path, { ticketIds, note: 'It rains in' })),
    );
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    await shows(buyer, order.id, {
      status: 'complete',
      items: [{ ticketId: first.id }],
      refundedAmount: 2500,
      refund: { status: 'succeeded' },
    });
    await becomes(buyer, `/api/tickets/${second}`, 'available');
    await becomes(buyer, `/api/tickets/${first.id}`, 'sold');
    expect((await seller.get('/api/orders/earnings')).body).toMatchObject({ earned: 2500, refunded: 2500 });
    expect((await seller.post(path, { ticketIds: [first.id] })).status).toBe(200);
    await shows(buyer, order.id, { status: 'refunded', reason: 'returned', refundedAmount: 5000 });
    await becomes(buyer, `/api/tickets/${first.id}`, 'available');
    expect((await seller.get('/api/orders/earnings')).body).toMatchObject({ earned: 0, refunded: 5000 });
  });

  test('a disputed order keeps its ticket until the bank has decided', async () => {
    const { seller, buyer, ticket, order } = await bought('pm_card_createDispute');
    await shows(buyer, order.id, { status: 'complete', dispute: { status: 'open', amount: 2500 } });
    const refused = await seller.delete(`/api/orders/${order.id}`);
    expect([refused.status, (refused.body as { detail: string }).detail]).toEqual([
      409,
      'The payment of this order is disputed; nothing can be undone before the bank decides',
    ]);
    await becomes(buyer, `/api/tickets/${ticket.id}`, 'sold');
    const { sandboxUrl, sandboxKey } = suite.running;
    const headers = { authorization: `Bearer ${sandboxKey}` };
    const disputes = (await (await fetch(`${sandboxUrl}/v1/disputes`, { headers })).json()) as {
      data: { id: string; status: string }[];
    };
    const open = disputes.data.find(({ status }) => status === 'needs_response')?.id;
    await fetch(`${sandboxUrl}/v1/disputes/${open}/close`, { method: 'POST', headers });
    await shows(buyer, order.id, { status: 'refunded', dispute: { status: 'lost', amount: 2500 } });
    await becomes(buyer, `/api/tickets/${ticket.id}`, 'available');
  });

  test('a card that wants authentication completes the order once the buyer has given it', async () => {
    const [seller, buyer] = [await person(), await person()];
    const order = await reserve(buyer, (await sell(seller)).id);
    const asked = await pay(buyer, order.id, 'pm_card_authenticationRequired');
    expect(asked.status).toBe(202);
    const { clientSecret } = asked.body as { clientSecret: string };
    const challenge = { client_secret: clientSecret, outcome: 'complete' };
    expect((await buyer.post('/sandbox/browser/authenticate', challenge)).status).toBe(200);
    await becomes(buyer, `/api/orders/${order.id}`, 'complete');
  });

  test('the answer to a charge is lost: the order is complete all the same, and charged once', async () => {
    const [seller, buyer] = [await person(), await person()];
    const order = await reserve(buyer, (await sell(seller)).id);
    await faults({ kind: 'drop', path: '/confirm', count: 1 });
    try {
      const reply = await pay(buyer, order.id, 'pm_card_visa', `lost-${order.id}`);
      expect([201, 503]).toContain(reply.status);
    } finally {
      await faults();
    }
    await becomes(buyer, `/api/orders/${order.id}`, 'complete');
    const { body } = await buyer.get(`/api/payments?orderId=${order.id}`);
    expect((body as Thing[]).filter(({ status }) => status === 'succeeded')).toHaveLength(1);
  });

  test('while Stripe is out the buyer is asked to wait and keeps the hold', async () => {
    const [seller, buyer] = [await person(), await person()];
    const order = await reserve(buyer, (await sell(seller)).id);
    await faults({ kind: 'error', status: 500 });
    try {
      const reply = await pay(buyer, order.id);
      expect(reply.status).toBe(503);
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await faults();
    }
    const { body } = await buyer.get(`/api/orders/${order.id}`);
    expect(['created', 'awaiting:payment']).toContain((body as Thing).status);
    await eventually(async () => (await pay(buyer, order.id)).status === 201, {
      within: 120_000,
      every: 500,
    });
    await becomes(buyer, `/api/orders/${order.id}`, 'complete');
  });

  test('a change shows in the stream of the market within a second', async () => {
    const seller = await person();
    const watching = new AbortController();
    const stream = await fetch(`${suite.origin}/api/tickets/stream`, { signal: watching.signal });
    let heard = '';
    const listening = (async () => {
      for await (const chunk of stream.body ?? []) heard += Buffer.from(chunk as Uint8Array).toString();
    })().catch(() => undefined);
    const ticket = await sell(seller, { title: 'Seen live' });
    await eventually(() => heard.includes(ticket.id));
    expect((await seller.patch(`/api/tickets/${ticket.id}`, { price: 4200 })).status).toBe(200);
    await eventually(() => heard.includes('"price":4200'));
    watching.abort();
    await listening;
  });

  test.each(['README.md', 'docs/events.md'])('what %s asks by curl is answered as it says', async (page) => {
    const text = await readFile(join(ROOT, page), 'utf8');
    const script = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block]) => block).join('');
    const folder = await mkdtemp(join(tmpdir(), 'ticketing-curl-'));
    try {
      const { stdout } = await promisify(execFile)(
        'bash',
        ['-euc', script.replaceAll('http://localhost:3000', suite.origin)],
        { cwd: folder, timeout: 120_000 },
      );
      let at = 0;
      for (const [, promised = ''] of script.matchAll(/^[^#]*# (".*)$/gm))
        for (const part of promised.split(/(?<=") (?=")/)) {
          const found = stdout.indexOf(part, at);
          expect(found < 0 ? `${part} is missing in\n${stdout.slice(at)}` : part).toBe(part);
          at = found;
        }
      expect(at).toBeGreaterThan(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('the tools for people work on it: seed, demo, dead letters, republish', async () => {
    const commands = [['seed'], ['demo'], ['dead-letters', 'list'], ['republish', 'tickets']] as const;
    await Promise.all(
      commands.map(async ([script, ...args]) => {
        const { code, output } = await suite.command(script, ...args);
        expect({ script, code, output: code === 0 ? '' : output }).toEqual({ script, code: 0, output: '' });
      }),
    );
  });

  test('reconcile finds nothing to complain of', async () => {
    const { code, output } = await suite.command('reconcile');
    expect(output).toContain(': 0 disagreements');
    expect(code).toBe(0);
  });

  test('a process that is killed is started again', async () => {
    const name = shape === 'services' ? 'tickets' : 'monolith';
    const killed = await suite.pidOf(name);
    process.kill(killed, 'SIGKILL');
    await eventually(async () => (await suite.pidOf(name)) !== killed, { within: 120_000 });
    await eventually(async () => (await visitor(suite.origin).get('/api/tickets')).status === 200, {
      within: 120_000,
    });
    expect(suite.output()).toContain('ended (SIGKILL); starting it again');
  });

  test('Ctrl-C ends everything it started, and a second start finds its data', async () => {
    const [seller, pids] = [await person(), [suite.running.pid]];
    const ticket = await sell(seller);
    for (const name of shape === 'services' ? ['auth', 'orders', 'expiration'] : ['monolith'])
      pids.push(await suite.pidOf(name));
    await suite.stop();
    expect(pids.filter(isAlive)).toEqual([]);
    await suite.startAgain();
    expect((await seller.get(`/api/tickets/${ticket.id}`)).body).toMatchObject({
      title: 'Front row',
      price: 2500,
    });
  });
});

test(
  'two suites on two ports do not meet',
  async () => {
    const suites = await Promise.all([startSuite('monolith'), startSuite('monolith')]);
    try {
      const [one, two] = suites.map(({ origin }) => visitor(origin));
      await one?.post('/api/users/signup', { email: 'only-here@example.com', password: 'tickets-please' });
      const elsewhere = await two?.post('/api/users/signin', {
        email: 'only-here@example.com',
        password: 'tickets-please',
      });
      expect(elsewhere?.status).toBe(401);
    } finally {
      await Promise.all(suites.map((suite) => suite.destroy()));
    }
  },
  START_LIMIT,
);
