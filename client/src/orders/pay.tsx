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
  payments: readonly Payment[];
  stripeKey: string | undefined;
  onChange(): Promise<void>;
}

/** Paying an order. A declined card keeps it. */
export function Pay({ order, payments, stripeKey, onChange }: Props): ReactNode {
  /** The payment that was made, and whether it now waits for its confirmation alone. */
  const [made, setMade] = useState<{ id: string; waits: boolean }>();
  const [refusal, setRefusal] = useState('');
  const failed = made && payments.find(({ id, status }) => id === made.id && status === 'failed');

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

  if (made?.waits && !failed)
    return (
      <Notice tone="good">
        <p role="status">Thank you. The payment is being confirmed.</p>
      </Notice>
    );
  const told =
    refusal || (failed && `${failed.reason ?? 'The payment failed.'} The tickets are still yours.`);
  const card: CardForm = { order, pay, challenged };
  return (
    <section className={ui['panel']} aria-labelledby="pay">
      <h2 id="pay">Pay by card</h2>
      {told && (
        <Notice tone="bad" alert>
          <p>{told}</p>
        </Notice>
      )}
      {stripeKey === undefined ? <SandboxCard {...card} /> : <StripeCard {...card} stripeKey={stripeKey} />}
    </section>
  );
}
