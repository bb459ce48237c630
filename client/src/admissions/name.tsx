'use client';

import type { ReactNode } from 'react';
import { api } from '../api/browser.ts';
import type { Admission } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import styles from './admissions.module.css';
import { isFree } from './words.ts';

interface Props {
  ticket: Admission;
  now: number;
  onChange(): Promise<void>;
}

/** Who will come: the holder says so until the event begins. */
export function Name({ ticket, now, onChange }: Props): ReactNode {
  const { id, name = '', event } = ticket;
  const form = useForm({ name: 'The name' }, async (values) => {
    const body = { name: values['name']?.trim() || null };
    const answer = await api('PATCH', `/api/admissions/${id}`, { body });
    if (!answer.ok) return answer;
    say(body.name === null ? 'The name is taken off.' : 'The name is on the ticket.');
    await onChange();
    return answer;
  });
  if (!isFree(ticket, now) || Date.parse(event.startsAt) <= now) return null;
  return (
    <form {...form.attributes} className={ui['stack']}>
      <Refusal why={form.problem} />
      <div className={styles['asked']}>
        <Field
          label="Who will come"
          {...form.field('name')}
          defaultValue={name}
          maxLength={80}
          autoComplete="off"
          hint="Optional, until it begins. You and the door see it."
        />
        <Button quiet type="submit" busy={form.busy}>
          Save
        </Button>
      </div>
    </form>
  );
}
