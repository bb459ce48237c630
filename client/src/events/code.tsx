'use client';

import { type ReactNode, useEffect, useState } from 'react';
import { isDecided } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import { Button } from '../ui/button.tsx';
import { Field, textsOf } from '../ui/field.tsx';
import { isolated, money } from '../ui/format.ts';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import type { Opened } from './basket.ts';
import styles from './choice.module.css';

interface Tried {
  text: string;
  /** What it does, once the server has said so. */
  opened?: Opened;
  wrong?: string;
  busy: boolean;
}
interface Code extends Tried {
  /** What it has opened stays meanwhile. */
  check(text: string): Promise<void>;
  drop(): void;
}

/** The code that a visitor has for an event; the one that they came with is tried at once. */
export function useCode(eventId: string, first: string | undefined): Code {
  const [code, setCode] = useState<Tried>({ text: first ?? '', busy: first !== undefined });
  useEffect(() => {
    if (first === undefined) return;
    let left = false;
    void tried(eventId, first).then((now) => left || setCode(now));
    return () => {
      left = true;
    };
  }, [eventId, first]);
  return {
    ...code,
    async check(typed) {
      const text = typed.trim();
      const { opened } = code;
      setCode({ text, busy: true, ...(opened && { opened }) });
      setCode(await tried(eventId, text, opened));
    },
    drop: () => setCode({ text: '', busy: false }),
  };
}

async function tried(eventId: string, code: string, before?: Opened): Promise<Tried> {
  const answer = await api<Opened>('POST', `/api/events/${eventId}/codes/check`, { body: { code } });
  const about = { text: code, busy: false };
  if (before && !isDecided(answer)) return { ...about, opened: before };
  if (!answer.ok)
    return {
      ...about,
      wrong: answer.status === 400 ? `The code ${answer.errors[0]?.message}` : answer.detail,
    };
  if (!before) say('The code is accepted.');
  return { ...about, opened: answer.body };
}

/** Where a code is typed, and what it does. */
export function CodeField({ code, currency }: { code: Code; currency: string }): ReactNode {
  const [shown, setShown] = useState(code.text !== '');
  if (code.opened)
    return (
      <p className={ui['row']}>
        <span>{codeText(code.text, code.opened, currency)}</span>
        <Button quiet small onClick={() => code.drop()}>
          Remove the code
        </Button>
      </p>
    );
  return (
    <details
      className={styles['code']}
      open={shown}
      onToggle={({ currentTarget }) => setShown(currentTarget.open)}
    >
      <summary>I have a code</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const typed = textsOf(event.currentTarget)['code'] ?? '';
          if (!code.busy) void code.check(typed);
        }}
      >
        <Field
          label="Code"
          name="code"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={40}
          defaultValue={code.text}
          error={code.wrong === undefined ? undefined : `${code.wrong}.`}
        />
        <Button quiet type="submit" busy={code.busy}>
          Use it
        </Button>
      </form>
    </details>
  );
}

const codeText = (text: string, { tiers, percent, amount }: Opened, currency: string) => {
  const names = tiers.map(({ name }) => isolated(name)).join(', ');
  const off =
    percent !== undefined
      ? `${percent}\u00a0% off `
      : amount === undefined
        ? ''
        : `${money(amount, currency)} off each of `;
  return `${text.toUpperCase()}: ${off}${names}`;
};
