'use client';

import { Elements, PaymentElement, useElements, useStripe } from '@stripe/react-stripe-js';
import type { Stripe } from '@stripe/stripe-js';
import { loadStripe } from '@stripe/stripe-js/pure';
import { type ReactNode, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { money } from '../ui/format.ts';
import { Notice } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import { cardFault } from './card-fault.ts';
import styles from './order.module.css';
import type { CardForm } from './card-form.ts';

let stripe: Promise<Stripe | null> | undefined;

/** Stripe's Payment Element. It makes a payment method; `payments` makes the PaymentIntent and confirms it. */
export function StripeCard({ stripeKey, ...form }: CardForm & { stripeKey: string }): ReactNode {
  const { total, currency } = form.order;
  const [missing, setMissing] = useState(false);
  // What could not be loaded is asked for again when the form is shown again.
  stripe ??= loadStripe(stripeKey).catch(() => {
    stripe = undefined;
    setMissing(true);
    return null;
  });
  if (missing)
    return (
      <Notice tone="bad" alert>
        <p>The card form could not be loaded. Check your connection.</p>
        <Button quiet small onClick={() => setMissing(false)}>
          Try again
        </Button>
      </Notice>
    );
  return (
    <Elements
      stripe={stripe}
      options={{
        mode: 'payment',
        amount: total,
        currency,
        paymentMethodCreation: 'manual',
        allowedPaymentMethodTypes: ['card'],
        appearance: { theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'night' : 'stripe' },
      }}
    >
      <Inner {...form} />
    </Elements>
  );
}

function Inner({ order, closed, begin, pay, challenged }: CardForm): ReactNode {
  const client = useStripe();
  const elements = useElements();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');

  const submit = async () => {
    if (!client || !elements || busy) return;
    setBusy(true);
    begin();
    setWrong('');
    setWrong((await attempt(client, elements)) ?? '');
    setBusy(false);
  };
  const attempt = async (client: Stripe, elements: NonNullable<ReturnType<typeof useElements>>) => {
    const checked = await elements.submit();
    // What is wrong with a field, Stripe's element says beside it.
    if (checked.error)
      return checked.error.type === 'validation_error' ? undefined : cardFault(checked.error.code).message;
    const made = await client.createPaymentMethod({ elements });
    if (made.error) return cardFault(made.error.code).message;
    const outcome = await pay(made.paymentMethod.id);
    if (!outcome.ok || outcome.clientSecret === undefined) return undefined;
    const { error } = await client.handleNextAction({ clientSecret: outcome.clientSecret });
    challenged(error && cardFault(error.code).message);
    return undefined;
  };
  return (
    <form
      className={styles['card']}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <PaymentElement />
      {wrong && (
        <p className={ui['wrong']} role="alert">
          {wrong}
        </p>
      )}
      <div className={ui['reach']}>
        <Button type="submit" busy={busy} disabled={!client || closed}>
          {`Pay ${money(order.total, order.currency)}`}
        </Button>
      </div>
    </form>
  );
}
