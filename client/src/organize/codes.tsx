'use client';

import { type ReactNode, useState } from 'react';
import { type FieldError, wrongFields } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import type { EventView } from '../api/types.ts';
import { decimalOf, readAmount, wrongAmount } from '../ui/amount.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { Notice, Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import { readAgain } from './again.ts';
import { codeText } from './code-text.ts';
import styles from './organize.module.css';
import { Section } from './section.tsx';

const NAMES = {
  code: 'The code',
  percent: 'The percentage',
  amount: 'The amount',
  uses: 'The number',
  limit: 'The number',
  tierIds: 'The tickets',
};
interface Props {
  event: EventView | undefined;
  onChange(now: EventView): void;
}

/** Codes that take something off, or show what is hidden. Which they are is told once: they are not kept. */
export function Codes({ event, onChange }: Props): ReactNode {
  return (
    <Section id="codes" title="Codes">
      {event ? (
        <Known event={event} onChange={onChange} />
      ) : (
        <p className={ui['muted']}>Save the draft first; then it can have codes.</p>
      )}
    </Section>
  );
}

function Known({ event, onChange }: Props & { event: EventView }): ReactNode {
  const { codes = [], tiers, currency } = event;
  const [refused, setRefused] = useState<string>();
  const [made, setMade] = useState<string>();
  const path = `/api/events/${event.id}`;
  const read = () => readAgain(event.id, onChange);
  const form = useForm(
    NAMES,
    async ({ code = '', percent = '', amount = '', uses = '', limit = '', ...rest }) => {
      const faults: FieldError[] = [];
      const whole = (field: string, text: string) => {
        if (text.trim() !== '' && !/^\s*\d{1,7}\s*$/.test(text))
          faults.push({ field, message: 'must be a whole number' });
        return text.trim() === '' ? {} : { [field]: Number(text) };
      };
      const off =
        amount.trim() === '' ? undefined : readAmount(amount, currency, decimalOf(navigator.language));
      if (amount.trim() !== '' && !off?.sure)
        faults.push({ field: 'amount', message: wrongAmount(currency) });
      const tierIds = tiers.flatMap(({ id }) => (rest[`tier-${id}`] === undefined ? [] : [id]));
      const body = {
        code,
        ...whole('percent', percent),
        ...(off && { amount: off.amount }),
        ...whole('uses', uses),
        ...whole('limit', limit),
        ...(tierIds.length > 0 && { tierIds }),
      };
      if (faults.length > 0) return wrongFields(faults);
      const answer = await api<{ code: string }>('POST', `${path}/codes`, { body });
      if (!answer.ok) return answer;
      setMade(answer.body.code);
      await read();
      return answer;
    },
  );
  const remove = async (id: string) => {
    const answer = await api('DELETE', `${path}/codes/${id}`);
    setRefused(answer.ok ? undefined : `${answer.detail}.`);
    if (!answer.ok) return;
    await read();
    say('The code is gone.');
  };
  return (
    <>
      <p className={ui['hint']}>
        A code takes something off, or shows hidden tickets. Note it down: it is shown this once.
      </p>
      {made !== undefined && (
        <Notice tone="good" alert>
          <p>
            <span>The code is </span>
            <strong>{made}</strong>
          </p>
        </Notice>
      )}
      <Refusal why={refused} />
      {codes.length > 0 && (
        <ul className={styles['lines']}>
          {codes.map((code, at) => (
            <li key={code.id}>
              <span>{`${at + 1}. ${codeText(code, event)}`}</span>
              <Button quiet small aria-label={`Remove code ${at + 1}`} onClick={() => void remove(code.id)}>
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      <form key={made} {...form.attributes} className={ui['stack']}>
        <Refusal why={form.problem} />
        <Field label="New code" {...form.field('code')} autoCapitalize="characters" placeholder="EARLYBIRD" />
        <div className={styles['pair']}>
          <Field label="Percent off" {...form.field('percent')} inputMode="numeric" />
          <Field label="Or an amount off each ticket" {...form.field('amount')} inputMode="decimal" />
        </div>
        <div className={styles['pair']}>
          <Field
            label="For how many tickets in all"
            {...form.field('uses')}
            inputMode="numeric"
            hint="Optional."
          />
          <Field
            label="For how many of one person"
            {...form.field('limit')}
            inputMode="numeric"
            hint="Optional."
          />
        </div>
        {tiers.length > 0 && (
          <fieldset className={styles['group']}>
            <legend>Only for these tickets</legend>
            {tiers.map(({ id, name, hidden }) => (
              <label key={id} className={ui['check']}>
                <input type="checkbox" name={`tier-${id}`} />
                <span>
                  <bdi>{name}</bdi>
                  {hidden && <span> (hidden, and shown by the code)</span>}
                </span>
              </label>
            ))}
          </fieldset>
        )}
        <div>
          <Button type="submit" quiet busy={form.busy}>
            Make this code
          </Button>
        </div>
      </form>
    </>
  );
}
