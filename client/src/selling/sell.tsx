'use client';

import Link from 'next/link';
import { type ReactNode, useRef, useState } from 'react';
import { once } from '../api/browser.ts';
import type { Ticket } from '../api/types.ts';
import { useGo } from '../ui/go.ts';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import { TicketForm, type Typed, type Words } from './ticket-form.tsx';

const WORDS: Words = {
  title: { label: 'What is it a ticket for?', placeholder: 'Band, date, seat' },
  description: {
    label: 'Description',
    hint: 'Optional. What a buyer should know: entrance, restrictions, how you hand it over.',
  },
  price: { label: 'Price of one' },
  save: 'Put on sale',
};

/** Puts tickets on sale: several of a kind are one sale, so that they can be bought together. */
export function Sell({
  currency,
  usual,
  beside,
}: {
  currency: string;
  usual: number | undefined;
  beside?: Ticket | undefined;
}): ReactNode {
  const { going, go } = useGo();
  const [done, setDone] = useState(0);
  const sold = useRef<{ attempt: string; tickets: Ticket[] }>({ attempt: '', tickets: [] });

  const save = async ({ title, description, event, place, date, zone, price, quantity }: Typed) => {
    // A try that broke off is continued where it broke off, as long as it says the same.
    const attempt = JSON.stringify([title, description, event, place, date, zone, price]);
    if (sold.current.attempt !== attempt) sold.current = { attempt, tickets: [] };
    const { tickets } = sold.current;
    while (tickets.length < quantity) {
      const saleId = beside?.saleId ?? tickets[0]?.saleId;
      const answer = await once<Ticket>('/api/tickets', {
        title,
        price,
        ...(description.trim() && { description }),
        ...(event.trim() && { event }),
        ...(place.trim() && { place }),
        ...(date && { date: { local: date, zone } }),
        ...(saleId && { saleId }),
      });
      if (!answer.ok) {
        setDone(tickets.length);
        return answer;
      }
      tickets.push(answer.body);
    }
    say(tickets.length === 1 ? 'Your ticket is on sale.' : `Your ${tickets.length} tickets are on sale.`);
    go('/selling');
    return { ok: true };
  };

  return (
    <TicketForm
      words={WORDS}
      currency={currency}
      usual={usual}
      beside={beside}
      save={save}
      going={going}
      refusal={done > 0 && <p>{`${done} of the tickets are on sale already; trying again adds the rest.`}</p>}
    >
      <Link href="/selling" className={ui['muted']}>
        What you sell
      </Link>
    </TicketForm>
  );
}
