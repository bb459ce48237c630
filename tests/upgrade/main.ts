import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@ticketing/common/testing';
import { startMongod, startNats, startRedis } from '@ticketing/engines/run';
import { orderFor, visitor } from '@ticketing/suite/api';
import { demo } from '@ticketing/suite/demo';
import { MongoClient } from 'mongodb';
import { must, step, tally } from '../stage.ts';
import { type StartedSuite, startSuite } from '../suite.ts';
import { type History, live, purchase, read, settled, sign, WITHIN } from './before.ts';
import { admits, callOff, organize, type Organized, stands, ticketsOf, unadmitted } from './organized.ts';
import { release } from './release.ts';

// From a release before to this one, and back: docs/upgrade.md. Every step is done on the data that the ones before left.
const [BEFORE = 'b358c62'] = process.argv.slice(2);

const alive = setInterval(() => undefined, 60_000);
const home = await mkdtemp(join(tmpdir(), 'ticketing-upgrade-'));
const [mongo, nats, redis] = await Promise.all([
  startMongod({ dataDir: join(home, 'mongod') }),
  startNats({ dataDir: join(home, 'nats') }),
  startRedis({ dataDir: join(home, 'redis') }),
]);
const engines = { MONGO_URL: mongo.url, NATS_URL: nats.url, REDIS_URL: redis.url };
const client = await MongoClient.connect(mongo.url);
const suites: StartedSuite[] = [];
const started = async (...args: Parameters<typeof startSuite>) => {
  const suite = await startSuite(...args);
  suites.push(suite);
  return suite;
};
const agreed = async (suite: StartedSuite) => {
  await eventually(() => settled(client), WITHIN);
  return eventually(async () => {
    const { code, output } = await suite.command('reconcile');
    must(code === 0, () => output);
    return output.trim().split('\n').at(-1) ?? '';
  }, WITHIN);
};
/** Tells again what changed since, as for a broker that came back empty. */
const republished = async (suite: StartedSuite, service: string, since = new Date(0)) => {
  const late = delay(WITHIN.within, undefined, { ref: false }).then(() => {
    throw new Error(`${service} cannot tell again what it has`);
  });
  const { code, output } = await Promise.race([
    suite.command('republish', service, '--since', since.toISOString()),
    late,
  ]);
  must(code === 0, () => output);
};
const finds = async ({ origin }: StartedSuite, q: string, ticketId: string) => {
  const { status, body } = await visitor(origin).get<{ id: string }[]>(`/api/tickets?limit=200&q=${q}`);
  must(status === 200, () => `the search for ${q} is answered with ${status}`);
  must(
    body.some(({ id }) => id === ticketId),
    () => `${q} does not find ${ticketId}`,
  );
};
/** The one before does not know the time zone of an account, in tokens either, and leaves it as it is. */
const keepsItsZone = async (now: StartedSuite, before: StartedSuite, email: string) => {
  const somebody = visitor(now.origin);
  await sign(somebody, email, 'in');
  const said = await somebody.patch('/api/users/currentuser', { zone: 'Asia/Tokyo' });
  must(said.status === 200, () => `a time zone is answered with ${said.status}`);
  await sign(visitor(before.origin), email, 'in');
  const again = visitor(now.origin);
  await sign(again, email, 'in');
  const { currentUser } = (await again.get('/api/users/currentuser')).body;
  must(currentUser?.zone === 'Asia/Tokyo', () => `the time zone is ${currentUser?.zone}`);
};
const bought = async ({ origin }: StartedSuite) => {
  let lines = 0;
  await demo({ origin, report: () => (lines += 1) });
  return `${lines} lines, every step came out as it should`;
};

try {
  let code = '';
  let before = undefined as unknown as StartedSuite;
  let history = undefined as unknown as History;
  let organized: Organized | undefined;
  let now = undefined as unknown as StartedSuite;

  await step(`the release before, ${BEFORE}, is used until everything is there, and killed`, async () => {
    code = await release(BEFORE);
    before = await started('services', engines, { code });
    organized = await organize(before);
    history = await live(before, nats);
    await before.kill();
    await nats.restart();
    return `orders: ${Object.values(history.orders)
      .map(({ status }) => status)
      .join(', ')}; one that nobody heard of`;
  });

  await step('this release takes it over: what was acknowledged is there', async () => {
    now = await started('services', engines, { after: before });
    for (const [what, told] of Object.entries({ ...history.orders, unheard: history.unheard.order })) {
      const { status } = await read(history.buyer, told);
      must(status === told.status, () => `the order ${what} was ${told.status} and is ${status}`);
    }
    if (organized) await stands(organized);
    return agreed(now);
  });

  await step('what the one before left can be told again, to whoever lost it', async () => {
    for (const service of ['auth', 'tickets', 'orders', 'payments', 'admissions'])
      await republished(now, service);
    const { status } = await history.buyer.get('/api/payments');
    must(status === 200, () => `the buyer's payments are answered with ${status}`);
    return agreed(now);
  });

  await step('who was signed in is, and gets tokens of now', async () => {
    const { buyer, email } = history;
    const page = await buyer.get<string>('/');
    must(page.body.includes(email), () => 'the page does not know the buyer');
    const { status } = await buyer.post('/api/users/refresh', {});
    must(status === 200, () => `the exchange is answered with ${status}`);
    must(buyer.cookies.has('ticketing-session'), () => `cookies: ${[...buyer.cookies.keys()].join(', ')}`);
    const again = visitor(now.origin);
    await sign(again, email, 'in');
    return 'page, exchange and signing in';
  });

  await step('a seller of before is called as they choose, also on what they sold before', async () => {
    const { seller, orders } = history;
    const { status } = await seller.patch('/api/users/currentuser', { name: 'Ada' });
    must(status === 200, () => `a name is answered with ${status}`);
    const path = `/api/tickets/${orders.created.ticketId}`;
    await eventually(
      async () => (await seller.get<{ sellerName?: string }>(path)).body.sellerName === 'Ada',
      WITHIN,
    );
    return agreed(now);
  });

  await step('what was begun goes on', async () => {
    const { buyer, orders, clientSecret, unheard } = history;
    const becomes = (of: keyof History['orders'], status: string) =>
      eventually(async () => (await read(buyer, orders[of])).status === status, WITHIN);
    const pay = async ({ id }: { id: string }) => {
      const { status, body } = await buyer.post('/api/payments', {
        orderId: id,
        paymentMethod: 'pm_card_visa',
      });
      must(status === 201, () => `paying is answered with ${status}: ${JSON.stringify(body)}`);
    };
    const yes = { client_secret: clientSecret, outcome: 'complete' };
    await buyer.post('/sandbox/browser/authenticate', yes);
    await becomes('at the bank', 'complete');
    for (const one of ['created', 'declined'] as const) {
      await pay(orders[one]);
      await becomes(one, 'complete');
    }
    await pay(unheard.order);
    await buyer.delete(`/api/orders/${orders['given up later'].id}`);
    await becomes('given up later', 'cancelled');
    await buyer.delete(`/api/orders/${orders.paid.id}`);
    await becomes('paid', 'refunded');
    const ticket = async (id: string) =>
      (await buyer.get<{ status: string }>(`/api/tickets/${id}`)).body.status;
    await eventually(async () => (await ticket(orders.created.ticketId)) === 'sold', WITHIN);
    await eventually(async () => (await ticket(orders.paid.ticketId)) === 'available', WITHIN);
    await eventually(
      async () => (await buyer.post('/api/orders', orderFor([unheard.ticketId]))).status === 201,
      WITHIN,
    );
    return agreed(now);
  });

  await step('what was put on sale before is found by its beginning', async () => {
    await eventually(() => finds(now, 'stal', history.orders.created.ticketId), WITHIN);
    return 'stal';
  });

  await step('a purchase', () => bought(now));

  await step('both releases side by side serve purchases; the one before is killed', async () => {
    const { JWT_KEY = '', STRIPE_WEBHOOK_SECRET = '' } = JSON.parse(
      await readFile(join(now.home, 'secrets.json'), 'utf8'),
    ) as Record<string, string>;
    const { sandboxUrl = '', sandboxKey = '' } = now.running;
    const shared = { JWT_KEY, STRIPE_URL: sandboxUrl, STRIPE_KEY: sandboxKey, STRIPE_WEBHOOK_SECRET };
    const other = await started('services', { ...engines, ...shared }, { code });
    const begun = new Date();
    const sides = [now, other, now, other, now, other];
    await Promise.all(sides.map(purchase));
    // What the one before puts on sale and edits, both find.
    const seller = visitor(other.origin);
    await sign(seller, 'seller-of-before@example.com');
    const { id } = (await seller.post<{ id: string }>('/api/tickets', { title: 'Circle', price: 2500 })).body;
    await eventually(() => finds(now, 'circ', id), WITHIN);
    await seller.patch(`/api/tickets/${id}`, { title: 'Gallery' });
    for (const [side, q] of [
      [now, 'gall'],
      [other, 'gallery'],
    ] as const)
      await eventually(() => finds(side, q, id), WITHIN);
    await keepsItsZone(now, other, history.email);
    await other.kill();
    // What the one before heard, it noted in fewer words.
    await republished(now, 'payments', begun);
    return `${sides.length} purchases; ${await agreed(now)}`;
  });

  await step(
    'an event, its places and orders of them outlive a kill and can be told again, to admissions that had none',
    async () => {
      const event = await organize(now);
      must(event !== undefined, () => 'this release knows no events');
      if (!event) return '';
      await admits(event);
      await eventually(() => settled(client), WITHIN);
      await now.kill();
      await unadmitted(event, client);
      now = await started('services', engines, { after: now });
      await stands(event);
      const before = await ticketsOf(event.buyer, event.orders.paid);
      must(before.length === 0, () => 'admissions were issued before orders were told again');
      for (const service of ['events', 'orders']) await republished(now, service);
      await stands(event);
      await admits(event);
      organized = event;
      return agreed(now);
    },
  );

  await step('its end gives everything back', async () => {
    if (organized) await callOff(organized);
    return agreed(now);
  });

  await step('back to the release before: it works on what this one wrote', async () => {
    await now.stop();
    // Nothing of places is told any more, as docs/upgrade.md asks: a start tells what changed within ten minutes.
    const anHourAgo = new Date(Date.now() - 3600_000);
    await client
      .db('orders')
      .collection('orders')
      .updateMany({ 'items.kind': 'place' }, { $set: { updatedAt: anHourAgo } });
    const back = await started('services', engines, { code, after: now });
    const told = await bought(back);
    return `${told}; ${await agreed(back)}`;
  });
} finally {
  for (const suite of suites.reverse()) await suite.destroy();
  await client.close();
  await Promise.all([mongo.stop(), nats.stop(), redis.stop()]);
  await rm(home, { recursive: true, force: true });
  clearInterval(alive);
}
process.exitCode = tally() ? 0 : 1;
