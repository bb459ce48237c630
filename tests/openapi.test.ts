import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Router } from 'express';
import { z } from 'zod';
import { EventCancelled, EventPublished, type EventState } from '@ticketing/common/contracts/event';
import { listRoutes, openapi } from '@ticketing/common/http/openapi';
import { anyone } from '@ticketing/common/http/route';
import { defineService } from '@ticketing/common/service';
import { systemIds } from '@ticketing/common/runtime';
import { eventually, tell, testHost, type TestHost } from '@ticketing/common/testing';
import { eventWith } from '@ticketing/common/testing-event';
import { type Sandbox, startSandbox } from '@ticketing/sandbox/sandbox';
import { suite } from '@ticketing/suite/suite';
import { orderFor } from '@ticketing/suite/api';
import { type Document, documentedClient, operationsOf } from './openapi/documented.ts';

const mongoUrl = process.env['TEST_MONGO_URL']!;
const secret = 'whsec_of_this_test';
const names = ['users', 'events', 'tickets', 'orders', 'payments', 'admissions'];

/** A PNG of one pixel. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
let sandbox: Sandbox;
let host: TestHost;
let documents: Document[];

beforeAll(async () => {
  sandbox = await startSandbox({ mongoUrl, database: `test-openapi-${process.pid}` });
  const env = {
    STRIPE_KEY: 'sk_test_openapi',
    STRIPE_WEBHOOK_SECRET: secret,
    STRIPE_URL: sandbox.url,
    RATE_LIMIT: 'off',
  };
  host = await testHost(suite, { mongoUrl, env });
  documents = await Promise.all(
    names.map(
      async (name) => (await (await fetch(`${host.url}/api/${name}/openapi.json`)).json()) as Document,
    ),
  );
});

afterAll(async () => {
  await host.destroy();
  await sandbox.close();
});

/** The routes that an application serves under `/api`, whatever router they come from. */
const served = ({ app }: Pick<TestHost, 'app'>) =>
  (app.router.stack as unknown as { handle: Partial<Router> }[])
    .flatMap(({ handle }) => ('stack' in handle ? listRoutes(handle as Router) : []))
    .filter(({ path }) => !/^\/(alive|health|metrics|api\/\w+\/openapi\.json)$/.test(path));

const undocumented = (host: Pick<TestHost, 'app'>, documents: readonly Document[]) => {
  const documented = new Set(documents.flatMap(operationsOf).map(({ method, path }) => `${method} ${path}`));
  return served(host)
    .filter(
      ({ method, path, spec }) => !spec || !documented.has(`${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
    )
    .map(({ method, path }) => `${method} ${path}`);
};

describe('the documents', () => {
  test('each is valid OpenAPI 3.1', async () => {
    for (const document of documents) {
      const validator = new Validator();
      expect(await validator.validate({ ...structuredClone(document) })).toEqual({ valid: true });
      expect(validator.version).toBe('3.1');
    }
  });

  test('one that is not valid is told apart', async () => {
    const wrong = { ...documents[0], paths: { 'no-slash': { get: { responses: 'none' } } } };
    expect(await new Validator().validate(wrong)).toMatchObject({ valid: false });
  });

  test('every route of every service is in one, and each operation has a name of its own', () => {
    expect(served(host).length).toBeGreaterThan(15);
    expect(undocumented(host, documents)).toEqual([]);
    const ids = documents.flatMap(operationsOf).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a method that a path does not take is 405 and names those that it takes; an unknown path is 404', async () => {
    const asked = async (method: string, path: string) => {
      const response = await fetch(host.url + path, { method });
      const { status } = (await response.json()) as { status: number };
      return { status, allow: response.headers.get('allow')?.split(', ').sort() };
    };
    const all = documents.flatMap(operationsOf);
    for (const path of new Set(all.map(({ path }) => path))) {
      const takes = new Set(all.filter((one) => one.path === path).map(({ method }) => method.toUpperCase()));
      const allow = [...takes, ...(takes.has('GET') ? ['HEAD'] : [])].sort();
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((one) => !takes.has(one)))
        expect([path, method, await asked(method, path)]).toEqual([path, method, { status: 405, allow }]);
    }
    for (const path of ['/api', '/api/tickets/1/2', '/api/nothing'])
      expect(await asked('PUT', path)).toEqual({ status: 404, allow: undefined });
  });

  test('a route that goes around the kit is found, however it was added', async () => {
    const routes = Router()
      .get(
        '/api/planted',
        anyone({ summary: 'Fine', replies: { 204: 'nothing' } }, () => ({ status: 204 })),
      )
      .get('/api/planted/bare', (_req, res) => void res.end())
      .all('/api/planted/all', (_req, res) => void res.end())
      .use(
        '/api/planted/below',
        Router().get('/bare', (_req, res) => void res.end()),
      );
    const planted = defineService({
      name: 'planted',
      config: z.object({}),
      setup: () => ({ routes }),
    });
    const host = await testHost([planted], { mongoUrl });
    try {
      const document = openapi('planted', routes, '1.0.0') as unknown as Document;
      expect(undocumented(host, [document])).toEqual([
        'get /api/planted/bare',
        'all /api/planted/all',
        'use router',
      ]);
    } finally {
      await host.destroy();
    }
  });

  test('each parameter says what it is for, and lists say their size', () => {
    const parameters = documents.flatMap(operationsOf).flatMap(({ method, path, operation }) =>
      operation.parameters.map((parameter) => ({
        of: `${method} ${path} ${parameter.name}`,
        ...parameter,
      })),
    );
    const silent = parameters.filter(({ description }) => !description).map(({ of }) => of);
    expect(silent).toEqual([]);
    const limits = parameters.filter(({ name }) => name === 'limit');
    expect(limits.length).toBeGreaterThanOrEqual(3);
    for (const { required, schema } of limits) {
      expect(required).toBe(false);
      expect(schema).toEqual({ type: 'integer', minimum: 1, maximum: 200, default: 50 });
    }
    expect(parameters.find(({ of }) => of === 'get /api/tickets sort')).toMatchObject({
      required: false,
      schema: { enum: ['newest', 'oldest', 'cheapest', 'dearest'], default: 'newest' },
    });
  });
});

describe('the replies of a whole purchase are as documented', () => {
  const walked = new Set<string>();
  const browser = () => documentedClient(host.url, documents, walked);
  const signUp = async (email: string) => {
    const ask = browser();
    expect(
      await ask('POST', '/api/users/signup', { body: { email, password: 'correct horse' } }),
    ).toMatchObject({ status: 201 });
    return ask;
  };
  const sell = async (ask: ReturnType<typeof browser>, body: object = {}) => {
    const offer = { title: 'Row 3, seat 14', price: 2500, ...body };
    const { body: ticket } = await ask('POST', '/api/tickets', { body: offer });
    return ticket as { id: string };
  };
  /** Another service learns of it by an event. */
  const order = (ask: ReturnType<typeof browser>, ticketIds: string[]) =>
    eventually(async () => {
      const { status, body } = await ask('POST', '/api/orders', { body: orderFor(ticketIds) });
      expect(status).toBe(201);
      return body as { id: string };
    });
  const pay = (ask: ReturnType<typeof browser>, orderId: string, paymentMethod: string) =>
    ask('POST', '/api/payments', {
      body: { orderId, paymentMethod },
      headers: { 'Idempotency-Key': `${orderId}-${paymentMethod}` },
    });

  test('accounts and sessions', async () => {
    const account = { email: 'walker@example.com', password: 'correct horse' };
    const ask = await signUp(account.email);
    expect(await ask('POST', '/api/users/signup', { body: account })).toMatchObject({ status: 409 });
    expect(await ask('POST', '/api/users/signin', { body: { ...account, password: 'wrong' } })).toMatchObject(
      { status: 401 },
    );
    expect(await ask('POST', '/api/users/signin', { body: account })).toMatchObject({ status: 200 });
    expect(await ask('POST', '/api/users/refresh')).toMatchObject({ status: 200 });
    expect(await ask('GET', '/api/users/refresh?to=/orders')).toMatchObject({ status: 303 });
    expect(await ask('GET', '/api/users/currentuser')).toMatchObject({
      body: { currentUser: { email: account.email } },
    });
    expect(await ask('PATCH', '/api/users/currentuser', { body: { zone: 'Europe/Paris' } })).toMatchObject({
      body: { currentUser: { zone: 'Europe/Paris' } },
    });
    expect(await ask('PATCH', '/api/users/currentuser', { body: { name: 'Ann' } })).toMatchObject({
      body: { currentUser: { zone: 'Europe/Paris', name: 'Ann' } },
    });
    expect(await ask('PATCH', '/api/users/currentuser', { body: { zone: 'Paris' } })).toMatchObject({
      status: 400,
    });
    const { body: sessions } = (await ask('GET', '/api/users/sessions')) as {
      body: { id: string; current: boolean }[];
    };
    const other = sessions.find(({ current }) => !current)!;
    expect(await ask('DELETE', `/api/users/sessions/${other.id}`)).toMatchObject({ status: 204 });
    expect(await ask('POST', '/api/users/signout')).toMatchObject({ status: 200 });
    expect(await ask('GET', '/api/users/sessions')).toMatchObject({ status: 401 });
    await ask('POST', '/api/users/signin', { body: account });
    expect(await ask('DELETE', '/api/users/sessions')).toMatchObject({ status: 204 });
  });

  test('tickets', async () => {
    const ask = await signUp('seller@example.com');
    const { id } = await sell(ask, { description: 'Aisle' });
    await sell(ask, { saleId: id });
    expect(await ask('POST', '/api/tickets', { body: { title: '', price: 1.5 } })).toMatchObject({
      status: 400,
    });
    const page = await ask('GET', '/api/tickets?limit=1&sort=cheapest&q=row&minPrice=100&status=available');
    expect(page.headers.get('link')).toContain('rel="next"');
    expect(await ask('GET', '/api/tickets?limit=0')).toMatchObject({ status: 400 });
    const sales = await ask('GET', '/api/tickets/sales?q=row&sort=cheapest');
    expect(sales.body).toMatchObject([{ id, left: 2, of: 2 }]);
    expect(await ask('GET', `/api/tickets/sales?sort=cheapest&saleIds=${id}`)).toMatchObject({
      body: sales.body,
    });
    expect(await ask('GET', '/api/tickets/sales/count')).toMatchObject({ body: { count: 1, more: false } });
    expect(await ask('GET', `/api/tickets/${id}`)).toMatchObject({ status: 200 });
    expect(await ask('GET', '/api/tickets/0123456789abcdef01234567')).toMatchObject({ status: 404 });
    expect(await ask('GET', '/api/tickets/stream')).toMatchObject({ status: 200 });
    const headers = { 'If-Match': '"0"' };
    expect(await ask('PATCH', `/api/tickets/${id}`, { body: { price: 2000 }, headers })).toMatchObject({
      status: 200,
    });
    expect(await ask('PATCH', `/api/tickets/${id}`, { body: { price: 2100 }, headers })).toMatchObject({
      status: 412,
    });
    expect(await ask('PUT', `/api/tickets/${id}`, { body: { title: 'Seat', price: 900 } })).toMatchObject({
      status: 200,
    });
    expect(await ask('DELETE', `/api/tickets/${id}`)).toMatchObject({ status: 204 });
  });

  test('orders and payments', async () => {
    const seller = await signUp('seller-of-two@example.com');
    const ask = await signUp('buyer@example.com');
    const [first, second] = [await sell(seller), await sell(seller)];
    const paid = await order(ask, [first.id]);
    expect(await ask('POST', '/api/orders', { body: orderFor([first.id]) })).toMatchObject({ status: 409 });
    const third = await sell(seller);
    await eventually(async () => {
      const { status, headers } = await ask('POST', '/api/orders', { body: { ticketIds: [third.id] } });
      expect([status, headers.has('sunset')]).toEqual([201, true]); // until it is refused
    });
    expect(await pay(ask, paid.id, 'pm_card_chargeDeclined')).toMatchObject({ status: 402 });
    expect(await pay(ask, paid.id, 'pm_card_visa')).toMatchObject({ status: 201 });
    const challenged = await order(ask, [second.id]);
    expect(await pay(ask, challenged.id, 'pm_card_authenticationRequired')).toMatchObject({
      status: 202,
      body: { clientSecret: expect.any(String) },
    });
    await eventually(async () =>
      expect(await ask('GET', `/api/orders/${paid.id}`)).toMatchObject({ body: { status: 'complete' } }),
    );
    expect(await ask('GET', '/api/orders?limit=1&status=complete')).toMatchObject({
      body: [{ id: paid.id }],
    });
    expect(await ask('GET', '/api/orders/stream')).toMatchObject({ status: 200 });
    expect(await seller('GET', '/api/orders')).toMatchObject({ body: [] });
    expect(await seller('GET', '/api/orders?as=seller&status=complete')).toMatchObject({
      body: [{ id: paid.id }],
    });
    expect(await seller('GET', '/api/orders/earnings?days=7&zone=Asia/Tokyo')).toMatchObject({
      body: { earned: 2500, sold: 1, days: [{ amount: 2500 }] },
    });
    expect(await ask('GET', `/api/payments?orderId=${paid.id}`)).toMatchObject({
      body: [{ status: 'succeeded' }, { status: 'failed' }],
    });
    expect(await ask('DELETE', `/api/orders/${paid.id}`)).toMatchObject({ status: 204 });
    await eventually(async () =>
      expect(await ask('GET', `/api/orders/${paid.id}`)).toMatchObject({
        body: { status: 'refunded', reason: 'buyer' },
      }),
    );
  });

  test("Stripe's webhook", async () => {
    const ask = browser();
    const body = JSON.stringify({
      id: 'evt_1',
      object: 'event',
      type: 'customer.created',
      data: { object: {} },
    });
    const time = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
    const send = (headers: Record<string, string>) => ask('POST', '/api/payments/webhook', { body, headers });
    expect(await send({ 'Stripe-Signature': `t=${time},v1=${signature}` })).toMatchObject({ status: 204 });
    expect(await send({ 'Stripe-Signature': `t=${time},v1=00` })).toMatchObject({ status: 400 });
  });

  test('a reply that is not as documented is refused: a field too many, another type, another status', async () => {
    const planted = (change: (schema: { properties: Record<string, object> }) => void) => {
      const wrong = structuredClone(documents);
      const replies = wrong
        .flatMap(operationsOf)
        .find(({ operation }) => operation.operationId === 'postApiTickets');
      change(replies!.operation.responses['201']!.content!['application/json']!.schema as never);
      return { ask: documentedClient(host.url, wrong, new Set()), replies: replies!.operation.responses };
    };
    const fields = ({ ask }: ReturnType<typeof planted>) =>
      ask('POST', '/api/users/signup', {
        body: { email: `${Math.random()}@example.com`, password: 'correct horse' },
      }).then(() => sell(ask));
    await expect(fields(planted(({ properties }) => delete properties['price']))).rejects.toThrow(
      'must NOT have additional',
    );
    await expect(
      fields(planted(({ properties }) => (properties['price'] = { type: 'string' }))),
    ).rejects.toThrow('must be string');
    const moved = planted(() => undefined);
    moved.replies['200'] = moved.replies['201']!;
    delete moved.replies['201'];
    await expect(fields(moved)).rejects.toThrow('201 of POST /api/tickets is not documented');
    await expect(moved.ask('GET', '/api/secret')).rejects.toThrow('GET /api/secret is not documented');
  });

  test('places of an event', async () => {
    const organizer = await signUp('organizer@example.com');
    const { body: me } = (await organizer('GET', '/api/users/currentuser')) as {
      body: { currentUser: { id: string } };
    };
    const at = new Date();
    const later = (hours: number) => new Date(at.getTime() + hours * 3600_000);
    const [id, tierId, poolId, ownerId] = [
      systemIds.next(),
      'a'.repeat(24),
      'b'.repeat(16),
      me.currentUser.id,
    ];
    const event: EventState = {
      id,
      version: 0,
      status: 'published',
      title: 'Evening of songs',
      category: 'music',
      organizer: { name: 'The hall' },
      venue: { name: 'Hall', city: 'Bern' },
      zone: 'Europe/Zurich',
      startsAt: later(24),
      endsAt: later(27),
      currency: 'usd',
      tiers: [{ id: tierId, name: 'Stalls', poolId, price: 2500, taxRate: 810 }],
      pools: [{ id: poolId, capacity: 4, blocks: [{ name: 'A', rows: [{ label: '1', seats: 4 }] }] }],
      returns: { until: later(20), feePercent: 10 },
      createdAt: at,
      updatedAt: at,
      internal: { ownerId, team: [{ userId: ownerId, role: 'owner' }], held: [], codes: [] },
    };
    await tell(host.bus, EventPublished(event));
    const ask = await signUp('guest@example.com');
    const order = { eventId: id, lines: [{ tierId, places: [0, 1], price: 2500 }] };
    await eventually(async () =>
      expect(await ask('POST', '/api/orders', { body: order })).toMatchObject({ status: 201 }),
    );
    expect(await ask('GET', `/api/orders/places?eventId=${id}`)).toMatchObject({
      body: { pools: [{ poolId, left: 2 }] },
    });
    expect(await ask('GET', `/api/orders/places/counts?eventIds=${id}`)).toMatchObject({
      body: [{ eventId: id }],
    });
    expect(await ask('GET', `/api/orders/places/stream?eventId=${id}`)).toMatchObject({ status: 200 });
    const guests = { eventId: id, for: 'guests', lines: [{ tierId, quantity: 1, price: 0 }] };
    const invited = await organizer('POST', '/api/orders', { body: guests });
    expect(invited).toMatchObject({ status: 201 });
    expect(await ask('POST', '/api/orders', { body: guests })).toMatchObject({ status: 403 });
    expect(await organizer('GET', `/api/orders/sales?eventId=${id}&days=7`)).toMatchObject({
      body: { sold: 1, held: 2, tiers: [{ tierId, sold: 1, held: 2 }] },
    });
    expect(await organizer('GET', `/api/orders/placed?eventId=${id}&q=guest`)).toMatchObject({
      body: [{ places: 2, buyer: { email: 'guest@example.com' } }],
    });
    expect(await organizer('GET', `/api/orders/placed/csv?eventId=${id}`)).toMatchObject({ status: 200 });
    const guest = invited.body as { id: string; items: { ticketId: string }[] };
    const ticketId = guest.items[0]!.ticketId;
    const back = { ticketIds: [ticketId], note: 'Cannot come' };
    expect(await organizer('POST', `/api/orders/${guest.id}/returns`, { body: back })).toMatchObject({
      body: { status: 'cancelled', reason: 'returned', returned: [{ ticketId, back: 0 }] },
    });
    await tell(host.bus, EventCancelled({ ...event, version: 1, status: 'cancelled' }));
    await eventually(async () =>
      expect(await organizer('GET', `/api/orders/endings/${id}`)).toMatchObject({
        body: { ended: 1, left: 0 },
      }),
    );
    expect(await ask('GET', '/api/orders')).toMatchObject({
      body: [{ reason: 'event-cancelled', event: { status: 'cancelled' } }],
    });
  });

  test('a ticket of an event, from hand to hand and through the door', async () => {
    const [ask, other] = [await signUp('guests@example.com'), await signUp('friend@example.com')];
    const { body: me } = (await ask('GET', '/api/users/currentuser')) as {
      body: { currentUser: { id: string } };
    };
    const event = eventWith({ team: [{ userId: me.currentUser.id, role: 'owner' }] });
    await tell(host.bus, EventPublished(event));
    const lines = [{ tierId: event.tiers[0]!.id, quantity: 3, price: 0 }];
    const guests = { eventId: event.id, for: 'guests', lines };
    await eventually(async () =>
      expect(await ask('POST', '/api/orders', { body: guests })).toMatchObject({ status: 201 }),
    );
    const [handed, returned] = await eventually(async () => {
      const { body } = await ask('GET', '/api/admissions?when=coming&limit=5');
      expect(body).toHaveLength(3);
      return body as [{ id: string }, { id: string }];
    });
    const path = `/api/admissions/${handed.id}`;
    const { orderId } = (await ask('GET', path)).body as { orderId: string };
    for (const file of [`${path}/pdf`, `${path}/calendar`, `/api/admissions/orders/${orderId}/pdf`])
      expect(await ask('GET', file)).toMatchObject({ status: 200 });
    expect(await ask('GET', '/api/admissions/keys')).toMatchObject({ status: 200 });
    expect(await ask('GET', '/api/admissions/stream')).toMatchObject({ status: 200 });
    expect(await ask('PATCH', path, { body: { name: 'Ada' } })).toMatchObject({ body: { name: 'Ada' } });
    expect(await ask('POST', `${path}/link`)).toMatchObject({ status: 201 });
    expect(await ask('DELETE', `${path}/link`)).toMatchObject({ status: 204 });
    const { token } = (await ask('POST', `${path}/link`)).body as { token: string };
    expect(await other('POST', '/api/admissions/claims', { body: { token } })).toMatchObject({ status: 200 });
    expect(await ask('GET', path)).toMatchObject({ status: 404 });
    expect(await ask('PUT', `${path}/block`, { body: { note: 'Lost' } })).toMatchObject({ status: 204 });
    expect(await other('GET', path)).toMatchObject({ body: { status: 'revoked', reason: 'blocked' } });
    expect(await ask('DELETE', `${path}/block`)).toMatchObject({ status: 204 });
    expect(await other('POST', `${path}/code`)).toMatchObject({ status: 204 });
    const { code } = (await other('GET', path)).body as { code: string };
    const scan = { id: 'scan-of-a-device', code, at: new Date().toISOString() };
    const entries = { door: 'Main', scans: [scan, { ...scan, id: 'another-of-a-device' }, { at: 'now' }] };
    expect(await ask('POST', `/api/admissions/events/${event.id}/entries`, { body: entries })).toMatchObject({
      body: [{ verdict: 'welcome' }, { verdict: 'already-in' }, { verdict: 'malformed' }],
    });
    expect(await other('GET', path)).toMatchObject({ body: { status: 'entered' } });
    const door = `/api/admissions/events/${event.id}`;
    for (const what of ['?status=entered&q=ada', '/counts', '/csv', '/snapshot', '/stream'])
      expect(await ask('GET', `${door}${what}`)).toMatchObject({ status: 200 });
    expect(await other('GET', `${door}/snapshot`)).toMatchObject({ status: 403 });
    const tickets = [returned, handed].map(({ id }) => ({ id, back: 0 }));
    expect(await ask('POST', '/api/admissions/returns', { body: { tickets } })).toMatchObject({
      body: [{ ticket: { status: 'returned', back: 0 } }, { refused: expect.any(String) }],
    });
  });

  test('an event, its codes and its team', async () => {
    const [ask, other] = [await signUp('venue@example.com'), await signUp('helper@example.com')];
    const times = { starts: '2096-12-24T19:00', ends: '2096-12-24T22:00' };
    const wanted = {
      title: 'Evening of songs',
      category: 'concert',
      organizer: { name: 'The hall' },
      venue: { name: 'Hall', city: 'Bern' },
      zone: 'Europe/Zurich',
      ...times,
      pools: [{ capacity: 5 }],
      tiers: [{ name: 'Standing', price: 2500 }],
    };
    const drafted = await ask('POST', '/api/events', { body: wanted });
    expect(drafted).toMatchObject({ status: 201 });
    const { id } = drafted.body as { id: string };
    const event = `/api/events/${id}`;
    expect(await ask('PUT', event, { body: wanted })).toMatchObject({ status: 200 });
    expect(await ask('POST', `${event}/publish`)).toMatchObject({ status: 200 });
    expect(await ask('GET', event)).toMatchObject({ status: 200 });
    expect(await ask('GET', '/api/events')).toMatchObject({ status: 200 });
    const picture = { body: DOT, headers: { 'content-type': 'image/png' } };
    const shown = (await ask('PUT', `${event}/picture`, picture)) as {
      body: { pictures: { href: string }[] };
    };
    const { href } = shown.body.pictures[0]!;
    expect(await ask('GET', href)).toMatchObject({ status: 200 });
    expect(await ask('GET', href, { headers: { 'if-none-match': `"${href.slice(-64)}"` } })).toMatchObject({
      status: 304,
    });
    expect(await ask('GET', `${event}/picture`)).toMatchObject({ status: 307 });
    const text = { ...picture, body: Buffer.from('a') };
    expect(await ask('PUT', `${event}/picture`, text)).toMatchObject({ status: 400 });
    expect(await ask('DELETE', `${event}/picture`)).toMatchObject({ status: 200 });
    expect(await ask('GET', '/api/events')).toMatchObject({ status: 200 });
    const copied = await ask('POST', `${event}/copy`, { body: times });
    const copy = copied.body as { id: string };
    expect(await ask('DELETE', `/api/events/${copy.id}`)).toMatchObject({ status: 204 });
    const code = await ask('POST', `${event}/codes`, { body: { code: 'EARLY', percent: 20 } });
    expect(await other('POST', `${event}/codes/check`, { body: { code: 'early' } })).toMatchObject({
      status: 200,
    });
    const codeId = (code.body as { id: string }).id;
    expect(await ask('DELETE', `${event}/codes/${codeId}`)).toMatchObject({ status: 204 });
    const link = await ask('POST', `${event}/team/links`, { body: { role: 'door' } });
    const { id: linkId, token } = link.body as { id: string; token: string };
    const joined = await other('POST', '/api/events/team', { body: { token } });
    expect(joined).toMatchObject({ status: 200 });
    expect(await ask('DELETE', `${event}/team/links/${linkId}`)).toMatchObject({ status: 204 });
    const helper = (joined.body as { team: { userId: string }[] }).team[1]!.userId;
    expect(await ask('DELETE', `${event}/team/${helper}`)).toMatchObject({ status: 204 });
    const later = {
      starts: '2097-02-01T19:00',
      ends: '2097-02-01T22:00',
      returns: { until: '2097-01-15T00:00' },
    };
    expect(await ask('POST', `${event}/postpone`, { body: later })).toMatchObject({ status: 200 });
    expect(await ask('POST', `${event}/cancel`)).toMatchObject({ status: 200 });
    expect(await ask('GET', '/api/events/stream')).toMatchObject({ status: 200 });
  });

  test('no operation was left out', () => {
    const all = documents.flatMap(operationsOf).map(({ operation }) => operation.operationId);
    expect(all.filter((id) => !walked.has(id))).toEqual([]);
  });
});
