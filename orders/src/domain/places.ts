import type { CodeRule, EventState, Pool, Tier } from '@ticketing/common/contracts/event';
import { wrongAmount } from '@ticketing/common/chargeable';
import { discounted, mostOf } from '@ticketing/common/currency';
import type { OrderItem } from '@ticketing/common/contracts/order';
import { placeId, seatAt } from '@ticketing/common/places';
import type { Fresh } from '@ticketing/common/record';
import { reject, type Rejection } from '@ticketing/common/rejection';
import type { Replica } from '@ticketing/common/replicate';
import type { Order } from '../domain.ts';
import type { Need } from './allowances.ts';

/** What `orders` keeps of an event: all of it. */
export interface KnownEvent extends Replica, Omit<EventState, 'id' | 'version'> {}

/** So many places of a tier, or these of its pool, and what the buyer saw that one costs. */
export interface Line {
  tierId: string;
  quantity?: number | undefined;
  places?: readonly number[] | undefined;
  price: number;
}

export interface PlacesWanted {
  eventId: string;
  lines: readonly Line[];
  code?: string | undefined;
  /** By the event's team alone: for guests at 0, or for what was paid at its box office. */
  for?: 'guests' | 'box-office' | undefined;
}

/** Places of one order: of a buyer, and of the team. */
export const MOST = 10;
export const MOST_OF_TEAM = 100;

interface OfferedLine {
  tier: Tier;
  pool: Pool;
  count: number;
  places: readonly number[] | undefined;
  /** What one costs, with what the code takes off. */
  price: number;
  coded: boolean;
}

/** What was asked for, as it can be had if there are places left. */
export interface Offer {
  event: KnownEvent;
  lines: readonly OfferedLine[];
  team: boolean;
  paidElsewhere: boolean;
  total: number;
  needs: readonly Need[];
}

interface Asker {
  userId: string;
  now: Date;
  /** Of the code that was given. */
  hash: string | undefined;
}

/** Whether somebody may sell for the event as its organizer does. */
export const mayManage = ({ internal }: Pick<KnownEvent, 'internal'>, userId: string): boolean =>
  internal.ownerId === userId ||
  internal.team.some((one) => one.userId === userId && (one.role === 'owner' || one.role === 'manager'));

/** Whether there is such a code, whatever it is for. */
export const knowsCode = ({ internal }: Pick<KnownEvent, 'internal'>, hash: string): boolean =>
  internal.codes.some((code) => code.hash === hash);

const at = (field: string, message: string) => ({ errors: [{ field, message }] });

/** Whether an event sells this to who asks, and for how much; which places there are left is not looked at. */
export function offer(event: KnownEvent, wanted: PlacesWanted, asker: Asker): Offer | Rejection {
  const team = wanted.for !== undefined;
  const refusal = sells(event, wanted, asker);
  if (refusal) return refusal;
  const code = event.internal.codes.find(({ hash }) => hash === asker.hash);
  if (wanted.code !== undefined && !code)
    return reject('invalid', 'There is no such code', at('code', 'is not a code of this event'));
  const lines: OfferedLine[] = [];
  for (const [n, line] of wanted.lines.entries()) {
    const found = lineOf(event, line, `lines.${n}`, { ...asker, code, for: wanted.for });
    if ('kind' in found) return found;
    lines.push(found);
  }
  if (code && !lines.some(({ coded }) => coded))
    return reject('invalid', 'The code is for other tickets', at('code', 'is for none of these'));
  const total = lines.reduce((sum, { count, price }) => sum + count * price, 0);
  const paidElsewhere = wanted.for === 'box-office' && total > 0;
  const tooMuch =
    wrongNumber(lines, team ? MOST_OF_TEAM : MOST) ?? wrongTotal(total, event.currency, paidElsewhere);
  if (tooMuch) return tooMuch;
  const needs = team ? [] : needsOf(lines, code, asker.userId);
  const over = needs.find(({ count, most }) => count > most);
  return over ? over.refusal : { event, lines, team, paidElsewhere, total, needs };
}

/** Why an event sells nothing to who asks. */
const sells = (event: KnownEvent, wanted: PlacesWanted, { userId, now }: Asker): Rejection | undefined => {
  if (event.status === 'draft') return reject('not-found', `There is no event ${event._id}`);
  if (event.status === 'cancelled')
    return reject('conflict', 'The event is cancelled', at('eventId', 'is cancelled'));
  if (now >= event.endsAt) return reject('conflict', 'The event is over', at('eventId', 'is over'));
  if (wanted.for !== undefined) {
    if (!mayManage(event, userId))
      return reject('forbidden', 'Only the event’s owner and managers may', at('for', 'is for its team'));
    if (wanted.code !== undefined)
      return reject('invalid', 'The team needs no code', at('code', 'must be left out with `for`'));
    return undefined;
  }
  return event.internal.ownerId === userId
    ? reject(
        'forbidden',
        'You cannot buy your own tickets',
        at('eventId', 'is your own; say who it is `for`'),
      )
    : undefined;
};

const GONE = 'No longer on sale';

function lineOf(
  event: KnownEvent,
  line: Line,
  field: string,
  { now, code, for: whom }: Asker & { code: CodeRule | undefined; for: PlacesWanted['for'] },
): OfferedLine | Rejection {
  const tier = event.tiers.find(({ id }) => id === line.tierId);
  const pool = event.pools.find(({ id }) => id === tier?.poolId);
  const named = code?.tierIds?.includes(line.tierId) ?? false;
  // Who has no code does not learn that there is such a tier.
  if (!tier || !pool || (tier.hidden && !named && !whom))
    return reject('not-found', GONE, at(`${field}.tierId`, 'is not on sale'));
  if (!whom && tier.opensAt && now < tier.opensAt)
    return reject(
      'conflict',
      'Not on sale yet',
      at(`${field}.tierId`, `opens at ${tier.opensAt.toISOString()}`),
    );
  if (!whom && tier.closesAt && now >= tier.closesAt)
    return reject('conflict', GONE, at(`${field}.tierId`, 'is no longer on sale'));
  const coded = code !== undefined && (code.tierIds ? named : !tier.hidden);
  const price = whom === 'guests' ? 0 : coded ? discounted(tier.price, code, event.currency) : tier.price;
  // Who saw the price without the discount pays no more than that.
  if (line.price !== price && (whom === 'guests' || line.price !== tier.price))
    return reject(
      'conflict',
      'A price has changed since you saw it',
      at(`${field}.price`, `is now ${price}, not ${line.price}`),
    );
  const unsold = (line.places ?? []).flatMap((place, n) => {
    const why = notSold(event, pool, place, whom !== undefined);
    return why === undefined ? [] : [{ field: `${field}.places.${n}`, message: `${place} ${why}` }];
  });
  if (unsold.length > 0) return reject('conflict', GONE, { errors: unsold });
  const { places } = line;
  return { tier, pool, count: places?.length ?? line.quantity ?? 0, places, price, coded };
}

const notSold = (event: KnownEvent, { id, capacity }: Pool, place: number, team: boolean) => {
  if (place >= capacity) return 'is no place of it';
  return !team && isHeld(event, id, place) ? 'is not on sale' : undefined;
};

export const isHeld = ({ internal }: Pick<KnownEvent, 'internal'>, poolId: string, place: number): boolean =>
  internal.held.some((held) => held.poolId === poolId && held.from <= place && place <= held.to);

const wrongNumber = (lines: readonly OfferedLine[], most: number): Rejection | undefined => {
  const count = lines.reduce((sum, line) => sum + line.count, 0);
  if (count > most)
    return reject('invalid', 'Too many for one order', at('lines', `are ${count} places; at most ${most}`));
  const named = lines.flatMap(({ pool, places = [] }, n) =>
    places.map((place, m) => [`${pool.id}/${place}`, `lines.${n}.places.${m}`] as const),
  );
  // The index takes the same key twice within one document.
  const twice = named.find(([key], n) => named.findIndex(([other]) => other === key) < n);
  return twice && reject('invalid', 'A place can be had once', at(twice[1], 'is named twice'));
};

const wrongTotal = (total: number, currency: string, elsewhere: boolean): Rejection | undefined => {
  if (total === 0 || (elsewhere && total <= mostOf(currency))) return undefined;
  const wrong = wrongAmount(total, currency);
  if (wrong === undefined) return undefined;
  return reject(
    'invalid',
    'Not an amount that can be paid',
    at('lines', `cost ${total} together; a payment ${wrong}`),
  );
};

/** What of limited numbers an order takes: of a tier by its account, of a code in all and by its account. */
const needsOf = (lines: readonly OfferedLine[], code: CodeRule | undefined, userId: string): Need[] => {
  const sum = (of: (line: OfferedLine) => boolean) =>
    lines.filter(of).reduce((total, { count }) => total + count, 0);
  const tiers = [...new Set(lines.map(({ tier }) => tier))];
  const coded = sum(({ coded }) => coded);
  return [
    ...tiers.flatMap((tier) =>
      need(
        `${tier.id}/${userId}`,
        sum((line) => line.tier === tier),
        tier.limit,
        'lines',
        (most) => [
          `Nobody may have more than ${most} of ${tier.name}`,
          `would make more than ${most} of ${tier.name}`,
        ],
      ),
    ),
    ...need(code?.id, coded, code?.uses, 'code', () => ['The code is used up', 'has not so many uses left']),
    ...need(code && `${code.id}/${userId}`, coded, code?.limit, 'code', (most) => [
      `Nobody may use the code for more than ${most}`,
      `would be used for more than ${most}`,
    ]),
  ];
};

const need = (
  of: string | undefined,
  count: number,
  most: number | undefined,
  field: string,
  words: (most: number) => readonly [string, string],
): Need[] => {
  if (of === undefined || most === undefined) return [];
  const [message, why] = words(most);
  return [{ of, count, most, refusal: reject('conflict', message, at(field, why)) }];
};

interface Chosen {
  id: string;
  userId: string;
  /** For each line. */
  places: readonly (readonly number[])[];
  allowances: readonly string[];
  now: Date;
  holdSeconds: number;
}

/** The order of an offer that takes these places. What nobody has to pay here is complete at once. */
export const orderOf = (
  { event, lines, total, team, paidElsewhere }: Offer,
  { id, userId, places, allowances, now, holdSeconds }: Chosen,
): Fresh<Order> => {
  const isComplete = team || total === 0;
  return {
    _id: id,
    userId,
    saleId: event._id,
    status: isComplete ? 'complete' : 'created',
    items: lines.flatMap((line, n) => (places[n] ?? []).map((place) => itemOf(event, line, place))),
    total,
    currency: event.currency,
    expiresAt: isComplete ? now : new Date(now.getTime() + holdSeconds * 1000),
    ...(isComplete && { completedAt: now }),
    ...(paidElsewhere && { paidElsewhere }),
    ...(allowances.length > 0 && { allowances: [...allowances] }),
    payments: {},
  };
};

const itemOf = (event: KnownEvent, { tier, pool, price, coded }: OfferedLine, place: number): OrderItem => {
  const seat = seatAt(pool, place);
  return {
    ticketId: placeId(pool.id, place),
    ticketVersion: event.version,
    title: `${event.title} · ${tier.name}`,
    price,
    sellerId: event.internal.ownerId,
    kind: 'place',
    tierId: tier.id,
    ...(seat && { seat }),
    ...(tier.taxRate !== undefined && { taxRate: tier.taxRate }),
    ...(coded && { coded }),
  };
};

/** What holders of an event's places are shown of it as it is now. */
export const shownEvent = ({
  _id,
  version,
  status,
  title,
  venue,
  zone,
  startsAt,
  endsAt,
  ...rest
}: KnownEvent) => ({
  id: _id,
  version,
  status,
  title,
  venue,
  zone,
  startsAt,
  endsAt,
  ...(rest.postponedFrom && { postponedFrom: rest.postponedFrom }),
  ...(rest.returns && { returns: rest.returns }),
});
