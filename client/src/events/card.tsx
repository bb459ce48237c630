'use client';

import Link from 'next/link';
import { memo, type ReactNode } from 'react';
import type { EventSummary } from '../api/types.ts';
import finding from '../finding/finding.module.css';
import { Art } from '../ui/art.tsx';
import { LOCALE } from '../ui/format.ts';
import { Badge } from '../ui/parts.tsx';
import { useLeft } from './counts.ts';
import styles from './events.module.css';
import { Begins } from './when.tsx';
import { fromPrice, placeOf, standingOf, WORDS } from './words.ts';

interface Props {
  event: EventSummary;
  /** By the minute, in milliseconds. */
  now: number;
  /** With another, what is left is asked for again. */
  turn: number | undefined;
  place: number;
  of: number;
  /** It is seen at once, so its picture must not wait. */
  first: boolean;
}

/** One event of *What's on*. */
export const Card = memo(function Card({ event, now, turn, place, of, first }: Props): ReactNode {
  const places = useLeft(event, turn);
  const standing = standingOf(event, now, places);
  const { label, tone } = WORDS[standing];
  const left = places && `${counted(places.left)} left`;
  const over = standing === 'cancelled' || standing === 'over';
  return (
    <li
      aria-posinset={place}
      aria-setsize={of}
      data-status={over ? 'over' : 'available'}
      className={finding['item']}
    >
      <Link href={`/events/${event.id}`} prefetch={false} className={finding['card']}>
        <div className={finding['poster']}>
          <Poster event={event} first={first} />
        </div>
        <div className={`${finding['text']} ${styles['text']}`}>
          <p className={finding['date']}>
            <Begins event={event} />
          </p>
          <h3 dir="auto">{event.title}</h3>
          <p className={finding['place']}>{placeOf(event)}</p>
        </div>
        <div className={finding['stub']}>
          <strong>{!over && fromPrice(event, now)}</strong>
          {standing === 'sale' ? (
            left && <span className={finding['left']}>{left}</span>
          ) : (
            <Badge tone={tone}>{standing === 'few' ? left : label}</Badge>
          )}
        </div>
      </Link>
    </li>
  );
});

let format: Intl.NumberFormat | undefined;
const counted = (count: number) => (format ??= new Intl.NumberFormat(LOCALE)).format(count);

/** How wide a card is. */
const SIZES = '(width < 40rem) 92vw, 20rem';

function Poster({ event: { id, pictures = [] }, first }: Pick<Props, 'event' | 'first'>): ReactNode {
  const [smallest] = pictures;
  if (!smallest) return <Art seed={id} />;
  return (
    <img
      src={smallest.href}
      srcSet={pictures.map(({ href, width }) => `${href} ${width}w`).join(', ')}
      sizes={SIZES}
      width={smallest.width}
      height={smallest.height}
      alt=""
      loading={first ? 'eager' : 'lazy'}
      decoding="async"
      className={styles['picture']}
    />
  );
}
