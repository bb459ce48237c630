import Form from 'next/form';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { EventView, PlacedOrder } from '../api/types.ts';
import { Field } from '../ui/field.tsx';
import { isLong, isolated, money } from '../ui/format.ts';
import { Badge, Empty } from '../ui/parts.tsx';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { type PlacedSearch, standing, STATUSES, ticketsText } from './placed.ts';
import styles from './orders.module.css';

interface Props {
  event: EventView;
  search: PlacedSearch;
  orders: readonly PlacedOrder[];
  /** Of the same for a spreadsheet. */
  sheet: string;
  /** The page of what comes after them. */
  more: string | undefined;
}

/** Who ordered what of an event: looked for by number, name or address, and to be taken away as a spreadsheet. */
export function PlacedOrders({ event, search, orders, sheet, more }: Props): ReactNode {
  const { id, title } = event;
  const here = `/organize/${id}/orders`;
  const isSearch = search.q !== '' || search.status !== '';
  return (
    <div className={ui['stack']}>
      <div className={ui['head']}>
        <div>
          <h1>Orders</h1>
          <p data-long={isLong(title)}>
            <Link href={`/organize/${id}`} prefetch={false}>
              {isolated(title)}
            </Link>
          </p>
        </div>
      </div>
      <Form
        key={`${search.q}/${search.status}`}
        action={here}
        role="search"
        prefetch={false}
        className={styles['search']}
      >
        <Field
          label="Number, name or address"
          name="q"
          type="search"
          maxLength={100}
          defaultValue={search.q}
          autoComplete="off"
        />
        <Field label="Which" name="status" defaultValue={search.status}>
          <option value="">All</option>
          {Object.entries(STATUSES).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </Field>
        <button className={ui['button']}>Search</button>
      </Form>
      {orders.length > 0 ? (
        <ul className={styles['orders']} aria-label="Orders, newest first">
          {orders.map((order) => (
            <li key={order.id}>
              <Entry order={order} event={event} />
            </li>
          ))}
        </ul>
      ) : (
        <Empty title={isSearch ? 'No order is like that' : 'No orders yet'}>
          <p>
            {isSearch
              ? 'Words are found by their beginnings, of the name and address that a buyer had when ordering.'
              : 'Whoever orders stands here.'}
          </p>
          {isSearch && <Link href={here}>All orders</Link>}
        </Empty>
      )}
      <p className={ui['row']}>
        {more !== undefined && <Link href={more}>Earlier orders</Link>}
        {orders.length > 0 && (
          <a href={sheet} download>
            {isSearch ? 'These as a spreadsheet (CSV)' : 'All as a spreadsheet (CSV)'}
          </a>
        )}
      </p>
    </div>
  );
}

function Entry({ order, event }: { order: PlacedOrder; event: EventView }): ReactNode {
  const { id, number, buyer, total, refunded, currency, createdAt } = order;
  const { label, tone } = standing(order);
  return (
    <div className={styles['entry']}>
      <div>
        <h2>
          <Link href={`/orders/${id}`} prefetch={false}>
            {number}
          </Link>
        </h2>
        <p className={ui['hint']}>
          <Time at={createdAt} zone={event.zone} />
        </p>
      </div>
      <div>
        {buyer ? (
          <>
            {buyer.name !== undefined && (
              <p>
                <bdi>{buyer.name}</bdi>
              </p>
            )}
            <p className={ui['muted']}>
              <bdi>{buyer.email}</bdi>
            </p>
          </>
        ) : (
          <p className={ui['muted']}>Unknown</p>
        )}
      </div>
      <p>{ticketsText(order, event.tiers)}</p>
      <div className={styles['state']}>
        <strong>{total === 0 ? 'Free' : money(total, currency)}</strong>
        {(label !== 'Free' || total > 0) && <Badge tone={tone}>{label}</Badge>}
        {refunded > 0 && <span className={ui['hint']}>{`${money(refunded, currency)} went back`}</span>}
      </div>
    </div>
  );
}
