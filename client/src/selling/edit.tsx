'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { wrongField } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import type { Ticket } from '../api/types.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Field, useForm } from '../ui/form.tsx';
import { amountText, minorUnits, WRONG_AMOUNT } from '../ui/format.ts';
import { Notice } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import styles from './selling.module.css';

/** Changes or withdraws a ticket; what somebody else changed meanwhile is shown before it is overwritten. */
export function Edit({ first }: { first: Ticket }): ReactNode {
  const router = useRouter();
  const [ticket, setTicket] = useState(first);
  const path = `/api/tickets/${ticket.id}`;
  const headers = { 'if-match': `"${ticket.version}"` };

  const form = useForm(
    ['title', 'description', 'price'],
    async ({ title = '', description = '', price = '' }) => {
      const amount = minorUnits(price);
      if (amount === undefined) return wrongField('price', WRONG_AMOUNT);
      const body = { title, price: amount, description: description.trim() || null };
      const answer = await api<Ticket>('PATCH', path, { body, headers });
      if (answer.ok) {
        say('Saved.');
        router.push(`/tickets/${ticket.id}`);
      } else if (answer.status === 412) {
        const now = await api<Ticket>('GET', path);
        if (now.ok) setTicket(now.body);
        return {
          ...answer,
          detail:
            'It was changed elsewhere meanwhile, as the newest text below says. Save again to overwrite it',
        };
      }
      return answer;
    },
  );
  const withdraw = async () => {
    const answer = await api('DELETE', path);
    if (answer.ok) {
      say('Withdrawn.');
      router.push('/tickets');
    }
    return answer;
  };

  return (
    <form method="post" noValidate className={ui['panel']} onSubmit={form.submit}>
      {form.problem !== undefined && (
        <Notice tone="bad" alert>
          <p>{form.problem}</p>
          {ticket !== first && (
            <>
              <p>
                Now: {ticket.title}, {amountText(ticket.price)}
              </p>
              <p className={styles['newest']}>{ticket.description ?? 'No description.'}</p>
            </>
          )}
        </Notice>
      )}
      <Field
        label="Title"
        name="title"
        maxLength={140}
        required
        defaultValue={first.title}
        error={form.errorOf('title', 'The title')}
      />
      <Field
        label="Description"
        name="description"
        rows={4}
        maxLength={2000}
        defaultValue={first.description}
        error={form.errorOf('description', 'The description')}
      />
      <Field
        label="Price, in US dollars"
        name="price"
        inputMode="decimal"
        required
        defaultValue={amountText(first.price)}
        error={form.errorOf('price', 'The price')}
      />
      <div className={ui['row']}>
        <Button type="submit" busy={form.busy}>
          Save
        </Button>
        <LinkButton href={`/tickets/${ticket.id}`} quiet prefetch={false}>
          Back
        </LinkButton>
        <Confirm danger label="Withdraw" title="Withdraw this ticket?" yes="Withdraw it" act={withdraw}>
          It leaves the market for good.
        </Confirm>
      </div>
    </form>
  );
}
