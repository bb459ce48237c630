import type { ReactNode } from 'react';
import type { Admission } from '../api/types.ts';
import { money } from '../ui/format.ts';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { placeText, statusOf } from './words.ts';

interface Props {
  ticket: Admission;
  chosen: boolean;
  onChoose(yes: boolean): void;
}

/** A ticket that may be given back, with what that brings; or why it may not. */
export function Offered({ ticket, chosen, onChoose }: Props): ReactNode {
  const { offer, price, currency, event, name, status } = ticket;
  return (
    <label className={ui['check']}>
      <input
        type="checkbox"
        checked={chosen && offer !== undefined}
        disabled={!offer}
        onChange={({ target }) => onChoose(target.checked)}
      />
      <span>
        <span>{placeText(ticket)}</span>
        {name !== undefined && (
          <span>
            {', '}
            <bdi>{name}</bdi>
          </span>
        )}
        {offer ? (
          <span className={ui['muted']}>
            <span>{` ${offerText(offer.back, price, currency)}, until `}</span>
            <Time at={offer.until} zone={event.zone} />
          </span>
        ) : (
          <span className={ui['muted']}>
            {status === 'valid' ? ' cannot be given back, or not any more' : ` ${statusOf(ticket).label}`}
          </span>
        )}
      </span>
    </label>
  );
}

const offerText = (back: number, price: number, currency: string) => {
  if (price === 0) return 'free';
  const less = back < price ? ` of ${money(price, currency)}` : '';
  return `${money(back, currency)}${less} goes back`;
};
