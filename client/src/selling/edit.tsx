'use client';

import { type ReactNode, useRef, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import type { Ticket } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { newer } from '../tickets/newer.ts';
import { LinkButton } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { isolated, money } from '../ui/format.ts';
import { useGo } from '../ui/go.ts';
import { NotLive, Notice } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import styles from './selling.module.css';
import { localOf, TicketForm, type Typed, type Words } from './ticket-form.tsx';

const WORDS: Words = {
  title: { label: 'Title' },
  description: { label: 'Description' },
  price: { label: 'Price' },
  save: 'Save',
};

/** Changes or withdraws a ticket, live: what changed elsewhere meanwhile is said before it is overwritten. */
export function Edit({ first }: { first: Ticket }): ReactNode {
  const { going, go } = useGo();
  const [ticket, setTicket] = useState(first);
  /** What the stream tells while one saves may be one's own change. */
  const saving = useRef(false);
  const path = `/api/tickets/${ticket.id}`;

  const read = async () => {
    const now = await api<Ticket>('GET', path);
    if (now.ok) setTicket((known) => newer(known, now.body));
    else if (now.status === 404) setTicket((known) => ({ ...known, deleted: true }));
    return isFinal(now);
  };
  const { live } = useStream<Ticket>('/api/tickets/stream', {
    changes(all) {
      if (saving.current) return;
      for (const news of all) if (news.id === first.id) setTicket((known) => newer(known, news));
    },
    load: read,
  });

  const save = async ({ title, description, event, place, date, zone, price }: Typed) => {
    saving.current = true;
    const answer = await api<Ticket>('PATCH', path, {
      body: {
        title,
        price,
        description: description.trim() || null,
        event: event.trim() || null,
        place: place.trim() || null,
        // One that is over can stay so.
        ...((date !== localOf(ticket.date) || (date && zone !== ticket.date?.zone)) && {
          date: date ? { local: date, zone } : null,
        }),
      },
      headers: { 'if-match': `"${ticket.version}"` },
    });
    if (answer.ok) {
      say('Saved.');
      go(`/tickets/${ticket.id}`);
      return answer;
    }
    saving.current = false;
    await read();
    return answer.status === 412
      ? {
          ...answer,
          detail: 'It was changed elsewhere in the same moment, as said above. Save again if you want that',
        }
      : answer;
  };
  const withdraw = async (close: () => void) => {
    saving.current = true;
    const answer = await api('DELETE', path);
    saving.current = answer.ok;
    if (answer.ok) {
      say('Withdrawn.');
      close();
      go('/selling');
    }
    return answer;
  };

  const news = changesOf(first, ticket);
  const closed = ticket.deleted ? 'withdrawn' : ticket.status;
  return (
    <div className={ui['stack']}>
      <NotLive live={live} />
      {news.length > 0 && (
        <Notice tone="warn" alert>
          {news.map((text) => (
            <p key={text} className={styles['newest']}>
              {text}
            </p>
          ))}
          <p>What you have not touched says so already. Saving overwrites the rest.</p>
        </Notice>
      )}
      {closed !== 'available' && (
        <Notice tone="warn" alert>
          <p>{CLOSED[closed]}</p>
        </Notice>
      )}
      <TicketForm
        words={WORDS}
        ticket={ticket}
        currency={ticket.currency}
        usual={first.price}
        closed={closed !== 'available'}
        save={save}
        going={going}
      >
        <LinkButton href={`/tickets/${ticket.id}`} quiet prefetch={false}>
          Back
        </LinkButton>
        {closed === 'available' && (
          <Confirm danger label="Withdraw" title="Withdraw this ticket?" yes="Withdraw it" act={withdraw}>
            It leaves the market for good.
          </Confirm>
        )}
      </TicketForm>
    </div>
  );
}

const CLOSED = {
  reserved: 'Somebody has just reserved it. It can be changed again if they do not pay.',
  sold: 'Somebody has bought it. It cannot be changed any more.',
  withdrawn: 'It was withdrawn elsewhere. It cannot be changed any more.',
};

/** What is said of a ticket now that was otherwise when the page was opened. */
const changesOf = (before: Ticket, now: Ticket): string[] => [
  ...(before.title === now.title
    ? []
    : [`Changed elsewhere: the title is now \u201c${isolated(now.title)}\u201d.`]),
  ...(before.price === now.price
    ? []
    : [
        `Changed elsewhere: the price is now ${money(now.price, now.currency)}. It was ${money(before.price, before.currency)}.`,
      ]),
  ...texts('event', before.event, now.event),
  ...texts('place', before.place, now.place),
  ...(before.date?.at === now.date?.at
    ? []
    : [
        `Changed elsewhere: the date is now ${now.date ? `${localOf(now.date).replace('T', ' ')} ${now.date.zone}` : 'open'}.`,
      ]),
  ...texts('description', before.description, now.description),
];

const texts = (what: string, before: string | undefined, now: string | undefined): string[] => {
  if (before === now) return [];
  return [
    now
      ? `Changed elsewhere: the ${what} is now \u201c${isolated(now)}\u201d.`
      : `Changed elsewhere: there is no ${what} any more.`,
  ];
};
