'use client';

import type { ReactNode } from 'react';
import type { EventView } from '../api/types.ts';
import { rateText } from '../orders/tax.ts';
import { isolated, money } from '../ui/format.ts';
import { Badge } from '../ui/parts.tsx';
import { Time, useHydrated } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import type { Offer } from './basket.ts';
import styles from './choice.module.css';
import { saleOf } from './words.ts';

/** Of so few places it is said how many they are. */
const FEW = 10;

interface Props {
  offer: Offer;
  event: EventView;
  now: number;
  /** The event sells at all, and to this visitor. */
  sells: boolean;
  /** Places of its pool; undefined as long as nobody knows. */
  left: number | undefined;
  count: number;
  /** How many more can be chosen. */
  room: number;
  onCount(count: number): void;
}

/** What one kind of ticket is, and how many of it one takes, wherever the places are. */
export function TierRow({ offer, event, now, sells, left, count, room, onCount }: Props): ReactNode {
  const { tier, price } = offer;
  const sale = saleOf(tier, now);
  const isSeated = event.pools.some(({ id, blocks }) => id === tier.poolId && blocks);
  return (
    <li className={styles['tier']}>
      <div>
        <h3 dir="auto">{tier.name}</h3>
        <p className={styles['price']}>
          {price !== tier.price && <del>{money(tier.price, event.currency)}</del>}
          <strong>{price === 0 ? 'Free' : money(price, event.currency)}</strong>
          {tier.taxRate !== undefined && tier.taxRate > 0 && price > 0 && (
            <span className={ui['hint']}>{`with ${rateText(tier.taxRate)} tax`}</span>
          )}
        </p>
        <Window tier={tier} event={event} sale={sale} />
        {tier.limit != null && <p className={ui['hint']}>{`At most ${tier.limit} for each account.`}</p>}
      </div>
      <div className={styles['take']}>
        <div aria-live="polite">{sells && sale === 'open' && <Left left={left} />}</div>
        {sells && sale === 'open' && (left !== 0 || count > 0) && (
          <Stepper
            name={isolated(tier.name)}
            hint={isSeated ? 'Best available' : undefined}
            count={count}
            room={room}
            onCount={onCount}
          />
        )}
      </div>
    </li>
  );
}

/** When it is sold, as long as that is not over for good. */
function Window({ tier, event, sale }: Pick<Offer, 'tier'> & { event: EventView; sale: string }): ReactNode {
  if (event.status === 'cancelled') return null;
  if (sale === 'soon' && tier.opensAt !== undefined)
    return (
      <p className={ui['hint']}>
        On sale from <Time at={tier.opensAt} zone={event.zone} />.
      </p>
    );
  if (sale === 'closed') return <p className={ui['hint']}>No longer on sale.</p>;
  if (tier.closesAt === undefined) return null;
  return (
    <p className={ui['hint']}>
      On sale until <Time at={tier.closesAt} zone={event.zone} />.
    </p>
  );
}

const Left = ({ left }: { left: number | undefined }): ReactNode => {
  if (left === undefined || left > FEW) return null;
  if (left > 0) return <Badge tone="warn">{`Only ${left} left`}</Badge>;
  return (
    <>
      <Badge>Sold out</Badge>
      <p className={ui['hint']}>Places come back when somebody does not pay for theirs.</p>
    </>
  );
};

interface StepperProps {
  name: string;
  hint: string | undefined;
  count: number;
  room: number;
  onCount(count: number): void;
}

/** How many: from none to as many as there can be. Its buttons keep the focus at either end. */
function Stepper({ name, hint, count, room, onCount }: StepperProps): ReactNode {
  const hydrated = useHydrated();
  const step = (by: -1 | 1, label: string, possible: boolean) => (
    <button
      type="button"
      aria-label={label}
      aria-disabled={!possible}
      disabled={!hydrated}
      onClick={() => possible && onCount(count + by)}
    >
      {by === 1 ? '+' : '−'}
    </button>
  );
  return (
    <div role="group" aria-label={name} className={styles['stepper']}>
      {hint !== undefined && <span className={ui['hint']}>{hint}</span>}
      {step(-1, `One ${name} fewer`, count > 0)}
      <output>{count}</output>
      {step(1, `One ${name} more`, room > 0)}
    </div>
  );
}
