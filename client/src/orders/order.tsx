'use client';

import Link from 'next/link';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import { useSecondsLeft } from '../api/clock.ts';
import type { Order, Payment, Ticket } from '../api/types.ts';
import { seatText } from '../events/seat-text.ts';
import { useStream } from '../live/stream.ts';
import { usePerson } from '../session/keeper.tsx';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { clockText, isLong, money } from '../ui/format.ts';
import { useFocusOn, useTitle } from '../ui/here.ts';
import { Badge, NotLive, Notice } from '../ui/parts.tsx';
import { Time, useHydrated } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { Again } from './again.tsx';
import styles from './order.module.css';
import { moneyBack, returned } from './money-back.ts';
import { ELSEWHERE, TakeBack, TakenBack } from './taken-back.tsx';
import { tellOrders } from './news.ts';
import { OfEvent } from './of-event.tsx';
import { Pay } from './pay.tsx';
import { rateText, taxesIn } from './tax.ts';
import { isBehind, isOfEvent, isPayable, reasonOf, rowsOf, statusOf, titlesOf } from './words.ts';

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
      {moneyBack(order, owed(payments) || order.refund !== undefined).map(({ text, tone }) => (
        <Notice key={text} tone={tone}>
          <p>{text}</p>
        </Notice>
      ))}
      <TakenBack order={order} zone={zone} />
      {order.event && <OfEvent event={order.event} items={order.items} onChange={read} />}
      {order.status === 'cancelled' && mine && !isOfEvent(order) && <Again items={order.items} />}
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

/** So many are shown; the rest of more than one further row is folded. */
const SHOWN = 3;

function Items({ order }: { order: Order }): ReactNode {
  const [all, setAll] = useState(false);
  const rows = rowsOf(order);
  const { currency, reason, returned: left = [] } = order;
  // The last one stands among the items still.
  const last = reason === 'returned' ? (order.items[0]?.price ?? 0) : 0;
  const gone = left.reduce((sum, { price }) => sum + price, -last);
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

interface PartProps {
  order: Order;
  onChange(): Promise<void>;
}

/** As long as it is to be paid: the time, the payment, and then what it is for. */
function Open({
  order,
  payments,
  left,
  stripeKey,
  onChange,
  items,
}: PartProps & Pick<Props, 'payments' | 'stripeKey'> & { left: number; items: ReactNode }): ReactNode {
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
          Your bank asks you to confirm the payment. It has until <Time at={order.expiresAt} brief />; then
          the tickets go back on sale, and nothing is charged.
        </p>
      )}
      <Pay
        order={order}
        payments={payments}
        stripeKey={stripeKey}
        closed={left === 0 && order.status === 'created'}
        onChange={onChange}
      />
      {items}
      <Cancel order={order} label="Cancel the order" onChange={onChange}>
        {`The tickets go back on sale at once. ${comesBack(order, payments)}`}
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
  at,
  help,
  heading,
  onChange,
}: PartProps & {
  payments: readonly Payment[];
  mine: boolean;
  zone: string | undefined;
  at: number;
  help: string | undefined;
  heading: RefObject<HTMLHeadingElement | null>;
}): ReactNode {
  const person = usePerson();
  const paid = payments.find(({ status }) => status === 'succeeded');
  return (
    <>
      <section className={styles['receipt']} aria-labelledby="receipt">
        <h2 id="receipt" ref={heading} tabIndex={-1}>
          {mine ? 'It is yours' : 'Sold'}
        </h2>
        <dl>
          <Fact name={order.paidElsewhere ? 'Paid at the box office' : 'Paid'}>
            {order.total === 0
              ? 'Nothing: it is free'
              : `${money(order.total, order.currency)} ${order.currency.toUpperCase()}`}
          </Fact>
          {taxesIn({ ...order, items: [...order.items, ...(order.returned ?? [])] }).map(
            ({ rate, gross, tax }) => (
              <Fact key={rate} name={`Tax in it, ${rateText(rate)}`}>
                {`${money(tax, order.currency)} on ${money(gross - tax, order.currency)}`}
              </Fact>
            ),
          )}
          <Fact name="On">
            <Time at={order.completedAt ?? paid?.createdAt ?? order.updatedAt} zone={zone} />
          </Fact>
          <Fact name="Order number">{order.number ?? order.id}</Fact>
        </dl>
        {/* What a door or an accountant asks for besides. */}
        <dl className={styles['printed']}>
          {mine && <Fact name="Bought by">{person?.email}</Fact>}
          {paid && <Fact name="Payment">{paid.id}</Fact>}
          <Fact name="Marketplace">
            <Origin />
          </Fact>
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
        <GiveBack order={order} mine={mine} at={at} help={help} onChange={onChange} />
      )}
    </>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }): ReactNode => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

/** The marketplace, for paper. */
const Origin = (): ReactNode => <span>{useHydrated() ? location.host : 'Ticketing'}</span>;

/** Undoing what was paid: its buyer may for a while, and is told for how long; its seller at any time. */
function GiveBack({
  order,
  mine,
  at,
  help,
  onChange,
}: PartProps & { mine: boolean; at: number; help: string | undefined }): ReactNode {
  const { cancellableUntil: until = '9999-12-31T00:00:00Z' } = order;
  const left = useSecondsLeft(until, at);
  const rest = money(order.total - returned(order), order.currency);
  if (!mine || order.paidElsewhere)
    return (
      <div className={`${ui['row']} ${styles['screen']}`}>
        {order.items.length > 1 && <TakeBack order={order} onChange={onChange} />}
        <Cancel order={order} label="Cancel the sale" onChange={onChange}>
          {order.paidElsewhere
            ? `${ELSEWHERE} The tickets go back on sale.`
            : `The buyer gets ${rest} back, and the tickets go back on sale.`}
        </Cancel>
      </div>
    );
  if (left === 0)
    return (
      <div className={`${ui['hint']} ${styles['screen']}`}>
        <p>
          It could be given back until <Time at={until} brief />. Now only its seller or the marketplace can
          still do that; the order number says to them which it is.
        </p>
        {help !== undefined && <a href={help}>Ask the marketplace</a>}
      </div>
    );
  return (
    <div className={`${ui['row']} ${styles['screen']}`}>
      <Cancel order={order} label="Give it back" onChange={onChange}>
        {order.total === 0
          ? 'The tickets can then be had by others.'
          : `The tickets go back on sale, and you get ${rest} back.`}
      </Cancel>
      {order.cancellableUntil !== undefined && (
        <p className={ui['hint']}>
          You can until <Time at={until} brief />.
        </p>
      )}
    </div>
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
