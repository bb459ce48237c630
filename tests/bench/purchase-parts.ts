import { setTimeout as delay } from 'node:timers/promises';
import { orderFor } from '@ticketing/suite/api';
import { request } from './load.ts';
import { type ProviderKind, PROVIDERS, type Side } from './purchase-suite.ts';
import type { Pool } from './shop.ts';

/** What is done by so many at a time in a closed loop, and by whom the buyer's card is charged. */
export interface Load {
  part: PartName;
  provider: ProviderKind;
  inFlight: number;
}

export interface Scene {
  ask: Pool['ask'];
  side: Side;
  paying: number[];
}

/** Sellers and their tickets; buyers are somebody else each time. */
const SELLERS = 20;
/** Reservations a second that are prepared for; a round with fewer left ends early. */
const PREPARED = 300;

const sent = async (
  { ask }: Pick<Scene, 'ask'>,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  who: Record<string, string>,
  body?: object,
): Promise<string> => {
  const wanted = method === 'POST' ? 201 : 200;
  for (let attempt = 1; ; attempt++) {
    const reply = await ask(request(method, path, who, body && JSON.stringify(body)));
    if (reply.status === wanted) return (JSON.parse(reply.body) as { id: string }).id;
    // The news of a ticket may still be on its way.
    if (attempt === 20 || (reply.status !== 404 && reply.status !== 503))
      throw new Error(`${method} ${path}: answered ${reply.status} ${reply.body}`);
    await delay(5);
  }
};

const offer = (scene: Pick<Scene, 'ask'>, seller: Record<string, string>) =>
  sent(scene, 'POST', '/api/tickets', seller, { title: 'Purchase, seat', price: 2500 });
const reserve = (scene: Scene, buyer: Record<string, string>, ticketId: string) =>
  sent(scene, 'POST', '/api/orders', buyer, orderFor([ticketId]));

/** One of those in flight: what it does again and again until it has nothing more to do. */
type Worker = (scene: Scene) => Promise<() => Promise<unknown>>;

/** Prepares what many workers need, out of the measured time. */
export type Part = (scene: Scene, load: Load, seconds: number) => Promise<Worker>;

const sellersOf = ({ side }: Scene) => Array.from({ length: SELLERS }, () => side.somebody());
const stock = async (scene: Scene, count: number) => {
  const sellers = sellersOf(scene);
  const made: { id: string; seller: Record<string, string> }[] = [];
  const fill = async () => {
    while (made.length < count) {
      const seller = sellers[made.length % SELLERS] ?? {};
      made.push({ seller, id: await offer(scene, seller) });
    }
  };
  await Promise.all(Array.from({ length: 16 }, fill));
  await scene.side.settled();
  return made;
};

export const PARTS = {
  /** Ticket made, ordered, paid, complete: the ticket of the next turn is offered in this one, and known to all by then. */
  purchase: async (scene) => {
    const sellers = sellersOf(scene);
    let turn = 0;
    return async () => {
      const next = () => offer(scene, sellers[turn++ % SELLERS] ?? {});
      let ticketId = await next();
      return async () => {
        const buyer = scene.side.somebody();
        const following = await next();
        const orderId = await reserve(scene, buyer, ticketId);
        ticketId = following;
        const ordered = performance.now();
        await sent(scene, 'POST', '/api/payments', buyer, { orderId, paymentMethod: 'pm_card_visa' });
        scene.paying.push(performance.now() - ordered);
      };
    };
  },

  reservation: async (scene, { inFlight }, seconds) => {
    const tickets = await stock(scene, inFlight + PREPARED * seconds);
    return async () => async () => {
      const ticket = tickets.pop();
      if (ticket === undefined) return SOLD_OUT;
      return reserve(scene, scene.side.somebody(), ticket.id);
    };
  },

  edit: async (scene, { inFlight }) => {
    const tickets = await stock(scene, 4 * inFlight);
    let price = 2500;
    return async () => async () => {
      const ticket = tickets.shift();
      if (ticket === undefined) return SOLD_OUT;
      price += 1;
      await sent(scene, 'PATCH', `/api/tickets/${ticket.id}`, ticket.seller, { price });
      tickets.push(ticket);
      return undefined;
    };
  },

  offer: async (scene) => {
    const sellers = sellersOf(scene);
    let turn = 0;
    return async () => () => offer(scene, sellers[turn++ % SELLERS] ?? {});
  },

  /** What costs a service least, so that the origin's part shows. */
  look: async (scene) => {
    const [ticket] = await stock(scene, 1);
    return async () => () => sent(scene, 'GET', `/api/tickets/${ticket?.id}`, {});
  },

  list: async (scene) => {
    await stock(scene, 60);
    return async () => () => sent(scene, 'GET', '/api/tickets', {});
  },
} satisfies Record<string, Part>;
export type PartName = keyof typeof PARTS;
export const PART_NAMES = Object.keys(PARTS) as PartName[];
/** The provider has a part in a purchase alone. */
export const PARTS_AND_PROVIDERS = PART_NAMES.flatMap((part) =>
  (part === 'purchase' ? PROVIDERS : PROVIDERS.slice(0, 1)).map((provider) => [part, provider] as const),
);
export const SOLD_OUT = Symbol('sold out');
