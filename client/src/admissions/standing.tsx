'use client';

import type { ReactNode } from 'react';
import type { Admission } from '../api/types.ts';
import { money } from '../ui/format.ts';
import { Notice, type Tone } from '../ui/parts.tsx';
import { Time } from '../ui/time.tsx';
import { lostText } from './words.ts';

/** What has become of a ticket, in words; nothing of one that is good. */
export function Standing({ ticket }: { ticket: Admission }): ReactNode {
  const said = standingOf(ticket);
  return (
    <>
      {ticket.event.status === 'published' && ticket.event.postponedFrom !== undefined && (
        <Notice tone="warn">
          <p>
            The event is postponed: it was to begin on{' '}
            <Time at={ticket.event.postponedFrom} zone={ticket.event.zone} />.
          </p>
        </Notice>
      )}
      {said && <Notice tone={said.tone}>{said.text}</Notice>}
    </>
  );
}

function standingOf(ticket: Admission): { tone: Tone; text: ReactNode } | undefined {
  const { status, event, back = 0, currency, note, orderId } = ticket;
  switch (status) {
    case 'valid':
      return event.status === 'cancelled'
        ? { tone: 'bad', text: <p>{lostText({ reason: 'event-cancelled' })}</p> }
        : undefined;
    case 'entered':
      return { tone: 'good', text: <CameIn ticket={ticket} rest="." /> };
    case 'out':
      return { tone: 'warn', text: <CameIn ticket={ticket} rest=", and went out again." /> };
    case 'listed':
      return { tone: 'warn', text: <p>It is for sale: until you take it back, it lets nobody in.</p> };
    case 'returned': {
      const whom = orderId === undefined ? 'to who paid for it' : 'to you';
      const sum = back > 0 ? `${money(back, currency)} goes back ${whom}.` : 'It was free.';
      return { tone: 'plain', text: <p>{`It was given back. ${sum}`}</p> };
    }
    case 'revoked':
      return {
        tone: 'bad',
        text: (
          <>
            <p>{lostText(ticket)}</p>
            {note !== undefined && <p dir="auto">{note}</p>}
          </>
        ),
      };
  }
}

const CameIn = ({ ticket: { enteredAt, event }, rest }: { ticket: Admission; rest: string }): ReactNode => (
  <p>
    <span>Somebody came in with it</span>
    {enteredAt !== undefined && (
      <span>
        {' on '}
        <Time at={enteredAt} zone={event.zone} />
      </span>
    )}
    <span>{rest}</span>
  </p>
);
