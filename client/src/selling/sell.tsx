'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type ReactNode, useRef, useState } from 'react';
import { wrongField } from '../api/answer.ts';
import { once } from '../api/browser.ts';
import type { Ticket } from '../api/types.ts';
import { Art } from '../ui/art.tsx';
import { Button } from '../ui/button.tsx';
import { Field, useForm } from '../ui/form.tsx';
import { minorUnits, MOST_TOGETHER, WRONG_AMOUNT } from '../ui/format.ts';
import { Notice } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import styles from './selling.module.css';

/** Puts tickets on sale: several of a kind are one sale, so that they can be bought together. */
export function Sell(): ReactNode {
  const router = useRouter();
  const [done, setDone] = useState(0);
  const sold = useRef<{ attempt: string; tickets: Ticket[] }>({ attempt: '', tickets: [] });

  const form = useForm(
    ['title', 'description', 'price', 'quantity'],
    async ({ title = '', description = '', price = '', quantity = '1' }) => {
      const amount = minorUnits(price);
      if (amount === undefined) return wrongField('price', WRONG_AMOUNT);
      if (!/^\d+$/.test(quantity) || Number(quantity) < 1 || Number(quantity) > MOST_TOGETHER)
        return wrongField('quantity', `must be a whole number from 1 to ${MOST_TOGETHER}`);
      // A try that broke off is continued where it broke off, as long as it says the same.
      const attempt = JSON.stringify([title, description, amount]);
      if (sold.current.attempt !== attempt) sold.current = { attempt, tickets: [] };
      const { tickets } = sold.current;
      while (tickets.length < Number(quantity)) {
        const saleId = tickets[0]?.saleId;
        const answer = await once<Ticket>('/api/tickets', {
          title,
          price: amount,
          ...(description.trim() && { description }),
          ...(saleId && { saleId }),
        });
        if (!answer.ok) {
          setDone(tickets.length);
          return answer;
        }
        tickets.push(answer.body);
      }
      say(tickets.length === 1 ? 'Your ticket is on sale.' : `Your ${tickets.length} tickets are on sale.`);
      router.push('/tickets');
      return { ok: true };
    },
  );

  return (
    <form method="post" noValidate className={ui['panel']} onSubmit={form.submit}>
      {form.problem !== undefined && (
        <Notice tone="bad" alert>
          <p>{form.problem}</p>
          {done > 0 && <p>{done} of the tickets are on sale already; trying again adds the rest.</p>}
        </Notice>
      )}
      <Field
        label="What is it a ticket for?"
        name="title"
        maxLength={140}
        placeholder="Band, date, seat"
        required
        error={form.errorOf('title', 'The title')}
      />
      <Field
        label="Description"
        name="description"
        rows={4}
        maxLength={2000}
        hint="Optional. What a buyer should know: entrance, restrictions, how you hand it over."
        error={form.errorOf('description', 'The description')}
      />
      <div className={styles['pair']}>
        <Field
          label="Price of one, in US dollars"
          name="price"
          inputMode="decimal"
          placeholder="25.00"
          required
          error={form.errorOf('price', 'The price')}
        />
        <Field
          label="How many?"
          name="quantity"
          inputMode="numeric"
          defaultValue="1"
          hint={`Up to ${MOST_TOGETHER}, sold together.`}
          error={form.errorOf('quantity', 'The number')}
        />
      </div>
      <div className={ui['row']}>
        <Button type="submit" busy={form.busy}>
          Put on sale
        </Button>
        <Link href="/tickets" className={ui['muted']}>
          My tickets
        </Link>
      </div>
    </form>
  );
}

/** A poster beside a form. */
export const Poster = ({ seed }: { seed: string }): ReactNode => (
  <div className={styles['poster']} aria-hidden="true">
    <Art seed={seed} />
  </div>
);
