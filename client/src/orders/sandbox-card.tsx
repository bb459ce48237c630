'use client';

import { type ReactNode, useRef, useState } from 'react';
import { api } from '../api/browser.ts';
import { wrongField } from '../api/answer.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { money } from '../ui/format.ts';
import ui from '../ui/ui.module.css';
import styles from './order.module.css';
import { cardFault } from './card-fault.ts';
import type { CardForm } from './card-form.ts';

/** From Stripe's own list of test cards. */
const CARDS = [
  ['Success', '4242 4242 4242 4242'],
  ['Declined', '4000 0000 0000 0002'],
  ['Insufficient funds', '4000 0000 0000 9995'],
  ['Authentication', '4000 0027 6000 3184'],
] as const;

const NAMES = { number: '', expiry: '', cvc: '' };

/** The card form of the local sandbox: test numbers, and no money. */
export function SandboxCard({ order, closed, begin, pay, challenged }: CardForm): ReactNode {
  const number = useRef<HTMLInputElement>(null);
  const [secret, setSecret] = useState<string>();
  const methods = useRef(new Map<string, string>());

  const form = useForm(NAMES, async ({ number = '', expiry = '', cvc = '' }) => {
    begin();
    const [, month, year] = /^\s*(\d{1,2})\s*\/\s*(\d{2}|\d{4})\s*$/.exec(expiry) ?? [];
    if (month === undefined || year === undefined)
      return wrongField('expiry', 'Type month and year, such as 12 / 34.');
    const card = {
      number: number.replace(/\s/g, ''),
      exp_month: Number(month),
      exp_year: (Number(year) % 100) + 2000,
      ...(cvc && { cvc }),
    };
    // A card becomes a payment method once, so that a repeated attempt is the same request.
    const key = JSON.stringify(card);
    let method = methods.current.get(key);
    if (method === undefined) {
      const made = await api<{ id: string }>('POST', '/sandbox/browser/payment_methods', {
        body: { card },
      });
      if (!made.ok) {
        const { field, message } = cardFault(made.code);
        return made.code === undefined ? made : wrongField(field ?? 'number', message);
      }
      method = made.body.id;
      methods.current.set(key, method);
    }
    const outcome = await pay(method);
    if (outcome.ok) setSecret(outcome.clientSecret);
    // The page says why a payment was refused; the form has nothing to add.
    return { ok: true };
  });

  const answer = async (outcome: 'complete' | 'fail') => {
    const reply = await api<{ status: string; last_payment_error?: { code?: string } }>(
      'POST',
      '/sandbox/browser/authenticate',
      { body: { client_secret: secret, outcome } },
    );
    setSecret(undefined);
    if (!reply.ok) return challenged(`${reply.detail}.`);
    const { status, last_payment_error: error } = reply.body;
    challenged(status === 'succeeded' ? undefined : cardFault(error?.code).message);
  };

  return (
    <>
      <form {...form.attributes} className={styles['card']}>
        <p className={ui['muted']}>
          This is the sandbox: no money moves. Take one of Stripe&apos;s test cards.
        </p>
        <div className={styles['cards']}>
          {CARDS.map(([label, value]) => (
            <Button key={value} quiet small onClick={() => number.current && (number.current.value = value)}>
              {label}
            </Button>
          ))}
        </div>
        <Field
          ref={number}
          label="Card number"
          {...form.field('number')}
          inputMode="numeric"
          autoComplete="cc-number"
          defaultValue={CARDS[0][1]}
        />
        <div className={styles['short']}>
          <Field
            label="Expires"
            {...form.field('expiry')}
            autoComplete="cc-exp"
            placeholder="MM / YY"
            defaultValue="12 / 34"
          />
          <Field
            label="Security code"
            {...form.field('cvc')}
            inputMode="numeric"
            autoComplete="cc-csc"
            maxLength={4}
            defaultValue="123"
          />
        </div>
        {form.problem !== undefined && <p className={ui['wrong']}>{form.problem}</p>}
        <div className={ui['reach']}>
          <Button type="submit" busy={form.busy} disabled={closed}>
            {`Pay ${money(order.total, order.currency)}`}
          </Button>
        </div>
      </form>
      {secret !== undefined && (
        <Dialog title="Your bank asks: is it you?" onClose={() => void answer('fail')}>
          <p>
            {`A payment of ${money(order.total, order.currency)} to Ticketing. In the sandbox, this stands for the page of the buyer\u2019s bank.`}
          </p>
          <div className={ui['row']}>
            <Button onClick={() => void answer('complete')}>Yes, I pay</Button>
            <Button quiet onClick={() => void answer('fail')}>
              No, refuse
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
