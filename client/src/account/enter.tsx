'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { api, tellTabs } from '../api/browser.ts';
import { Button } from '../ui/button.tsx';
import { Field, useForm } from '../ui/form.tsx';
import { Notice } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';

const FORMS = {
  signin: { title: 'Sign in', other: 'signup', question: 'New here?', instead: 'Make an account' },
  signup: { title: 'Make an account', other: 'signin', question: 'You have one?', instead: 'Sign in' },
} as const;

/** Signing in, and signing up; afterwards the visitor is where they were. */
export function Enter({ how, to }: { how: keyof typeof FORMS; to: string }): ReactNode {
  const router = useRouter();
  const { title, other, question, instead } = FORMS[how];
  const form = useForm(['email', 'password'], async ({ email, password }) => {
    const answer = await api('POST', `/api/users/${how}`, { body: { email, password } });
    if (answer.ok) {
      tellTabs('changed');
      router.replace(to);
    }
    return answer;
  });
  return (
    <div className={ui['panel']}>
      <h1>{title}</h1>
      <form method="post" noValidate className={ui['stack']} onSubmit={form.submit}>
        {form.problem !== undefined && (
          <Notice tone="bad" alert>
            <p>{form.problem}</p>
          </Notice>
        )}
        <Field
          label="E-mail address"
          name="email"
          type="email"
          autoComplete="username"
          required
          error={form.errorOf('email', 'The e-mail address')}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete={how === 'signin' ? 'current-password' : 'new-password'}
          required
          hint={how === 'signup' && 'At least 8 characters.'}
          error={form.errorOf('password', 'The password')}
        />
        <Button type="submit" busy={form.busy}>
          {title}
        </Button>
      </form>
      <p className={ui['muted']}>
        {question}{' '}
        <Link href={`/${other}?to=${encodeURIComponent(to)}`} replace>
          {instead}
        </Link>
      </p>
    </div>
  );
}
