'use client';

import type { ReactNode } from 'react';
import type { Order, Payment } from '../api/types.ts';
import { clockText, money } from '../ui/format.ts';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { Cancel, type PartProps } from './cancel.tsx';
import { isOwed, returned } from './money-back.ts';
import styles from './order.module.css';
import { Pay } from './pay.tsx';

/** As long as it is to be paid: the time, the payment, and then what it is for. */
export function Open({
  order,
  payments,
  left,
  stripeKey,
  onChange,
  items,
}: PartProps & {
  payments: readonly Payment[];
  stripeKey: string | undefined;
  /** Seconds. */
  left: number;
  items: ReactNode;
}): ReactNode {
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

const comesBack = (order: Order, payments: readonly Payment[]) => {
  if (isOwed(payments)) return `You get ${money(order.total - returned(order), order.currency)} back.`;
  return payments.some(({ status }) => status === 'started')
    ? 'If a payment goes through, you get it back.'
    : 'Nothing was charged.';
};
