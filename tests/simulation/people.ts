import type { User } from '@ticketing/common/user';
import type { Dice } from './random.ts';
import { NoAnswer, type Request, type Response, type ServiceName, type World } from './world.ts';
import type { Scheduler } from './scheduler.ts';

/** What the suite acknowledged, and so must be true in the end. */
export interface Promised {
  tickets: Map<string, { version: number; seller: string }>;
  withdrawn: Set<string>;
  orders: Map<string, { buyer: string; paid: boolean; cancelled: boolean }>;
}

interface Stage {
  world: World;
  scheduler: Scheduler;
  promised: Promised;
  /** Tickets that somebody has heard of. */
  known: string[];
}

const CARDS = [
  'pm_card_visa',
  'pm_card_visa',
  'pm_card_visa',
  'pm_card_chargeDeclined',
  'pm_card_authenticationRequired',
];

/** Somebody who does what a user can, a number of times, in the seed's order. */
export async function person(
  name: string,
  number: number,
  acts: number,
  random: Dice,
  stage: Stage,
): Promise<void> {
  const { world, scheduler, promised, known } = stage;
  const user: User = {
    id: (0xabc000 + number).toString(16).padStart(24, '0'),
    email: name,
    roles: ['user'],
    sessionId: '0'.repeat(24),
  };
  let cookies: Record<string, string> = {};
  const keys: { orderId: string; paymentMethod: string; key: string }[] = [];
  const mine: string[] = [];

  const pause = () =>
    new Promise<void>(
      (resolve) => void scheduler.after(random.below(6000), undefined, `${name} thinks`, resolve),
    );
  const ask = (service: ServiceName, request: Omit<Request, 'user'>): Promise<Response | undefined> =>
    world.request(service, { ...request, user }).catch((error: unknown) => {
      if (error instanceof NoAnswer) return undefined;
      throw error;
    });
  const bodyOf = (reply: Response | undefined) =>
    (reply?.body ?? {}) as { id: string; version: number; clientSecret?: string };
  /** Asks until there is an answer that says something, as a client with an idempotency key may. */
  const insist = async (service: ServiceName, request: Omit<Request, 'user'>) => {
    for (let tries = 0; tries < 3; tries++) {
      const reply = await ask(service, request);
      if (reply && reply.status !== 503) return reply;
      await pause();
    }
    return undefined;
  };

  const sell = async () => {
    const saleId = random.chance(0.4)
      ? random.pick([...promised.tickets].filter(([, { seller }]) => seller === user.id))?.[0]
      : undefined;
    const body = {
      title: `of ${name}`,
      price: 1000 + random.below(50) * 100,
      ...(saleId !== undefined && { saleId }),
    };
    const reply = await ask('tickets', { method: 'post', path: '/api/tickets', body });
    if (reply?.status !== 201) return;
    const { id } = bodyOf(reply);
    known.push(id);
    promised.tickets.set(id, { version: 0, seller: user.id });
  };

  const edit = async () => {
    const id = random.pick(known);
    if (id === undefined) return;
    const body = { price: 1000 + random.below(90) * 100 };
    const reply = await ask('tickets', { method: 'patch', path: `/api/tickets/${id}`, body });
    const ticket = promised.tickets.get(id);
    if (reply?.status === 200 && ticket) ticket.version = Math.max(ticket.version, bodyOf(reply).version);
  };

  const withdraw = async () => {
    const id = random.pick(known);
    if (id === undefined) return;
    const reply = await ask('tickets', { method: 'delete', path: `/api/tickets/${id}` });
    if (reply?.status === 204) promised.withdrawn.add(id);
  };

  const reserve = async () => {
    const ticketIds = [
      ...new Set([random.pick(known), random.chance(0.4) ? random.pick(known) : undefined]),
    ].filter((id) => id !== undefined);
    if (ticketIds.length === 0) return;
    const key = `order-${random.below(1e9)}`;
    const request = {
      method: 'post',
      path: '/api/orders',
      body: { ticketIds },
      headers: { 'idempotency-key': key },
    } as const;
    const reply = await insist('orders', request);
    if (reply?.status !== 201) return;
    const { id } = bodyOf(reply);
    mine.push(id);
    if (!promised.orders.has(id)) promised.orders.set(id, { buyer: user.id, paid: false, cancelled: false });
    if (random.chance(0.2)) {
      const again = await ask('orders', request);
      if (again && again.status !== 503 && (again.status !== 201 || bodyOf(again).id !== id)) {
        world.bugs.push(`the same key and body gave ${again.status} after 201 for order ${id}`);
      }
    }
    if (random.chance(0.25)) await Promise.all([pay(id), cancel(id)]);
    else if (random.chance(0.7)) await pay(id);
  };

  const pay = async (orderId = random.pick(mine)) => {
    if (orderId === undefined) return;
    const repeat = random.chance(0.3) ? random.pick(keys) : undefined;
    const wanted = repeat ?? {
      orderId,
      paymentMethod: random.pick(CARDS) ?? '',
      key: `pay-${random.below(1e9)}`,
    };
    keys.push(wanted);
    const { key, ...body } = wanted;
    const reply = await insist('payments', {
      method: 'post',
      path: '/api/payments',
      body,
      headers: { 'idempotency-key': key },
    });
    const order = promised.orders.get(wanted.orderId);
    if (reply?.status === 201 && order && (reply.body as { status: string }).status === 'succeeded')
      order.paid = true;
    const { clientSecret } = bodyOf(reply);
    if (reply?.status === 202 && clientSecret !== undefined && random.chance(0.7)) {
      await pause();
      world.stripe.authenticate(clientSecret, random.chance(0.7));
    }
  };

  const cancel = async (id = random.pick(mine)) => {
    if (id === undefined) return;
    const reply = await ask('orders', { method: 'delete', path: `/api/orders/${id}` });
    const order = promised.orders.get(id);
    if (reply?.status === 204 && order) order.cancelled = true;
  };

  const enter = async () => {
    const body = { email: `${name}@example.com`, password: 'tickets-please' };
    const up = await ask('auth', { method: 'post', path: '/api/users/signup', body });
    const reply =
      up?.status === 409 ? await ask('auth', { method: 'post', path: '/api/users/signin', body }) : up;
    if (reply && reply.status < 300) cookies = { ...cookies, ...reply.cookies };
  };

  const refresh = async () => {
    const reply = await ask('auth', { method: 'post', path: '/api/users/refresh', cookies });
    if (reply) cookies = { ...cookies, ...reply.cookies };
  };

  const signOut = async () => {
    const reply = await ask('auth', { method: 'post', path: '/api/users/signout', cookies });
    if (reply) cookies = {};
  };

  const deeds = [
    sell,
    sell,
    edit,
    withdraw,
    reserve,
    reserve,
    reserve,
    reserve,
    pay,
    pay,
    cancel,
    enter,
    refresh,
    signOut,
  ];
  for (let act = 0; act < acts; act++) {
    await (known.length === 0 ? sell() : (random.pick(deeds) ?? sell)());
    if (random.chance(0.5)) await pause();
  }
}
