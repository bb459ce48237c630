'use client';

import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { api, tellTabs } from '../api/browser.ts';
import { isEnded } from '../session/typed.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { useGo } from '../ui/go.ts';
import { Notice, Refusal } from '../ui/parts.tsx';
import { useHydrated } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import styles from './enter.module.css';

const FORMS = {
  signin: { title: 'Sign in', other: 'signup', question: 'New here?', instead: 'Make an account' },
  signup: { title: 'Make an account', other: 'signin', question: 'You have one?', instead: 'Sign in' },
} as const;

const NAMES = { email: 'The e-mail address', password: 'The password' };

/** Signing in, and signing up; afterwards the visitor is where they were. The address goes along from one to the other. */
export function Enter({ how, to }: { how: keyof typeof FORMS; to: string }): ReactNode {
  const { going, go } = useGo();
  const hydrated = useHydrated();
  const [taken, setTaken] = useState(false);
  const [legible, setLegible] = useState(false);
  const { title, other, question, instead } = FORMS[how];
  const form = useForm(
    NAMES,
    async ({ email, password }) => {
      // Nobody looks over a shoulder later, and browsers offer to keep only what is a password.
      setLegible(false);
      const answer = await api('POST', `/api/users/${how}`, { body: { email, password } });
      setTaken(how === 'signup' && answer.status === 409);
      if (answer.ok) {
        tellTabs('changed');
        go(to, 'replace');
      }
      return answer;
    },
    { keep: 'enter' },
  );
  const elsewhere = `/${other}?to=${encodeURIComponent(to)}`;
  return (
    <div className={ui['panel']}>
      <h1>{title}</h1>
      {how === 'signin' && hydrated && isEnded() && (
        <Notice tone="warn">
          <p>Your session is over. Please sign in again, to go on where you were.</p>
        </Notice>
      )}
      <form {...form.attributes} className={ui['stack']}>
        <Refusal why={form.problem} />
        {taken && (
          <Notice tone="warn">
            <p>Is it yours? Then you have an account already.</p>
            <div>
              <Link href={elsewhere} replace>
                Sign in with this address
              </Link>
            </div>
          </Notice>
        )}
        <Field
          label="E-mail address"
          {...form.field('email')}
          type="email"
          autoComplete="username"
          required
        />
        <div className={styles['password']}>
          <Field
            label="Password"
            {...form.field('password')}
            type={legible ? 'text' : 'password'}
            autoComplete={how === 'signin' ? 'current-password' : 'new-password'}
            autoCapitalize="none"
            spellCheck={false}
            required
            hint={how === 'signup' && 'At least 8 characters.'}
          />
          <Button quiet small aria-pressed={legible} onClick={() => setLegible(!legible)}>
            <span>
              Show<span className="hidden"> password</span>
            </span>
          </Button>
        </div>
        <Button type="submit" busy={form.busy || going}>
          {title}
        </Button>
      </form>
      <p className={ui['muted']}>
        <span>{question}</span>{' '}
        <Link href={elsewhere} replace>
          {instead}
        </Link>
      </p>
    </div>
  );
}
