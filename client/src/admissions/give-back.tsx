'use client';

import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import type { Admission, AdmissionNews } from '../api/types.ts';
import { Begins } from '../events/when.tsx';
import { useStream } from '../live/stream.ts';
import { Confirm } from '../ui/dialog.tsx';
import { isolated, money } from '../ui/format.ts';
import { Empty, NotLive, Notice } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import styles from './admissions.module.css';
import { Offered } from './offered.tsx';
import { placeText } from './words.ts';

/** What became of one that was to be given back. */
interface Answered {
  id: string;
  ticket?: Admission;
  refused?: string;
}

interface Props {
  first: readonly Admission[];
  chosen: readonly string[];
}

/** One ticket or several go back, each with what that brings and to whom; an answer for each. */
export function GiveBack({ first, chosen: before }: Props): ReactNode {
  const [tickets, setTickets] = useState(first);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(before));
  const [answers, setAnswers] = useState<readonly Answered[]>([]);
  const took = (news: Admission) => setTickets((now) => now.map((one) => (one.id === news.id ? news : one)));
  const read = async () => {
    const all = await Promise.all(
      first.map(async ({ id }) => ({ id, answer: await api<Admission>('GET', `/api/admissions/${id}`) })),
    );
    for (const { id, answer } of all)
      if (answer.ok) took(answer.body);
      else if (answer.status === 404) setTickets((now) => now.filter((one) => one.id !== id));
    return all.every(({ answer }) => isFinal(answer));
  };
  const { live, load } = useStream<AdmissionNews>('/api/admissions/stream', {
    changes(changes) {
      if (changes.some(({ id }) => first.some((one) => one.id === id))) void load();
    },
    load: read,
  });
  const [some] = first;
  if (!some)
    return (
      <Empty title="There is nothing to give back">
        <p>You hold none of these tickets.</p>
      </Empty>
    );
  const leaving = tickets.filter(({ id, offer }) => offer && chosen.has(id));
  const many = leaving.length > 1;
  const give = async (close: () => void) => {
    const body = { tickets: leaving.map(({ id, offer }) => ({ id, back: offer?.back ?? 0 })) };
    const answer = await api<Answered[]>('POST', '/api/admissions/returns', { body });
    if (!answer.ok) return answer;
    setAnswers(answer.body);
    setChosen(new Set());
    close();
    await load();
    return answer;
  };
  return (
    <div className={ui['stack']}>
      <NotLive live={live} />
      <div>
        <h2 dir="auto">{some.event.title}</h2>
        <p className={ui['muted']}>
          <Begins event={some.event} />
        </p>
      </div>
      <div role="status" className={ui['stack']}>
        {answers.map((one) => (
          <Became key={one.id} answered={one} of={first.find(({ id }) => id === one.id)} />
        ))}
      </div>
      <fieldset className={styles['choices']}>
        <legend>Which</legend>
        {tickets.map((ticket) => (
          <Offered
            key={ticket.id}
            ticket={ticket}
            chosen={chosen.has(ticket.id)}
            onChoose={(yes) =>
              setChosen(
                new Set(yes ? [...chosen, ticket.id] : [...chosen].filter((one) => one !== ticket.id)),
              )
            }
          />
        ))}
      </fieldset>
      <div className={ui['row']}>
        <Confirm
          danger
          disabled={leaving.length === 0}
          label={many ? `Give ${leaving.length} tickets back` : 'Give it back'}
          act={give}
        >
          {`${goesBack(leaving)} ${many ? 'Their codes let' : 'Its code lets'} nobody in any more. This cannot be undone.`}
        </Confirm>
        <Link href="/my-tickets" prefetch={false} className={ui['muted']}>
          My tickets
        </Link>
      </div>
    </div>
  );
}

/** What goes back, and to whom: to who paid for it, who may be another. */
function goesBack(leaving: readonly Admission[]): string {
  const sumOf = (some: readonly Admission[]) => some.reduce((sum, { offer }) => sum + (offer?.back ?? 0), 0);
  const mine = sumOf(leaving.filter(({ orderId }) => orderId !== undefined));
  const others = sumOf(leaving.filter(({ orderId }) => orderId === undefined));
  const { currency = 'usd' } = leaving[0] ?? {};
  if (mine + others === 0) return 'No money goes back.';
  return [
    ...(mine > 0 ? [`You get ${money(mine, currency)} back, the way you paid.`] : []),
    ...(others > 0 ? [`${money(others, currency)} goes back to who paid, not to you.`] : []),
  ].join(' ');
}

const Became = ({ answered, of }: { answered: Answered; of: Admission | undefined }): ReactNode => {
  const { ticket, refused } = answered;
  const shown = ticket ?? of;
  const name = shown ? placeText(shown) : '';
  if (refused !== undefined || !ticket)
    return (
      <Notice tone="bad">
        <p>{`${name} was not given back. ${isolated(refused ?? '')}.`}</p>
      </Notice>
    );
  const { back = 0, currency } = ticket;
  return (
    <Notice tone="good">
      <p>{`${name} is given back.${back > 0 ? ` ${money(back, currency)} is on its way.` : ''}`}</p>
    </Notice>
  );
};
