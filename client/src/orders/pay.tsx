'use client';

import dynamic from 'next/dynamic';
import { type ReactNode, useEffect, useEffectEvent, useState } from 'react';
import { once } from '../api/browser.ts';
import type { Order, Payment } from '../api/types.ts';
import { loaded } from '../ui/loaded.ts';
import { Notice } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import type { CardForm, Outcome } from './card-form.ts';

// Each is loaded by who needs it.
const StripeCard = dynamic(() => loaded(() => import('./stripe-card.tsx').then((file) => file.StripeCard)), {
  ssr: false,
});
const SandboxCard = dynamic(() =>
  loaded(() => import('./sandbox-card.tsx').then((file) => file.SandboxCard)),
);

interface Props {
  order: Order;
  payments: readonly Payment[];
  stripeKey: string | undefined;
  /** Too late for another attempt; one that is under way goes on. */
  closed: boolean;
  onChange(): Promise<void>;
}

/** Paying an order. A declined card keeps it. */
export function Pay({ order, payments, stripeKey, closed, onChange }: Props): ReactNode {
  /** The payment that this page made, and whether it now waits for its confirmation alone. */
  const [made, setMade] = useState<{ id: string; waits: boolean }>();
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState('');
  const failed = made && payments.find(({ id, status }) => id === made.id && status === 'failed');
  const waits = (made?.waits && !failed) || payments.some(({ status }) => status === 'succeeded');
  /** Of another tab, or before a reload; the server ends it when another is made. */
  const unfinished = !asking && payments.some(({ id, status }) => id !== made?.id && status === 'started');

  // The news may be late: how it went is asked for too, less and less often.
  const look = useEffectEvent(() => document.hidden || void onChange());
  const open = waits || unfinished;
  useEffect(() => {
    if (!open) return;
    let pause = 2000;
    let timer: ReturnType<typeof setTimeout>;
    const later = () => {
      timer = setTimeout(() => {
        look();
        pause = Math.min(2 * pause, 60_000);
        later();
      }, pause);
    };
    later();
    return () => clearTimeout(timer);
  }, [open]);

  const begin = () => {
    setRefusal('');
    if (failed) setMade(undefined);
  };
  const pay = async (paymentMethod: string): Promise<Outcome> => {
    begin();
    setAsking(true);
    const answer = await once<Payment>('/api/payments', { orderId: order.id, paymentMethod });
    setAsking(false);
    if (!answer.ok) {
      setRefusal(
        answer.status === 402
          ? `${answer.detail} The tickets are still yours; try another card.`
          : `${answer.detail}.`,
      );
      return answer;
    }
    const { id, clientSecret } = answer.body;
    setMade({ id, waits: clientSecret === undefined });
    if (clientSecret !== undefined) return { ok: true, clientSecret };
    await onChange();
    return { ok: true };
  };
  const challenged = (why?: string) => {
    if (why === undefined) setMade((before) => before && { ...before, waits: true });
    else setRefusal(`${why} The tickets are still yours.`);
    void onChange();
  };

  if (waits)
    return (
      <Notice tone="good">
        <p role="status">Thank you. The payment is being confirmed.</p>
      </Notice>
    );
  const told = closed
    ? 'Your time is up. The tickets go back on sale in a moment, unless a payment is under way.'
    : refusal || (failed && `${failed.reason ?? 'The payment failed.'} The tickets are still yours.`);
  const card: CardForm = { order, closed, begin, pay, challenged };
  return (
    <section className={ui['panel']} aria-labelledby="pay">
      <h2 id="pay">Pay by card</h2>
      {told ? (
        <Notice tone={closed ? 'warn' : 'bad'} alert>
          <p>{told}</p>
        </Notice>
      ) : (
        unfinished && (
          <Notice tone="warn">
            <p>An earlier attempt to pay was not finished. If you pay again, only the new one counts.</p>
          </Notice>
        )
      )}
      {stripeKey === undefined ? <SandboxCard {...card} /> : <StripeCard {...card} stripeKey={stripeKey} />}
    </section>
  );
}
