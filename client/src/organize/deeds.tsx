'use client';

import { type ReactNode, useState } from 'react';
import type { Answer } from '../api/answer.ts';
import { api, once } from '../api/browser.ts';
import type { EventSales, EventView } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Confirm, Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { money } from '../ui/format.ts';
import { useGo } from '../ui/go.ts';
import { Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import { salesPath } from './places.ts';

interface Props {
  event: EventView;
  onChange(now: EventView): void;
}

const NAMES = {
  title: 'The title',
  starts: 'The beginning',
  ends: 'The end',
  until: 'The day',
  fee: 'What is kept',
};

/** What the API calls fields of these forms otherwise. */
const HERE: Readonly<Record<string, string>> = { 'returns.until': 'until', 'returns.feePercent': 'fee' };

interface TimesProps {
  event: EventView;
  label: string;
  title: string;
  yes: string;
  /** What it does, said before. */
  about: string;
  asksReturns?: boolean;
  asksTitle?: boolean;
  send(typed: Record<string, string>): Promise<Answer<EventView>>;
  done(event: EventView): void;
}

/** A button that asks for other times before it does something. */
function ForTimes({ label, ...props }: TimesProps): ReactNode {
  const [asks, setAsks] = useState(false);
  return (
    <>
      <Button quiet onClick={() => setAsks(true)}>
        {label}
      </Button>
      {asks && (
        <Dialog title={props.title} onClose={() => setAsks(false)}>
          <TimesForm {...props} onClose={() => setAsks(false)} />
        </Dialog>
      )}
    </>
  );
}

function TimesForm({
  event,
  yes,
  about,
  asksReturns = false,
  asksTitle = false,
  send,
  done,
  onClose,
}: Omit<TimesProps, 'label' | 'title'> & { onClose(): void }): ReactNode {
  const form = useForm(NAMES, async (typed) => {
    const answer = await send(typed);
    if (answer.ok) {
      onClose();
      done(answer.body);
      return answer;
    }
    const errors = answer.errors.map(({ field = '', message }) => ({ message, field: HERE[field] ?? field }));
    return { ...answer, errors };
  });
  const local = (text: string) => ({
    type: 'datetime-local',
    defaultValue: text.slice(0, 16),
    required: true,
  });
  return (
    <form {...form.attributes} className={ui['stack']}>
      <p>{about}</p>
      <Refusal why={form.problem} />
      {asksTitle && (
        <Field label="Title" {...form.field('title')} maxLength={140} defaultValue={event.title} />
      )}
      <Field
        label="Begins"
        {...form.field('starts')}
        {...local(event.starts)}
        hint={`By the clocks of ${event.zone}.`}
      />
      <Field label="Ends" {...form.field('ends')} {...local(event.ends)} />
      {asksReturns && (
        <>
          <Field
            label="Who cannot come then may give back until"
            {...form.field('until')}
            {...local(event.returns?.local ?? event.starts)}
          />
          <Field
            label="Percent of the price that you keep"
            {...form.field('fee')}
            inputMode="numeric"
            defaultValue={String(event.returns?.feePercent ?? 0)}
          />
        </>
      )}
      <div className={ui['row']}>
        <Button type="submit" busy={form.busy}>
          {yes}
        </Button>
        <Button quiet onClick={onClose}>
          Not now
        </Button>
      </div>
    </form>
  );
}

export function Postpone({ event, onChange }: Props): ReactNode {
  return (
    <ForTimes
      event={event}
      label="Postpone"
      title="Postpone this event"
      yes="Postpone it"
      about="Who has a ticket keeps it, and sees the other times at once. Who cannot come then may give it back."
      asksReturns
      send={({ starts, ends, until = '', fee = '' }) =>
        api<EventView>('POST', `/api/events/${event.id}/postpone`, {
          body: { starts, ends, returns: { until, feePercent: fee.trim() === '' ? 0 : Number(fee) } },
          headers: { 'if-match': `"${event.version}"` },
        })
      }
      done={(now) => {
        onChange(now);
        say('It is postponed.');
      }}
    />
  );
}

export function Copy({ event }: Pick<Props, 'event'>): ReactNode {
  const { go } = useGo();
  return (
    <ForTimes
      event={event}
      label="Copy"
      title="Copy this event"
      yes="Make the copy"
      about="The same at other times, as a draft: without its codes and its team."
      asksTitle
      send={({ title = '', starts, ends }) =>
        once<EventView>(`/api/events/${event.id}/copy`, { starts, ends, ...(title.trim() && { title }) })
      }
      done={({ id }) => {
        say('The copy is a draft.');
        go(`/organize/${id}`);
      }}
    />
  );
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
