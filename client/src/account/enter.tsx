'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { api, tellTabs } from '../api/browser.ts';
import { Button } from '../ui/button.tsx';
import { Field, useForm } from '../ui/form.tsx';
import { useGo } from '../ui/go.ts';
import { Refusal } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';

const FORMS = {
  signin: { title: 'Sign in', other: 'signup', question: 'New here?', instead: 'Make an account' },
  signup: { title: 'Make an account', other: 'signin', question: 'You have one?', instead: 'Sign in' },
} as const;

const NAMES = { email: 'The e-mail address', password: 'The password' };

/** Signing in, and signing up; afterwards the visitor is where they were. */
export function Enter({ how, to }: { how: keyof typeof FORMS; to: string }): ReactNode {
  const { going, go } = useGo();
  const { title, other, question, instead } = FORMS[how];
  const form = useForm(NAMES, async ({ email, password }) => {
    const answer = await api('POST', `/api/users/${how}`, { body: { email, password } });
    if (answer.ok) {
      tellTabs('changed');
      go(to, 'replace');
    }
    return answer;
  });
  return (
    <div className={ui['panel']}>
      <h1>{title}</h1>
      <form {...form.attributes} className={ui['stack']}>
        <Refusal why={form.problem} />
        <Field
          label="E-mail address"
          {...form.field('email')}
          type="email"
          autoComplete="username"
          required
        />
        <Field
          label="Password"
          {...form.field('password')}
          type="password"
          autoComplete={how === 'signin' ? 'current-password' : 'new-password'}
          required
          hint={how === 'signup' && 'At least 8 characters.'}
        />
        <Button type="submit" busy={form.busy || going}>
          {title}
        </Button>
      </form>
      <p className={ui['muted']}>
        <span>{question}</span>{' '}
        <Link href={`/${other}?to=${encodeURIComponent(to)}`} replace>
          {instead}
        </Link>
      </p>
    </div>
  );
}
