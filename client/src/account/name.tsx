'use client';

import type { ReactNode } from 'react';
import { api, tellTabs } from '../api/browser.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { isolated } from '../ui/format.ts';
import { Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import styles from './zone.module.css';

/** What buyers call a seller; nobody has to be called anything. */
export function NameForm({ first }: { first: string | undefined }): ReactNode {
  const form = useForm({ name: 'The name' }, async ({ name = '' }) => {
    const wanted = name.trim();
    const answer = await api('PATCH', '/api/users/currentuser', { body: { name: wanted || null } });
    if (answer.ok) {
      say(wanted ? `Buyers see ${isolated(wanted)} on what you sell.` : 'Buyers see no name.');
      tellTabs('changed');
    }
    return answer;
  });
  return (
    <form {...form.attributes} className={styles['zone']}>
      <Refusal why={form.problem} />
      <Field
        label="Name that buyers see"
        {...form.field('name')}
        autoComplete="nickname"
        maxLength={60}
        defaultValue={first}
      />
      <Button type="submit" quiet busy={form.busy}>
        Keep this name
      </Button>
      <p className={ui['hint']}>
        It stands on all tickets that you sell. Optional; your e-mail address is shown to nobody.
      </p>
    </form>
  );
}
