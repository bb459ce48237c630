import type { User } from '@ticketing/common/user';
import { attendee, type Attended } from './attend.ts';
import { another, CODE, CODE_RULE, givenBack, later, lineOf, newEvent, type Shown } from './organizer.ts';
import type { Dice } from './random.ts';
import { NoAnswer, type Request, type Response, type ServiceName, type World } from './world.ts';
import type { Scheduler } from './scheduler.ts';

/** What the suite acknowledged, and so must be true in the end. */
export interface Promised {
  /** `price`: that of this version. */
  tickets: Map<string, { version: number; price: number; seller: string }>;
  withdrawn: Set<string>;
  /** `direct`: granted at once, not found again by a repeat. */
  orders: Map<
    string,
    { buyer: string; paid: boolean; cancelled: boolean; direct: boolean; returned?: Set<string> }
  >;
  events: Map<string, { version: number; cancelled: boolean }>;
  attended: Attended;
}

interface Stage {
  world: World;
  scheduler: Scheduler;
  promised: Promised;
  /** Tickets that somebody has heard of. */
  known: string[];
  /** Paths of published events. */
  events: string[];
  /** Payments that were recorded although their order was known to be over. */
  owed: ReadonlySet<string>;
  /** Looks whether an account was granted more than it may hold. */
  tooMany(buyer: string): void;
  /** One sells and withdraws, the others reserve and change their minds. */
  teasing: boolean;
  /** One sells, the others buy and give back. */
  regretting: boolean;
  /** One sells, the others pay twice at once, and may change their minds. */
  hasty: boolean;
  /** One organizes events, and changes their mind; the others book. */
  organizing: boolean;
  /** The same, and they come to its door, hand on and give back. */
  attending: boolean;
  /** Ways to take what is handed on, and codes that somebody held. */
  links: string[];
  codes: Parameters<typeof attendee>[4]['codes'];
}

const idOf = (number: number) => (0xabc000 + number).toString(16).padStart(24, '0');

const CARDS = [
  'pm_card_visa',
  'pm_card_visa',
  'pm_card_visa',
  'pm_card_chargeDeclined',
  'pm_card_authenticationRequired',
  'pm_card_slow',
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
    id: idOf(number),
    email: name,
    roles: random.chance(0.2) ? ['user', 'admin'] : ['user'],
    sessionId: '0'.repeat(24),
  };
  let cookies: Record<string, string> = {};
  /** Whether they may have been signed out: the answer may be lost. */
  let leaving = false;
  const keys: { orderId: string; paymentMethod: string; key: string }[] = [];
  const mine: string[] = [];

  const pause = () =>
    new Promise<void>(
      (resolve) =>
        void scheduler.after(
          random.below(random.chance(0.04) ? 60_000 : 6000),
          undefined,
          `${name} thinks`,
          resolve,
        ),
    );
  const ask = (
    service: ServiceName,
    request: Omit<Request, 'user'>,
    as?: 'nobody',
  ): Promise<Response | undefined> =>
    world.request(service, as ? request : { ...request, user }).catch((error: unknown) => {
      if (error instanceof NoAnswer) return undefined;
      throw error;
    });
  const bodyOf = (reply: Response | undefined) =>
    (reply?.body ?? {}) as { id: string; version: number; clientSecret?: string };
  /** Asks until there is an answer that says something, as a client with an idempotency key may. */
  const insist = async (service: ServiceName, request: Omit<Request, 'user'>) => {
    for (let tries = 0; tries < 3; tries++) {
      const reply = await ask(service, request);
      if (reply && reply.status !== 503) return { ...reply, direct: tries === 0 };
      await pause();
    }
    return undefined;
  };

  const guarded = (): Record<string, string> =>
    random.chance(0.2) ? { 'if-match': `"${random.below(3)}"` } : {};
  /** Mostly one's own order, sometimes somebody else's. */
  const anyOrder = () => random.pick(random.chance(0.2) ? [...promised.orders.keys()] : mine);

  const sell = async () => {
    const saleId = random.chance(0.4)
      ? random.pick([...promised.tickets].filter(([, { seller }]) => seller === user.id))?.[0]
      : undefined;
    const body = {
      title: `of ${name}`,
      price: 1000 + random.below(50) * 100,
      ...(random.chance(0.3) && { description: 'First row' }),
      ...(saleId !== undefined && { saleId }),
    };
    const reply = await ask('tickets', { method: 'post', path: '/api/tickets', body });
    if (reply?.status !== 201) return;
    const { id } = bodyOf(reply);
    known.push(id);
    promised.tickets.set(id, { version: 0, price: body.price, seller: user.id });
  };

  const edit = async () => {
    const id = random.pick(known);
    if (id === undefined) return;
    const text = random.pick([null, 'Second row', undefined]);
    const body = { price: 1000 + random.below(90) * 100, ...(text !== undefined && { description: text }) };
    const reply = await ask('tickets', {
      method: 'patch',
      path: `/api/tickets/${id}`,
      body,
      headers: guarded(),
    });
    const ticket = promised.tickets.get(id);
    if (reply?.status !== 200 || !ticket) return;
    const { version } = bodyOf(reply);
    if (version > ticket.version) Object.assign(ticket, { version, price: body.price });
  };

  const withdraw = async (id = random.pick(known)) => {
    if (id === undefined) return;
    const reply = await ask('tickets', { method: 'delete', path: `/api/tickets/${id}`, headers: guarded() });
    if (reply?.status === 204) promised.withdrawn.add(id);
  };

  const reserve = async (wanted?: string) => {
    const others = random.chance(0.4) ? [random.pick(known)] : [];
    const ticketIds = wanted === undefined ? [...new Set([random.pick(known), ...others])] : [wanted];
    const key = `order-${random.below(1e9)}`;
    const request = {
      method: 'post',
      path: '/api/orders',
      body: {
        ticketIds,
        ...(random.chance(0.2) && {
          seen: [
            { ticketId: ticketIds[0], price: 1000 + random.below(9) * 100 },
            { ticketId: random.pick(known), version: random.below(3) },
          ].slice(random.below(2)),
        }),
      },
      headers: { 'idempotency-key': key },
    } as const;
    const reply = await insist('orders', request);
    if (reply?.status !== 201) return undefined;
    const { id } = bodyOf(reply);
    mine.push(id);
    if (!promised.orders.has(id))
      promised.orders.set(id, { buyer: user.id, paid: false, cancelled: false, direct: reply.direct });
    stage.tooMany(user.id);
    if (random.chance(0.2)) {
      const again = await ask('orders', request);
      if (again && again.status !== 503 && (again.status !== 201 || bodyOf(again).id !== id)) {
        world.bugs.push(`the same key and body gave ${again.status} after 201 for order ${id}`);
      }
    }
    if (wanted !== undefined) return id;
    if (random.chance(0.25)) await Promise.all([pay(id), cancel(id)]);
    else if (random.chance(0.7)) await pay(id);
    return id;
  };

  /** Takes many at once, in all processes. */
  const grab = () => Promise.all(known.slice(-6).map((id) => reserve(id)));

  const pay = async (orderId = anyOrder(), card = random.pick(CARDS) ?? '') => {
    if (orderId === undefined) return;
    const repeat = random.chance(0.3) ? random.pick(keys) : undefined;
    const wanted = repeat ?? {
      orderId,
      paymentMethod: card,
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
    // Money that goes back already says so.
    const { status, refund } = (reply?.body ?? {}) as { status?: string; refund?: unknown };
    const isPaid = reply?.status === 201 && status === 'succeeded' && !refund;
    if (isPaid && order) order.paid = true;
    if (isPaid && stage.owed.has(bodyOf(reply).id))
      world.bugs.push(`the buyer was told that order ${wanted.orderId} is paid, which was known to be over`);
    const { clientSecret } = bodyOf(reply);
    if (reply?.status === 202 && clientSecret !== undefined && random.chance(0.7)) {
      await pause();
      world.stripe.authenticate(clientSecret, random.chance(0.7));
    }
  };

  const cancel = async (id = anyOrder()) => {
    if (id === undefined) return;
    const reply = await ask('orders', { method: 'delete', path: `/api/orders/${id}` });
    const order = promised.orders.get(id);
    if (reply?.status === 204 && order) order.cancelled = true;
  };

  /** Takes back some of what an order holds, sometimes twice at once; only who sold it may. */
  const takeBack = async () => {
    const id = random.pick([...promised.orders.keys()]);
    const path = `/api/orders/${id}`;
    const seen = id === undefined ? undefined : await ask('orders', { method: 'get', path });
    const order = id === undefined ? undefined : promised.orders.get(id);
    if (seen?.status !== 200 || !order) return;
    const { items } = seen.body as { items: { ticketId: string }[] };
    const some = items.map(({ ticketId }) => ticketId).filter(() => random.chance(0.6));
    const both = random.chance(0.3) ? [some.slice(0, 1), some] : [some];
    const asked = both.filter((ticketIds) => ticketIds.length > 0);
    await Promise.all(
      asked.map(async (ticketIds) => {
        const reply = await ask('orders', { method: 'post', path: `${path}/returns`, body: { ticketIds } });
        if (reply?.status !== 200) return;
        order.returned ??= new Set();
        for (const one of ticketIds) order.returned.add(one);
      }),
    );
  };

  const enter = async () => {
    const body = { email: `${name}@example.com`, password: 'tickets-please' };
    const up = await ask('auth', { method: 'post', path: '/api/users/signup', body });
    const reply =
      up?.status === 409 ? await ask('auth', { method: 'post', path: '/api/users/signin', body }) : up;
    if (!reply || reply.status >= 300) return;
    cookies = { ...cookies, ...reply.cookies };
    leaving = false;
  };

  const refresh = async () => {
    const before = cookies;
    const tabs = random.chance(0.4) ? 2 : 1;
    const replies = await Promise.all(
      Array.from({ length: tabs }, () =>
        // The access token has run out.
        ask('auth', { method: 'post', path: '/api/users/refresh', cookies: before }, 'nobody'),
      ),
    );
    const here = Object.values(before).some(Boolean) && !leaving;
    if (here && replies.some((reply) => reply?.status === 401))
      world.bugs.push(`${name} was signed out by a refresh`);
    // Sometimes the new token gets lost on the way, and the old one comes again.
    for (const reply of replies) if (reply && random.chance(0.6)) cookies = { ...cookies, ...reply.cookies };
  };

  const signOut = async () => {
    leaving = true;
    const reply = await ask('auth', { method: 'post', path: '/api/users/signout', cookies });
    if (reply) cookies = {};
  };

  const deeds: (() => Promise<unknown>)[] = [
    sell,
    sell,
    edit,
    withdraw,
    reserve,
    reserve,
    reserve,
    reserve,
    grab,
    pay,
    pay,
    cancel,
    takeBack,
    enter,
    refresh,
    signOut,
  ];
  /** Sells and withdraws again, while others try to reserve. */
  const tease = async () => {
    await sell();
    const id = known.at(-1);
    if (random.chance(0.7)) await pause();
    if (id !== undefined) await withdraw(id);
  };
  /** Reserves what came last, pays it, and changes their mind meanwhile. */
  const hesitate = async () => {
    const id = await reserve(known.at(-1));
    if (id === undefined || random.chance(0.3)) return;
    await Promise.all([pay(id), random.chance(0.5) ? cancel(id) : undefined]);
  };
  /** Buys what came last, and gives it back after a while. */
  const regret = async () => {
    const id = await reserve(known.at(-1));
    if (id === undefined) return;
    await pay(id);
    await pause();
    await cancel(id);
  };
  /** Reserves what came last and pays it by two cards at once. */
  const rush = async () => {
    const id = await reserve(known.at(-1));
    if (id !== undefined) await Promise.all([pay(id), pay(id), random.chance(0.3) ? cancel(id) : undefined]);
  };
  /** Notes what was acknowledged of an event. */
  const heldTo = (reply: Response | undefined, cancelled = false) => {
    if (reply?.status !== 200) return undefined;
    const { id, version } = bodyOf(reply);
    const before = promised.events.get(id);
    promised.events.set(id, {
      version: Math.max(version, before?.version ?? 0),
      cancelled: cancelled || (before?.cancelled ?? false),
    });
    return version;
  };
  /** Says all of an event anew; sometimes twice at once from the same version, of which one may stand. */
  const editEvent = async (path: string, seen: Shown, bodies: readonly object[]) => {
    const headers = bodies.length > 1 || random.chance(0.5) ? { 'if-match': `"${seen.version}"` } : undefined;
    const replies = await Promise.all(
      bodies.map((body) => ask('events', { method: 'put', path, body, ...(headers && { headers }) })),
    );
    const versions = replies.map((reply) => heldTo(reply) ?? 0);
    if (headers && versions.filter((version) => version > seen.version).length > 1)
      world.bugs.push(`two edits of event ${seen.id} from version ${seen.version} stand`);
  };
  const organize = async () => {
    const draft = { ...newEvent(scheduler.now()), ...(stage.attending && givenBack(scheduler.now())) };
    const headers = { 'idempotency-key': `event-${random.below(1e9)}` };
    const made = await insist('events', { method: 'post', path: '/api/events', body: draft, headers });
    if (made?.status !== 201) return;
    const path = `/api/events/${bodyOf(made).id}`;
    await insist('events', { method: 'post', path: `${path}/codes`, body: CODE_RULE });
    heldTo(await insist('events', { method: 'post', path: `${path}/publish` }));
    stage.events.push(path);
    for (let minds = random.below(4); minds > 0; minds--) {
      await pause();
      if (random.chance(0.5)) await takeBack();
      const seen = await ask('events', { method: 'get', path });
      if (seen?.status !== 200) continue;
      const now = scheduler.now();
      if (random.chance(0.3)) heldTo(await ask('events', { method: 'post', path: `${path}/cancel` }), true);
      else if (random.chance(0.2))
        heldTo(await ask('events', { method: 'post', path: `${path}/postpone`, body: later(now) }));
      else {
        const shown = seen.body as Shown;
        const bodies = Array.from({ length: random.chance(0.3) ? 2 : 1 }, () =>
          another(draft, shown, now, random),
        );
        await editEvent(path, shown, bodies);
      }
    }
  };
  const book = async () => {
    const path = random.pick(stage.events);
    const seen = path === undefined ? undefined : await ask('events', { method: 'get', path });
    if (seen?.status !== 200) return pause();
    const event = seen.body as Shown;
    const wanted = random.chance(0.2) ? { places: [random.below(6)] } : { quantity: 1 + random.below(2) };
    const lines = [lineOf(event, random.chance(0.25) ? 1 : 0, wanted)];
    const coded = random.chance(0.4) && { code: CODE };
    const body = { eventId: event.id, lines, ...coded };
    const key = `book-${random.below(1e9)}`;
    const replies = await Promise.all(
      Array.from({ length: random.chance(0.4) ? 2 : 1 }, (_, n) =>
        insist('orders', {
          method: 'post',
          path: '/api/orders',
          body,
          headers: { 'idempotency-key': `${key}-${n}` },
        }),
      ),
    );
    for (const reply of replies) {
      if (reply?.status !== 201) continue;
      const { id } = bodyOf(reply);
      mine.push(id);
      if (!promised.orders.has(id))
        promised.orders.set(id, { buyer: user.id, paid: false, cancelled: false, direct: reply.direct });
      if (stage.attending) await pay(id, CARDS[0]);
      else if (random.chance(0.5)) await pay(id);
      if (!stage.attending && random.chance(0.4)) await cancel(id);
    }
  };
  const organizer: User = { ...user, id: idOf(0), email: 'the organizer', roles: ['user'] };
  const attend = attendee(
    name,
    (request) => ask('admissions', request),
    (request) =>
      world.request('admissions', { ...request, user: organizer }).catch((error: unknown) => {
        if (error instanceof NoAnswer) return undefined;
        throw error;
      }),
    random,
    { ...promised, links: stage.links, codes: stage.codes, bug: (text) => world.bugs.push(text) },
  );
  /** Whoever holds nothing buys something; then it takes its time until there is a ticket. */
  const come = async () => {
    for (let looks = 0; looks < 4 && !(await attend()); looks++) await (looks === 0 ? book() : pause());
  };
  const ATTEND = number === 0 ? [organize] : [come];
  const RUSH = number === 0 ? [sell] : [rush];
  const TEASE = number === 0 ? [tease] : [hesitate];
  const REGRET = number === 0 ? [sell, takeBack] : [regret];
  const own = stage.organizing
    ? [number === 0 ? organize : book]
    : stage.attending
      ? ATTEND
      : stage.teasing
        ? TEASE
        : stage.regretting
          ? REGRET
          : stage.hasty
            ? RUSH
            : deeds;

  for (let act = 0; act < acts; act++) {
    const choice = random.pick(own) ?? sell;
    await (known.length === 0 && !stage.organizing && !stage.attending ? sell() : choice());
    if (random.chance(0.5)) await pause();
  }
}
