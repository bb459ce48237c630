'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type ReactNode, useRef, useState } from 'react';
import { type Answer, isFinal, type Problem } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import { useSecondsLeft } from '../api/clock.ts';
import type { Order } from '../api/types.ts';
import { Begins } from '../events/when.tsx';
import { useStream } from '../live/stream.ts';
import { usePerson } from '../session/keeper.tsx';
import { Art } from '../ui/art.tsx';
import { Button, LinkButton } from '../ui/button.tsx';
import { Field, textsOf } from '../ui/field.tsx';
import { clockText, money } from '../ui/format.ts';
import { Badge, Empty, NotLive, Refusal } from '../ui/parts.tsx';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import styles from './order.module.css';
import { isPayable, statusOf, titlesOf } from './words.ts';

interface Props {
  first: readonly Order[];
  next: string | undefined;
  at: number;
}

/** What a buyer has ordered, newest first. */
export function Orders({ first, next, at }: Props): ReactNode {
  const [orders, setOrders] = useState<ReadonlyMap<string, Order>>(
    () => new Map(first.map((order) => [order.id, order])),
  );
  const [more, setMore] = useState(next);
  const [problem, setProblem] = useState<Problem>();
  const reading = useRef(false);
  const person = usePerson();
  const took = (changes: readonly Order[]) =>
    setOrders(
      (now) =>
        new Map([
          ...now,
          ...changes
            // The browser may have the cookie of somebody else by now.
            .filter(({ userId }) => userId === person?.id)
            .filter((news) => news.version >= (now.get(news.id)?.version ?? 0))
            // The stream does not tell of events.
            .map((news) => [news.id, { ...eventIn(now.get(news.id)), ...news }] as const),
        ]),
    );
  const read = async (path: string) => {
    const answer = await api<Order[]>('GET', path);
    if (answer.ok) took(answer.body);
    return answer;
  };
  const readOn = async () => {
    if (more === undefined || reading.current) return;
    reading.current = true;
    const answer = await read(more);
    reading.current = false;
    if (answer.ok) setMore(answer.next);
    setProblem(answer.ok ? undefined : answer);
  };
  /** As far back as is shown, as any of them may have changed. */
  const readAgain = async () => {
    const oldest = [...orders.keys()].reduce((first, id) => (id < first ? id : first), '~');
    for (let path: string | undefined = '/api/orders?limit=200'; path !== undefined;) {
      const page: Answer<Order[]> = await read(path);
      if (!page.ok) return isFinal(page);
      path = (page.body.at(-1)?.id ?? '') > oldest ? page.next : undefined;
    }
    return true;
  };
  const { live } = useStream<Order>('/api/orders/stream', { changes: took, load: readAgain });

  if (orders.size === 0)
    return (
      <div className={ui['stack']}>
        <NotLive live={live} />
        <Empty title="No orders yet">
          <p>What you reserve stands here, and stays.</p>
          <LinkButton href="/">See what’s on</LinkButton>
        </Empty>
        <Find />
      </div>
    );
  return (
    <div className={ui['stack']}>
      <NotLive live={live} />
      <ul className={styles['list']}>
        {[...orders.values()]
          .sort((a, b) => (a.id < b.id ? 1 : -1))
          .map((order) => (
            <li key={order.id}>
              <Entry order={order} at={at} />
            </li>
          ))}
      </ul>
      <Refusal why={problem && `${problem.detail}.`} />
      {more !== undefined && (
        <div>
          <Button quiet onClick={() => void readOn()}>
            {problem ? 'Try again' : 'Earlier orders'}
          </Button>
        </div>
      )}
      <Find />
    </div>
  );
}

/** To an order, one's own or of one's tickets, by the number that somebody read out. */
function Find(): ReactNode {
  const router = useRouter();
  return (
    <form
      className={styles['find']}
      onSubmit={(event) => {
        event.preventDefault();
        const number = textsOf(event.currentTarget)['number']?.replace(/[^0-9a-z]/gi, '');
        if (number) router.push(`/orders/${number}`);
      }}
    >
      <Field label="Find an order by its number" name="number" placeholder="3D4VR-6HK2M" autoComplete="off" />
      <Button quiet type="submit">
        Find
      </Button>
    </form>
  );
}

function Entry({ order, at }: { order: Order; at: number }): ReactNode {
  const { label, tone } = statusOf(order);
  return (
    <Link href={`/orders/${order.id}`} prefetch={false} className={styles['entry']}>
      <div>
        <Art seed={order.saleId} />
      </div>
      <div>
        <h2>{titlesOf(order)}</h2>
        {order.event && <OfEvent event={order.event} />}
        <p className={ui['muted']}>
          <Time at={order.createdAt} />
          {order.number !== undefined && <span className={styles['number']}>{order.number}</span>}
        </p>
      </div>
      <div>
        <strong>{money(order.total, order.currency)}</strong>
        <Badge tone={tone}>
          <span>{label}</span>
          {isPayable(order) && <Left order={order} at={at} />}
        </Badge>
      </div>
    </Link>
  );
}

const eventIn = (order: Order | undefined) => order?.event && { event: order.event };

/** When it is, and what has become of it. */
const OfEvent = ({ event }: { event: NonNullable<Order['event']> }): ReactNode => (
  <p className={styles['event']}>
    <span>
      <Begins event={event} />
    </span>
    {event.status === 'cancelled' ? (
      <Badge tone="bad">Cancelled</Badge>
    ) : (
      event.postponedFrom !== undefined && <Badge tone="warn">Postponed</Badge>
    )}
  </p>
);

const Left = ({ order, at }: { order: Order; at: number }): ReactNode => {
  const left = useSecondsLeft(order.expiresAt, at);
  return left > 0 && <span>{clockText(left)}</span>;
};
