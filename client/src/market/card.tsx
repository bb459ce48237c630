'use client';

import Link from 'next/link';
import { memo, type ReactNode, useState } from 'react';
import type { Sale } from '../api/types.ts';
import { Begins } from '../events/when.tsx';
import finding from '../finding/finding.module.css';
import { Art } from '../ui/art.tsx';
import { isolated, LOCALE } from '../ui/format.ts';
import { Badge } from '../ui/parts.tsx';
import styles from './market.module.css';
import { priceOf } from './words.ts';

interface Props {
  sale: Sale;
  mine: boolean;
  /** What it is for has begun. */
  over: boolean;
  place: number;
  count: number;
}

/** What one seller offers together, in the market: by the ticket that comes first. */
export const Card = memo(function Card({ sale, mine, over, place, count }: Props): ReactNode {
  const { ticket, status, left, of } = sale;
  const { title, description, date, sellerName } = ticket;
  const looks = `${priceOf(sale)} ${status}`;
  const [first] = useState(looks);
  const where = [ticket.event, ticket.place].filter((text) => text !== undefined);
  return (
    <li
      aria-posinset={place}
      aria-setsize={count}
      data-status={over ? 'over' : status}
      className={finding['item']}
    >
      <Link href={`/tickets/${ticket.id}`} prefetch={false} className={finding['card']}>
        <div className={finding['poster']}>
          <Art seed={sale.id} />
        </div>
        <div className={`${finding['text']} ${styles['text']}`}>
          {date && (
            <p className={finding['date']}>
              <Begins event={{ startsAt: date.at, endsAt: date.at, zone: date.zone }} />
            </p>
          )}
          <h3 dir="auto">{title}</h3>
          {where.length > 0 ? (
            <p className={finding['place']}>{where.map(isolated).join(', ')}</p>
          ) : (
            <p dir="auto" className={finding['place']}>
              {description}
            </p>
          )}
          {!mine && sellerName !== undefined && (
            <p className={finding['place']}>
              {'From '}
              <bdi>{sellerName}</bdi>
            </p>
          )}
        </div>
        <div className={finding['stub']}>
          <strong key={looks} className={looks === first ? undefined : finding['changed']}>
            {priceOf(sale)}
          </strong>
          <span className={styles['state']}>
            {status === 'available' && of > 1 && !over && (
              <span className={finding['left']}>{`${number.format(left)} left`}</span>
            )}
            <State status={over ? 'over' : status} mine={mine} />
          </span>
        </div>
      </Link>
    </li>
  );
});

const number = new Intl.NumberFormat(LOCALE);

const State = ({ status, mine }: { status: Sale['status'] | 'over'; mine: boolean }): ReactNode => {
  switch (status) {
    case 'available':
      return mine && <Badge>Yours</Badge>;
    case 'reserved':
      return <Badge tone="warn">Reserved</Badge>;
    case 'sold':
      return <Badge>Sold</Badge>;
    case 'over':
      return <Badge>Over</Badge>;
  }
};
