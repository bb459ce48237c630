'use client';

import dynamic from 'next/dynamic';
import { type ReactNode, useState } from 'react';
import { once } from '../api/browser.ts';
import type { Order, Payment } from '../api/types.ts';
import { Notice } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import type { CardForm, Outcome } from './card-form.ts';

// Each is loaded by who needs it.
const StripeCard = dynamic(() => import('./stripe-card.tsx').then((file) => file.StripeCard), { ssr: false });
const SandboxCard = dynamic(() => import('./sandbox-card.tsx').then((file) => file.SandboxCard));

interface Props {
  order: Order;
  stripeKey: string | undefined;
  onChange(): Promise<void>;
}

/** Paying an order. A declined card keeps it. */
export function Pay({ order, stripeKey, onChange }: Props): ReactNode {
  const [paid, setPaid] = useState(false);
  const [refusal, setRefusal] = useState('');

  const pay = async (paymentMethod: string): Promise<Outcome> => {
    setRefusal('');
    const answer = await once<Payment>('/api/payments', { orderId: order.id, paymentMethod });
    if (!answer.ok) {
      setRefusal(
        answer.status === 402
          ? `${answer.detail} The tickets are still yours; try another card.`
          : `${answer.detail}.`,
      );
      return answer;
    }
    const { clientSecret } = answer.body;
    if (clientSecret !== undefined) return { ok: true, clientSecret };
    setPaid(true);
    await onChange();
    return { ok: true };
  };
  const challenged = (why?: string) => {
    if (why === undefined) setPaid(true);
    else setRefusal(`${why} The tickets are still yours.`);
    void onChange();
  };

  if (paid)
    return (
      <Notice tone="good">
        <p role="status">Thank you. The payment is being confirmed.</p>
      </Notice>
    );
  const card: CardForm = { order, pay, challenged };
  return (
    <section className={ui['panel']} aria-labelledby="pay">
      <h2 id="pay">Pay by card</h2>
      {refusal && (
        <Notice tone="bad" alert>
          <p>{refusal}</p>
        </Notice>
      )}
      {stripeKey === undefined ? <SandboxCard {...card} /> : <StripeCard {...card} stripeKey={stripeKey} />}
    </section>
  );
}
