import { EventChanged, type EventState } from '@ticketing/common/contracts/event';
import { LIVE, type OrderItem } from '@ticketing/common/contracts/order';
import { placeOf } from '@ticketing/common/places';
import type { Document } from 'mongodb';

type Stored = Document & { _id: string };

interface Placed extends Document {
  _id: string;
  saleId: string;
  userId: string;
  status: (typeof LIVE)[number];
  items: OrderItem[];
  allowances?: string[];
}

/** Moves with every change, also with those of which nobody is told. */
const UNTOLD = ['version', 'updatedAt'];

/** Events of which a service has another state than their owner tells. */
export function* knownOtherwise(service: string, events: readonly Stored[], known: readonly Stored[]) {
  const copies = new Map(known.map((copy) => [copy._id, copy]));
  for (const event of events) {
    const copy = copies.get(event._id);
    if (!copy) continue;
    const [here, there] = [stateOf(event), stateOf(copy)];
    const parts = Object.keys({ ...here, ...there }).filter(
      (part) => !UNTOLD.includes(part) && JSON.stringify(here[part]) !== JSON.stringify(there[part]),
    );
    if (parts.length > 0)
      yield `${service} knows another ${parts.join(', ')} of event ${event._id} than its owner`;
  }
}

/** As a message tells it, whatever else is kept with it. */
const stateOf = (event: Stored) => EventChanged(event as never).data as Record<string, unknown>;

/** Places that are not as the event says that `orders` knew when it sold them: what it has become since binds nobody. */
export function* soldWrongly(orders: readonly Stored[], events: readonly Stored[]) {
  const known = new Map(events.map((event) => [event._id, event as unknown as EventState]));
  const used = new Map<string, string>();
  for (const order of orders as readonly Placed[]) {
    if (!LIVE.includes(order.status)) continue;
    for (const allowance of order.allowances ?? []) {
      const key = `${order.saleId} ${allowance}`;
      const other = used.get(key);
      if (other !== undefined)
        yield `orders ${other} and ${order._id} both use ${allowance} of event ${order.saleId}`;
      used.set(key, order._id);
    }
    const places = order.items.filter(({ kind }) => kind === 'place');
    const event = known.get(order.saleId);
    if (places.length === 0) continue;
    if (!event) yield `order ${order._id} holds places of event ${order.saleId}, which orders does not know`;
    else if (event.status === 'cancelled')
      yield `order ${order._id} is ${order.status}, but its event ${order.saleId} is cancelled`;
    else yield* beyond(order, places, event);
  }
}

function* beyond(order: Placed, places: readonly OrderItem[], event: EventState) {
  const isTeam = event.internal.team.some(({ userId }) => userId === order.userId);
  const now = places.filter(({ ticketVersion }) => ticketVersion === event.version);
  for (const { ticketId } of now) {
    const { poolId, number } = placeOf(ticketId);
    const pool = event.pools.find(({ id }) => id === poolId);
    const held = event.internal.held.some(
      (range) => range.poolId === poolId && range.from <= number && number <= range.to,
    );
    if (!pool || number >= pool.capacity)
      yield `order ${order._id} holds place ${ticketId}, of which event ${order.saleId} has none`;
    if (held && !isTeam) yield `order ${order._id} holds place ${ticketId}, which is held back`;
  }
  for (const tier of isTeam ? [] : event.tiers) {
    const own = `${tier.id}/${order.userId}/`;
    const count = now.filter(({ tierId }) => tierId === tier.id).length;
    const counted = (order.allowances ?? []).filter((one) => one.startsWith(own)).length;
    if (tier.limit !== undefined && counted < count)
      yield `order ${order._id} holds ${count} of ${tier.id}, of which ${counted} count towards its limit`;
  }
}
