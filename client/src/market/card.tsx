'use client';

import Link from 'next/link';
import { memo, type ReactNode, useState } from 'react';
import type { Ticket } from '../api/types.ts';
import { Art } from '../ui/art.tsx';
import { money } from '../ui/format.ts';
import { Badge } from '../ui/parts.tsx';
import styles from '../finding/finding.module.css';

interface Props {
  ticket: Ticket;
  mine: boolean;
  place: number;
  of: number;
}

/** One ticket of the market. */
export const Card = memo(function Card({ ticket, mine, place, of }: Props): ReactNode {
  const looks = `${ticket.price} ${ticket.status}`;
  const [first] = useState(looks);
  return (
    <li aria-posinset={place} aria-setsize={of} data-status={ticket.status} className={styles['item']}>
      <Link href={`/tickets/${ticket.id}`} prefetch={false} className={styles['card']}>
        <div className={styles['poster']}>
          <Art seed={ticket.saleId} />
        </div>
        <div className={styles['text']}>
          <h3 dir="auto">{ticket.title}</h3>
          <p dir="auto">{ticket.description}</p>
        </div>
        <div className={styles['stub']}>
          <strong key={looks} className={looks === first ? undefined : styles['changed']}>
            {money(ticket.price, ticket.currency)}
          </strong>
          {ticket.status === 'available' ? (
            mine && <Badge>Yours</Badge>
          ) : (
            <Badge tone={ticket.status === 'reserved' ? 'warn' : 'plain'}>
              {ticket.status === 'reserved' ? 'Reserved' : 'Sold'}
            </Badge>
          )}
        </div>
      </Link>
    </li>
  );
});
