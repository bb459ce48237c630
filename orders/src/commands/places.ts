import { codeHash } from '@ticketing/common/codes';
import { LIVE } from '@ticketing/common/contracts/order';
import type { Guesser, Guesses } from '@ticketing/common/guesses';
import { heardOf } from '@ticketing/common/known';
import type { Fresh } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Random } from '@ticketing/common/runtime';
import type { Order } from '../domain.ts';
import { choose } from '../domain/allowances.ts';
import * as rules from '../domain/places.ts';
import type { Offer, PlacesWanted } from '../domain/places.ts';
import { HOLDING, type Hall, type Halls } from '../halls.ts';
import type { PlaceDeps, Wanted } from './place.ts';

export interface PlacesDeps extends PlaceDeps {
  halls: Halls;
  codeKey: string;
  guesses: Guesses;
  random: Random;
}

/** An order of places that an organizer sells. */
export const ofPlaces = (
  deps: PlacesDeps,
  buyer: Guesser & { userId: string },
  wanted: PlacesWanted & { idempotencyKey?: string | undefined },
): Wanted => {
  const { idempotencyKey, ...request } = wanted;
  const { eventId, code } = wanted;
  const { halls, codeKey, guesses, clock } = deps;
  const { userId } = buyer;
  return {
    request,
    idempotencyKey,
    isFree: wanted.for !== undefined || wanted.lines.every(({ price }) => price === 0),
    async offer() {
      const hash = code === undefined ? undefined : codeHash(codeKey, eventId, code);
      const event = await heardOf('event', eventId, () => halls.event(eventId), deps);
      if (isRejection(event)) return event;
      const asker = { userId, now: clock.now(), hash };
      const first = rules.offer(event, wanted, asker);
      // It was perhaps read a second ago.
      const newest = isRejection(first) ? await halls.event(eventId, { anew: true }) : null;
      const offer = newest && newest.version > event.version ? rules.offer(newest, wanted, asker) : first;
      if (hash !== undefined) {
        const refused = await guesses.judge(buyer, rules.knowsCode(newest ?? event, hash));
        if (refused) return refused;
      }
      return isRejection(offer) ? offer : tryIn(halls.of(eventId), offer, deps, userId);
    },
  };
};

const ATTEMPTS = 16;

/** Chooses by what seems free; after a refusal it is looked who has it. */
function tryIn(hall: Hall, offer: Offer, deps: PlacesDeps, userId: string) {
  const { clock, ids, random, limits } = deps;
  const saleId = offer.event._id;
  let last: Fresh<Order> | undefined;

  const pick = (): Fresh<Order> | Rejection => {
    const taken = named(offer).filter(({ poolId, place }) => hall.isTaken(poolId, place));
    if (taken.length > 0) return alreadyTaken(taken);
    const allowances = offer.needs.map((need) => choose(need, hall.used, random) ?? need.refusal);
    const refusal = allowances.find(isRejection);
    if (refusal) return refusal;
    const places = hall.choose(offer);
    if (!places) return soldOut(offer);
    const now = clock.now();
    const id = ids.next();
    const { holdSeconds } = limits;
    const chosen = { id, userId, places, allowances: allowances.flat() as string[], now, holdSeconds };
    return rules.orderOf(offer, chosen);
  };

  return {
    saleId,
    attempts: ATTEMPTS,
    crowded: reject('unavailable', 'Many people choose at the moment; try again', { retryAfter: 1 }),
    async order() {
      if (last) {
        hall.met(true);
        await look(deps, hall, last);
      }
      let order = pick();
      // Nothing is called gone by what is only remembered.
      if (isRejection(order) && !hall.isFresh) {
        await hall.refresh();
        order = pick();
      }
      if (isRejection(order)) return order;
      last = order;
      hall.know(order);
      return order;
    },
    tried(order: Fresh<Order>, stands: boolean) {
      if (stands) hall.met(false);
      else hall.know({ ...order, status: 'cancelled' });
    },
  };
}

/** Learns which of what an index refused others hold. */
async function look({ Orders }: PlacesDeps, hall: Hall, { saleId, items, allowances }: Fresh<Order>) {
  const live = { saleId, status: { $in: LIVE } };
  const ticketIds = items.map(({ ticketId }) => ticketId);
  const [places, limited] = await Promise.all([
    Orders.find({ ...live, 'items.ticketId': { $in: ticketIds } }, { projection: HOLDING }),
    allowances ? Orders.find({ ...live, allowances: { $in: allowances } }, { projection: HOLDING }) : [],
  ]);
  for (const order of [...places, ...limited]) hall.know(order);
}

/** Places that were asked for by number, and where. */
const named = ({ lines }: Offer) =>
  lines.flatMap(({ pool, places = [] }, n) =>
    places.map((place, m) => ({ poolId: pool.id, place, field: `lines.${n}.places.${m}` })),
  );

const alreadyTaken = (taken: ReturnType<typeof named>): Rejection =>
  reject('conflict', 'Already reserved', {
    errors: taken.map(({ place, field }) => ({ field, message: `${place} is already reserved` })),
  });

const soldOut = ({ lines }: Offer): Rejection =>
  reject('conflict', 'Sold out', {
    errors: lines.flatMap(({ tier, places, count }, n) =>
      places ? [] : [{ field: `lines.${n}`, message: `of ${tier.name} there are not ${count} left` }],
    ),
  });
