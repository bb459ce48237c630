'use client';

import { type ReactNode, useMemo, useState } from 'react';
import type { EventPool } from '../api/types.ts';
import { money } from '../ui/format.ts';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import type { Offer, Seat } from './basket.ts';
import { HallPlan } from './hall-plan.tsx';
import { isGone } from './left.ts';
import type { State } from './plan.ts';

interface Props {
  pool: EventPool;
  currency: string;
  /** The tiers that its seats can be bought as. */
  offers: readonly Offer[];
  gone: Uint8Array | undefined;
  chosen: readonly Seat[];
  /** Takes a seat, or gives it back; false where there is no room for more. */
  onChoose(place: number, tierId: string): boolean;
}

const MEANINGS = { f: 'Free', g: 'Taken', c: 'Chosen' } as const;

/** The seats of a pool, to be chosen and bought. */
export function SeatPlan({ pool, currency, offers, gone, chosen, onChoose }: Props): ReactNode {
  const [as, setAs] = useState('');
  const offer = offers.find(({ tier }) => tier.id === as) ?? offers[0];
  const states = useMemo(() => statesOf(pool.capacity, gone, chosen), [pool, gone, chosen]);
  const priceOf = (place: number) => {
    const seat = chosen.find((one) => one.place === place);
    const bought = offers.find(({ tier }) => tier.id === seat?.tierId) ?? offer;
    return bought && money(bought.price, currency);
  };
  const choose = (place: number) => {
    if (!offer || states[place] === 'g') return;
    if (!onChoose(place, offer.tier.id)) say('No more can be chosen.');
  };
  return (
    <HallPlan
      pool={pool}
      title="Choose seats"
      states={states}
      meanings={MEANINGS}
      say={priceOf}
      onChoose={choose}
    >
      {offers.length > 1 && (
        <label className={ui['row']}>
          <span>Seats are bought as</span>
          <select value={offer?.tier.id} onChange={({ target }) => setAs(target.value)}>
            {offers.map(({ tier, price }) => (
              <option key={tier.id} value={tier.id}>
                {`${tier.name}, ${money(price, currency)}`}
              </option>
            ))}
          </select>
        </label>
      )}
    </HallPlan>
  );
}

/** A letter for each seat. */
function statesOf(capacity: number, gone: Uint8Array | undefined, chosen: readonly Seat[]): string {
  const all = Array.from({ length: capacity }, (_, place): State => (isGone(gone, place) ? 'g' : 'f'));
  for (const { place } of chosen) all[place] = 'c';
  return all.join('');
}
