'use client';

import type { ReactNode } from 'react';
import { money } from '../ui/format.ts';
import { type Basket, quantityOf, type Offer, type Seat, totalOf, without, withSeat } from './basket.ts';
import styles from './choice.module.css';
import { type Plan, seatCalled } from './plan.ts';
import { seatText } from './seat-text.ts';

interface Props {
  basket: Basket;
  offers: readonly Offer[];
  currency: string;
  calledIn(seat: Seat): { plan: Plan; place: number } | undefined;
  onChange(basket: Basket): void;
}

/** What is in a basket, and what it costs. */
export function Chosen({ basket, offers, currency, calledIn, onChange }: Props): ReactNode {
  const offerOf = (tierId: string) => offers.find(({ tier }) => tier.id === tierId);
  const seats = basket.seats.filter(({ tierId }) => offerOf(tierId)).sort((a, b) => a.place - b.place);
  const counted = offers.filter(({ tier }) => quantityOf(basket, tier.id) > 0);
  if (seats.length + counted.length === 0) return null;
  return (
    <>
      <ul className={styles['lines']}>
        {counted.map(({ tier, price }) => (
          <li key={tier.id}>
            <span>
              <span>{`${quantityOf(basket, tier.id)} × `}</span>
              <bdi>{tier.name}</bdi>
            </span>
            <span>{money(price * quantityOf(basket, tier.id), currency)}</span>
          </li>
        ))}
        {seats.map((seat) => {
          const called = calledIn(seat);
          const offer = offerOf(seat.tierId);
          if (!called || !offer) return null;
          const text = seatText(seatCalled(called.plan, called.place));
          const others = offers.filter(({ tier }) => tier.poolId === offer.tier.poolId);
          return (
            <li key={`${offer.tier.poolId} ${seat.place}`}>
              <span>
                <span>{text}</span>
                {others.length > 1 ? (
                  <select
                    aria-label={`${text} as`}
                    value={seat.tierId}
                    onChange={({ target }) =>
                      onChange(withSeat(basket, { ...seat, tierId: target.value }, seat))
                    }
                  >
                    {others.map(({ tier, price }) => (
                      <option key={tier.id} value={tier.id}>
                        {`${tier.name}, ${money(price, currency)}`}
                      </option>
                    ))}
                  </select>
                ) : (
                  <bdi>{offer.tier.name}</bdi>
                )}
              </span>
              <span>{money(offer.price, currency)}</span>
              <button
                type="button"
                className={styles['remove']}
                aria-label={`Remove ${text}`}
                onClick={() => onChange(without(basket, seat))}
              >
                ×
              </button>
            </li>
          );
        })}
      </ul>
      <p className={styles['total']}>
        <span>Total</span>
        <strong>{money(totalOf(basket, offers), currency)}</strong>
      </p>
    </>
  );
}
