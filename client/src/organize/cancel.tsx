'use client';

import { type ReactNode, useState } from 'react';
import { api } from '../api/browser.ts';
import type { EventSales, EventView } from '../api/types.ts';
import { Confirm } from '../ui/dialog.tsx';
import { money } from '../ui/format.ts';
import { useGo } from '../ui/go.ts';
import { say } from '../ui/status.tsx';
import { salesPath } from './places.ts';

interface Props {
  event: EventView;
  onChange(now: EventView): void;
}

/** Cancelling is for good, so it is told before what it means. */
export function Cancel({ event, onChange }: Props): ReactNode {
  const [sales, setSales] = useState<EventSales>();
  const count = async () => {
    const answer = await api<EventSales>('GET', salesPath(event.id));
    if (answer.ok) setSales(answer.body);
  };
  const act = async (close: () => void) => {
    const answer = await api<EventView>('POST', `/api/events/${event.id}/cancel`);
    if (answer.ok) {
      close();
      onChange(answer.body);
      say('It is cancelled.');
    }
    return answer;
  };
  return (
    <span onClickCapture={() => void count()}>
      <Confirm danger label="Cancel the event" title="Cancel this event?" yes="Cancel it for good" act={act}>
        {costs(sales, event.currency)}
      </Confirm>
    </span>
  );
}

function costs(sales: EventSales | undefined, currency: string): string {
  const count = sales && sales.sold + sales.held;
  if (count === 0) return 'Nobody holds a place of it. This cannot be undone.';
  const whose =
    count === undefined
      ? 'All places that people hold'
      : count === 1
        ? 'The 1 place that somebody holds'
        : `The ${count} places that people hold`;
  const amount = sales ? `${money(sales.earned, currency)} goes` : 'All that was paid here goes';
  const box =
    sales && sales.elsewhere > 0
      ? ` ${money(sales.elsewhere, currency)} was paid at the box office: give that back yourselves.`
      : '';
  return `${whose} will be free again, and ${amount} back to who paid it, without anybody asking for it.${box} This cannot be undone.`;
}

export function DeleteDraft({ event }: Pick<Props, 'event'>): ReactNode {
  const { go } = useGo();
  const act = async (close: () => void) => {
    const answer = await api('DELETE', `/api/events/${event.id}`);
    if (answer.ok) {
      close();
      say('The draft is deleted.');
      go('/organize', 'replace');
    }
    return answer;
  };
  return (
    <Confirm danger label="Delete the draft" title="Delete this draft?" yes="Delete it" act={act}>
      Nobody but your team has seen it.
    </Confirm>
  );
}
