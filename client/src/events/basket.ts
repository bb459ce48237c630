import { discounted } from '@ticketing/common/currency';
import type { EventView, Tier } from '../api/types.ts';
import { isolated, MOST_TOGETHER } from '../ui/format.ts';
import { type Hall, isGone } from './left.ts';

/** A seat by its number in the pool of the tier that it is bought as. */
export interface Seat {
  tierId: string;
  place: number;
}
/** What a visitor has chosen: so many of a tier, wherever they are, and seats. */
export interface Basket {
  counts: Readonly<Record<string, number>>;
  seats: readonly Seat[];
}

export const EMPTY: Basket = { counts: {}, seats: [] };
export const isEmpty = ({ counts, seats }: Basket): boolean =>
  seats.length === 0 && Object.values(counts).every((count) => count === 0);

/** What a code does, as the API tells it. */
export interface Opened {
  tiers: readonly Tier[];
  percent?: number;
  amount?: number;
}

/** A tier as this visitor can buy it. */
export interface Offer {
  tier: Tier;
  /** Of one, with what the code takes off. */
  price: number;
  coded: boolean;
}

/** All tiers that a visitor is shown, those that their code opens too. */
export function offersOf({ tiers, currency }: Pick<EventView, 'tiers' | 'currency'>, code?: Opened): Offer[] {
  const opened = new Set(code?.tiers.map(({ id }) => id));
  const hidden = (code?.tiers ?? []).filter(({ id }) => !tiers.some((tier) => tier.id === id));
  return [...tiers, ...hidden].map((tier) => {
    const coded = opened.has(tier.id);
    return { tier, coded, price: coded && code ? discounted(tier.price, code, currency) : tier.price };
  });
}

export const quantityOf = ({ counts }: Basket, tierId: string): number => counts[tierId] ?? 0;
const seatsOf = ({ seats }: Basket, tierId: string) => seats.filter((seat) => seat.tierId === tierId).length;
const ofTier = (basket: Basket, tierId: string) => quantityOf(basket, tierId) + seatsOf(basket, tierId);
const ofPool = (basket: Basket, poolId: string, offers: readonly Offer[]) =>
  offers.reduce((sum, { tier }) => sum + (tier.poolId === poolId ? ofTier(basket, tier.id) : 0), 0);

export const sizeOf = (basket: Basket, offers: readonly Offer[]): number =>
  offers.reduce((sum, { tier }) => sum + ofTier(basket, tier.id), 0);

export const totalOf = (basket: Basket, offers: readonly Offer[]): number =>
  offers.reduce((sum, { tier, price }) => sum + ofTier(basket, tier.id) * price, 0);

/** How many more of a tier can be chosen. */
export function roomFor({ tier }: Offer, basket: Basket, offers: readonly Offer[], hall: Hall): number {
  const left = hall.get(tier.poolId)?.left ?? Infinity;
  return Math.max(
    0,
    Math.min(
      MOST_TOGETHER - sizeOf(basket, offers),
      (tier.limit ?? Infinity) - ofTier(basket, tier.id),
      left - ofPool(basket, tier.poolId, offers),
    ),
  );
}

export const withCount = (basket: Basket, tierId: string, count: number): Basket => ({
  ...basket,
  counts: { ...basket.counts, [tierId]: count },
});

const poolOf = (tierId: string, offers: readonly Offer[]) =>
  offers.find(({ tier }) => tier.id === tierId)?.tier.poolId;

/** The tier that a seat of a pool is chosen as, if it is. */
export const chosenAs = (basket: Basket, poolId: string, place: number, offers: readonly Offer[]) =>
  basket.seats.find((seat) => seat.place === place && poolOf(seat.tierId, offers) === poolId);

export const without = (basket: Basket, gone: Seat | undefined): Basket => ({
  ...basket,
  seats: basket.seats.filter((seat) => seat !== gone),
});

/** Takes a seat, be it as another tier than before. */
export const withSeat = (basket: Basket, seat: Seat, before?: Seat): Basket => ({
  ...basket,
  seats: [...without(basket, before).seats, seat],
});

export interface Lost {
  seats: readonly Seat[];
  /** Tiers of which fewer are left than were chosen. */
  counts: readonly { offer: Offer; left: number }[];
}

/** What of a basket can still be had, and what others took. Nothing is said of tiers that are not known yet. */
export function kept(basket: Basket, offers: readonly Offer[], hall: Hall): { basket: Basket; lost: Lost } {
  const seats = basket.seats.filter(({ tierId, place }) =>
    isGone(hall.get(poolOf(tierId, offers) ?? '')?.gone, place),
  );
  let now: Basket = { ...basket, seats: basket.seats.filter((seat) => !seats.includes(seat)) };
  const counts: Lost['counts'][number][] = [];
  for (const offer of offers.toReversed()) {
    const { id, poolId } = offer.tier;
    const over = ofPool(now, poolId, offers) - (hall.get(poolId)?.left ?? Infinity);
    const count = quantityOf(now, id);
    if (over <= 0 || count === 0) continue;
    const left = Math.max(0, count - over);
    now = withCount(now, id, left);
    counts.push({ offer, left });
  }
  return { basket: now, lost: { seats, counts } };
}

/** What `POST /api/orders` is sent. */
export interface Line {
  tierId: string;
  price: number;
  quantity?: number;
  places?: readonly number[];
}

export const linesOf = (basket: Basket, offers: readonly Offer[]): Line[] =>
  offers.flatMap(({ tier: { id: tierId }, price }) => {
    const quantity = quantityOf(basket, tierId);
    const seats = basket.seats.filter((seat) => seat.tierId === tierId);
    const places = seats.map(({ place }) => place).sort((a, b) => a - b);
    return [
      ...(places.length > 0 ? [{ tierId, price, places }] : []),
      ...(quantity > 0 ? [{ tierId, price, quantity }] : []),
    ];
  });

/** Which seats a refusal is about, by its fields: `lines.0.places.1`. */
export function refusedSeats(errors: readonly { field?: string }[], lines: readonly Line[]): Seat[] {
  return errors.flatMap(({ field = '' }) => {
    const [, line, nth] = /^lines\.(\d+)\.places\.(\d+)$/.exec(field) ?? [];
    const { tierId, places } = lines[Number(line)] ?? {};
    const place = places?.[Number(nth)];
    return tierId !== undefined && place !== undefined ? [{ tierId, place }] : [];
  });
}

/** `Standing`, in its own direction. */
export const nameOf = ({ tier }: Offer): string => isolated(tier.name);
