'use client';

import { type ReactNode, useEffect, useRef, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import { useSecondsLeft } from '../api/clock.ts';
import type { Order, Payment, Ticket } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { usePerson } from '../session/keeper.tsx';
import { clockText, isLong } from '../ui/format.ts';
import { useFocusOn, useTitle } from '../ui/here.ts';
import { late } from '../ui/late.tsx';
import { Badge, NotLive, Notice } from '../ui/parts.tsx';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { Again } from './again.tsx';
import { Items } from './items.tsx';
import { isOwed, moneyBack } from './money-back.ts';
import { tellOrders } from './news.ts';
import { OfEvent } from './of-event.tsx';
import { Open } from './open.tsx';
import styles from './order.module.css';
import { Complete } from './receipt.tsx';
import { TakenBack } from './taken-back.tsx';
import { isBehind, isOfEvent, isPayable, reasonOf, statusOf, titlesOf } from './words.ts';

const OfOrder = late(() => import('../admissions/of-order.tsx').then((file) => file.OfOrder));

interface Props {
  first: Order;
  payments: readonly Payment[];
  /** The server's clock when the page was made, in milliseconds. */
  at: number;
  stripeKey: string | undefined;
  /** Where whoever runs the market helps, if they say so. */
  help: string | undefined;
}

/** An order, live: its countdown, its payment, its receipt. */
export function OrderView({ first, payments: before, at, stripeKey, help }: Props): ReactNode {
  const person = usePerson();
  const [order, setOrder] = useState(first);
  const [payments, setPayments] = useState(before);
  const mine = order.userId === person?.id;
  /** A sale has one date on all pages of its seller; a buyer's times are those of where they are. */
  const zone = mine ? undefined : person?.zone;

  const took = (news: Order) =>
    setOrder((now) => {
      const newest = news.version > now.version ? news : now;
      const event = news.event && news.event.version >= (now.event?.version ?? 0) ? news.event : now.event;
      return event === newest.event ? newest : { ...newest, ...(event && { event }) };
    });
  /** Whether nothing is left to be read; of its event, as new as was heard. */
  const read = async (heard = 0) => {
    const [now, paid] = await Promise.all([
      api<Order>('GET', `/api/orders/${first.id}`),
      api<Payment[]>('GET', `/api/payments?orderId=${first.id}`),
    ]);
    if (now.ok) took(now.body);
    if (paid.ok) setPayments(paid.body);
    return isFinal(now) && isFinal(paid) && !(now.ok && isBehind(now.body, heard));
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
    load: () => read(),
  });
  const { label, tone } = statusOf(order);
  const name = titlesOf(order);
  const left = useSecondsLeft(order.expiresAt, at);
  useTitle(`${isPayable(order) && mine && left > 0 ? clockText(left) : label} · ${name}`);
  useEffect(() => {
    if (mine) tellOrders();
  }, [mine, order.status, order.expiresAt]);
  const came = useRef<HTMLHeadingElement>(null);
  useFocusOn(came, order.status);

  return (
    <article className={styles['order']}>
      <div className={ui['head']}>
        <div>
          <h1 ref={order.status === 'complete' ? undefined : came} tabIndex={-1} data-long={isLong(name)}>
            {name}
          </h1>
          <p className={ui['muted']}>
            <span>{`Order ${order.number ?? order.id}`}</span>, <Time at={order.createdAt} zone={zone} />
          </p>
        </div>
        <div role="status">
          <Badge tone={tone}>{label}</Badge>
        </div>
      </div>
      <NotLive live={live}>The order goes on without this page.</NotLive>
      {isPayable(order) && mine ? (
        <Open
          order={order}
          left={left}
          payments={payments}
          stripeKey={stripeKey}
          onChange={load}
          items={<Items order={order} />}
        />
      ) : (
        <Items order={order} />
      )}
      {isPayable(order) && !mine && (
        <Notice>
          <p>Reserved by a buyer who has not paid yet.</p>
        </Notice>
      )}
      {order.status === 'complete' && (
        <Complete
          order={order}
          payments={payments}
          mine={mine}
          zone={zone}
          at={at}
          help={help}
          heading={came}
          onChange={load}
        />
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
      {moneyBack(order, isOwed(payments) || order.refund !== undefined).map(({ text, tone }) => (
        <Notice key={text} tone={tone}>
          <p>{text}</p>
        </Notice>
      ))}
      {order.status === 'complete' && mine && isOfEvent(order) && <OfOrder order={order} at={at} />}
      <TakenBack order={order} zone={zone} />
      {order.event && <OfEvent event={order.event} items={order.items} onChange={read} />}
      {order.status === 'cancelled' && mine && !isOfEvent(order) && <Again items={order.items} />}
    </article>
  );
}
