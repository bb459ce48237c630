'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { api } from '../api/browser.ts';
import type { Ticket } from '../api/types.ts';
import { LinkButton } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { money } from '../ui/format.ts';
import { say } from '../ui/status.tsx';
import styles from './selling.module.css';
import { TicketForm, type Typed } from './ticket-form.tsx';

/** Changes or withdraws a ticket; what somebody else changed meanwhile is shown before it is overwritten. */
export function Edit({ first }: { first: Ticket }): ReactNode {
  const router = useRouter();
  const [ticket, setTicket] = useState(first);
  const path = `/api/tickets/${ticket.id}`;

  const save = async ({ title, description, price }: Typed) => {
    const answer = await api<Ticket>('PATCH', path, {
      body: { title, price, description: description.trim() || null },
      headers: { 'if-match': `"${ticket.version}"` },
    });
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
  };
  const withdraw = async () => {
    const answer = await api('DELETE', path);
    if (answer.ok) {
      say('Withdrawn.');
      router.push('/tickets');
    }
    return answer;
  };

  return (
    <TicketForm
      ticket={first}
      usual={first.price}
      save={save}
      refusal={
        ticket !== first && (
          <>
            <p>
              Now: {ticket.title}, {money(ticket.price, ticket.currency)}
            </p>
            <p className={styles['newest']}>{ticket.description ?? 'No description.'}</p>
          </>
        )
      }
    >
      <LinkButton href={`/tickets/${ticket.id}`} quiet prefetch={false}>
        Back
      </LinkButton>
      <Confirm danger label="Withdraw" title="Withdraw this ticket?" yes="Withdraw it" act={withdraw}>
        It leaves the market for good.
      </Confirm>
    </TicketForm>
  );
}
