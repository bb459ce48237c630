'use client';

import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import type { Order } from '../api/types.ts';
import { seatText } from '../events/seat-text.ts';
import { Button } from '../ui/button.tsx';
import { money } from '../ui/format.ts';
import ui from '../ui/ui.module.css';
import styles from './order.module.css';
import { isOfEvent, rowsOf } from './words.ts';

/** So many are shown; the rest of more than one further row is folded. */
const SHOWN = 3;

/** What an order is of, and what that costs. */
export function Items({ order }: { order: Order }): ReactNode {
  const [all, setAll] = useState(false);
  const rows = rowsOf(order);
  const { currency, reason, returned = [] } = order;
  // The last one stands among the items still.
  const last = reason === 'returned' ? (order.items[0]?.price ?? 0) : 0;
  const gone = returned.reduce((sum, { price }) => sum + price, -last);
  const folds = rows.length > SHOWN + 1;
  return (
    <div>
      <table className={styles['items']} id="items">
        <caption className="hidden">Tickets of this order</caption>
        <thead className="hidden">
          <tr>
            <th scope="col">Ticket</th>
            <th scope="col">Price</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ ticketId, title, count, price, seats }, index) => (
            <tr key={ticketId} className={folds && !all && index >= SHOWN ? styles['folded'] : undefined}>
              <td>
                {count > 1 && <span>{`${count} × `}</span>}
                <Link
                  href={isOfEvent(order) ? `/events/${order.saleId}` : `/tickets/${ticketId}`}
                  prefetch={false}
                >
                  <bdi>{title}</bdi>
                </Link>
                {seats.map((seat) => (
                  <p key={seatText(seat)} className={ui['muted']}>
                    {seatText(seat)}
                  </p>
                ))}
              </td>
              <td>{money(price, currency)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {gone > 0 && (
            <tr>
              <th scope="row">Taken back</th>
              <td>{money(gone, currency)}</td>
            </tr>
          )}
          <tr>
            <th scope="row">Total</th>
            <td>{money(order.total, currency)}</td>
          </tr>
        </tfoot>
      </table>
      {folds && (
        <Button quiet small aria-expanded={all} aria-controls="items" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${order.items.length} tickets`}
        </Button>
      )}
    </div>
  );
}
