'use client';

import { type ReactNode, useState } from 'react';
import type { Answer } from '../api/answer.ts';
import { api, once } from '../api/browser.ts';
import type { EventView } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { useGo } from '../ui/go.ts';
import { Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';

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
