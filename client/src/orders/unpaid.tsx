'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { type ReactNode, useEffect, useState } from 'react';
import { api } from '../api/browser.ts';
import { useSecondsLeft } from '../api/clock.ts';
import type { Success } from '../api/answer.ts';
import type { Order } from '../api/types.ts';
import { usePerson } from '../session/keeper.tsx';
import { clockText } from '../ui/format.ts';
import { onOrders } from './news.ts';
import styles from './order.module.css';
import { titlesOf } from './words.ts';

/** On every page: what one holds and has not paid, with the time that is left. Not where the order itself says so. */
export function Unpaid(): ReactNode {
  const path = usePathname();
  const id = usePerson()?.id;
  const [answer, setAnswer] = useState<Success<Order[]>>();
  useEffect(() => {
    let left = false;
    const read = async () => {
      const now = await api<Order[]>('GET', '/api/orders?status=unpaid');
      if (!left && now.ok) setAnswer(now);
    };
    void read();
    const stop = onOrders(() => void read());
    return () => {
      left = true;
      stop();
    };
  }, []);
  if (!answer || path === '/orders') return null;
  const [next, ...more] = answer.body
    .filter((order) => order.userId === id && path !== `/orders/${order.id}`)
    .sort((a, b) => (a.expiresAt < b.expiresAt ? -1 : 1));
  if (!next) return null;
  const over = () => setAnswer((now) => now && { ...now, body: now.body.filter(({ id }) => id !== next.id) });
  return <Line key={next.id} order={next} more={more.length} at={answer.at} onOver={over} />;
}

interface Props {
  order: Order;
  /** How many others there are. */
  more: number;
  at: number;
  onOver(): void;
}

function Line({ order, more, at, onOver }: Props): ReactNode {
  const left = useSecondsLeft(order.expiresAt, at);
  const isOver = left === 0;
  useEffect(() => {
    if (isOver) onOver();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when it is
  }, [isOver]);
  if (isOver) return null;
  return (
    <aside className={styles['unpaid']} aria-label="Not paid yet">
      <p>
        <bdi>{titlesOf(order)}</bdi>
      </p>
      <p>{`Yours for ${clockText(left)}`}</p>
      <Link href={`/orders/${order.id}`} prefetch={false}>
        Pay now
      </Link>
      {more > 0 && (
        <Link href="/orders" prefetch={false}>
          {`${more} more`}
        </Link>
      )}
    </aside>
  );
}
