'use client';

import type { ReactNode, RefObject } from 'react';
import { useSecondsLeft } from '../api/clock.ts';
import type { Payment } from '../api/types.ts';
import { usePerson } from '../session/keeper.tsx';
import { Button, LinkButton } from '../ui/button.tsx';
import { money } from '../ui/format.ts';
import { Time, useHydrated } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { Cancel, type PartProps } from './cancel.tsx';
import { returned } from './money-back.ts';
import styles from './order.module.css';
import { ELSEWHERE, TakeBack } from './taken-back.tsx';
import { rateText, taxesIn } from './tax.ts';
import { isOfEvent } from './words.ts';

/** The receipt, and the way back. */
export function Complete({
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
  if (isOfEvent(order))
    return (
      <div className={`${ui['row']} ${styles['screen']}`}>
        <LinkButton href={`/my-tickets/give-back?order=${order.id}`} prefetch={false} quiet small>
          Give tickets back
        </LinkButton>
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
