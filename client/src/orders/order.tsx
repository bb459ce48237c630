'use client';

import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import { useSecondsLeft } from '../api/clock.ts';
import type { Order, Payment, Ticket } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { usePerson } from '../session/keeper.tsx';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { clockText, money } from '../ui/format.ts';
import { Badge, NotLive, Notice } from '../ui/parts.tsx';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { Again } from './again.tsx';
import styles from './order.module.css';
import { moneyBack, returned } from './money-back.ts';
import { Pay } from './pay.tsx';
import { isPayable, reasonOf, STATUS, titlesOf } from './words.ts';

interface Props {
  first: Order;
  payments: readonly Payment[];
  /** The server's clock when the page was made, in milliseconds. */
  at: number;
  stripeKey: string | undefined;
}

/** An order, live: its countdown, its payment, its receipt. */
export function OrderView({ first, payments: before, at, stripeKey }: Props): ReactNode {
  const person = usePerson();
  const [order, setOrder] = useState(first);
  const [payments, setPayments] = useState(before);
  const mine = order.userId === person?.id;
  /** A sale has one date on all pages of its seller; a buyer's times are those of where they are. */
  const zone = mine ? undefined : person?.zone;

  const took = (news: Order) => setOrder((now) => (news.version > now.version ? news : now));
  const read = async () => {
    const [now, paid] = await Promise.all([
      api<Order>('GET', `/api/orders/${first.id}`),
      api<Payment[]>('GET', `/api/payments?orderId=${first.id}`),
    ]);
    if (now.ok) took(now.body);
    if (paid.ok) setPayments(paid.body);
    return isFinal(now) && isFinal(paid);
  };
  // A seller has no stream of orders; what happens to one shows at its tickets.
  const about = [first.id, ...first.items.map(({ ticketId }) => ticketId)];
  const { live, load } = useStream<Order | Ticket>(mine ? '/api/orders/stream' : '/api/tickets/stream', {
    changes(changes) {
      const ours = changes.filter(({ id }) => about.includes(id));
      for (const news of ours) if ('items' in news) took(news);
      // What was paid or given back is for `payments` to say.
      if (ours.length > 0) void load();
    },
    load: read,
  });
  const { label, tone } = STATUS[order.status];

  return (
    <article className={ui['stack']}>
      <div className={ui['head']}>
        <div>
          <h1>{titlesOf(order)}</h1>
          <p className={ui['muted']}>
            Order {order.id}, <Time at={order.createdAt} zone={zone} />
          </p>
        </div>
        <div role="status">
          <Badge tone={tone}>{label}</Badge>
        </div>
      </div>
      <NotLive live={live}>The order goes on without this page.</NotLive>
      <Items order={order} />
      {isPayable(order) && mine && (
        <Open order={order} payments={payments} at={at} stripeKey={stripeKey} onChange={load} />
      )}
      {isPayable(order) && !mine && (
        <Notice>
          <p>Reserved by a buyer who has not paid yet.</p>
        </Notice>
      )}
      {order.status === 'complete' && (
        <Complete order={order} payments={payments} mine={mine} zone={zone} onChange={load} />
      )}
      {order.status === 'cancelled' && (
        <Notice tone={order.reason === 'expired' ? 'warn' : 'plain'}>
          <p>
            {payments.some(({ lastTry }) => lastTry)
              ? 'Too many cards were declined for it.'
              : reasonOf(order, mine)}
          </p>
        </Notice>
      )}
      {order.status === 'refunded' && (
        <Notice tone="good">
          <p>{reasonOf(order, mine) || 'The money was given back.'}</p>
        </Notice>
      )}
      {moneyBack(order, owed(payments) || order.refund !== undefined).map(({ text, tone }) => (
        <Notice key={text} tone={tone}>
          <p>{text}</p>
        </Notice>
      ))}
      {order.status === 'cancelled' && mine && <Again items={order.items} />}
    </article>
  );
}

const comesBack = (order: Order, payments: readonly Payment[]) => {
  if (owed(payments)) return `You get ${money(order.total - returned(order), order.currency)} back.`;
  return payments.some(({ status }) => status === 'started')
    ? 'If a payment goes through, you get it back.'
    : 'Nothing was charged.';
};

const owed = (payments: readonly Payment[]) => payments.some(({ status }) => status === 'succeeded');

const Items = ({ order: { items, total, currency } }: { order: Order }): ReactNode => (
  <table className={styles['items']}>
    <caption className="hidden">Tickets of this order</caption>
    <thead className="hidden">
      <tr>
        <th scope="col">Ticket</th>
        <th scope="col">Price</th>
      </tr>
    </thead>
    <tbody>
      {items.map(({ ticketId, title, price }) => (
        <tr key={ticketId}>
          <td>
            <Link href={`/tickets/${ticketId}`} prefetch={false}>
              {title}
            </Link>
          </td>
          <td>{money(price, currency)}</td>
        </tr>
      ))}
    </tbody>
    <tfoot>
      <tr>
        <th scope="row">Total</th>
        <td>{money(total, currency)}</td>
      </tr>
    </tfoot>
  </table>
);

interface PartProps {
  order: Order;
  onChange(): Promise<void>;
}

/** As long as it is to be paid. */
function Open({
  order,
  payments,
  at,
  stripeKey,
  onChange,
}: PartProps & Pick<Props, 'payments' | 'at' | 'stripeKey'>): ReactNode {
  const left = useSecondsLeft(order.expiresAt, at);
  const atBank = payments.some(({ status, challenged }) => status === 'started' && challenged);
  return (
    <>
      <div className={styles['countdown']} data-urgent={left <= 60}>
        <p id="left">{left > 0 ? 'Yours for' : 'Your time is up'}</p>
        {left > 0 && (
          <p role="timer" aria-labelledby="left">
            {clockText(left)}
          </p>
        )}
        <p className="hidden" role="status">
          {left > 0 && left <= 60 ? 'Less than a minute is left.' : ''}
        </p>
      </div>
      {atBank && left > 0 && (
        <p className={ui['hint']}>
          Your bank asks you to confirm the payment. It has until <Time at={order.expiresAt} />; then the
          tickets go back on sale, and nothing is charged.
        </p>
      )}
      <Pay
        order={order}
        payments={payments}
        stripeKey={stripeKey}
        closed={left === 0 && order.status === 'created'}
        onChange={onChange}
      />
      <Cancel order={order} label="Cancel the order" onChange={onChange}>
        The tickets go back on sale at once. {comesBack(order, payments)}
      </Cancel>
    </>
  );
}

/** The receipt, and the way back. */
function Complete({
  order,
  payments,
  mine,
  zone,
  onChange,
}: PartProps & { payments: readonly Payment[]; mine: boolean; zone: string | undefined }): ReactNode {
  const paid = payments.find(({ status }) => status === 'succeeded');
  const rest = money(order.total - returned(order), order.currency);
  return (
    <>
      <section className={styles['receipt']} aria-labelledby="receipt">
        <h2 id="receipt">{mine ? 'It is yours' : 'Sold'}</h2>
        <dl>
          <div>
            <dt>Paid</dt>
            <dd>{money(order.total, order.currency)}</dd>
          </div>
          <div>
            <dt>On</dt>
            <dd>
              <Time at={order.completedAt ?? paid?.createdAt ?? order.updatedAt} zone={zone} />
            </dd>
          </div>
          <div>
            <dt>Receipt</dt>
            <dd>{paid?.id ?? order.id}</dd>
          </div>
        </dl>
        {mine && (
          <div>
            <Button quiet small onClick={() => print()}>
              Print
            </Button>
          </div>
        )}
      </section>
      {order.dispute?.status !== 'open' && (
        <Cancel order={order} label={mine ? 'Give it back' : 'Cancel the sale'} onChange={onChange}>
          {mine
            ? `The tickets go back on sale, and you get ${rest} back.`
            : `The buyer gets ${rest} back, and the tickets go back on sale.`}
        </Cancel>
      )}
    </>
  );
}

const Cancel = ({
  order,
  label,
  onChange,
  children,
}: PartProps & { label: string; children: ReactNode }): ReactNode => (
  <div>
    <Confirm
      quiet
      small
      label={label}
      act={async (close) => {
        const answer = await api('DELETE', `/api/orders/${order.id}`);
        if (answer.ok) {
          close();
          await onChange();
        }
        return answer;
      }}
    >
      {children}
    </Confirm>
  </div>
);
