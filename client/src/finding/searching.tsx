'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useEffectEvent, useRef, useTransition } from 'react';
import ui from '../ui/ui.module.css';

/** After so long without a key, in milliseconds, the search begins. */
const PAUSE = 300;

interface Props {
  /** The page that it searches. */
  action: string;
  /** Of the search that is shown. */
  address: string;
  /** That of what the form holds now. */
  typed: (form: HTMLFormElement) => string;
  /** The visitor went back to another search, and the form shows it. */
  onBack: () => void;
  className: string | undefined;
  children: ReactNode;
}

/** What to look for. It searches while one types; and without scripts it is a form. */
export function Searching({ action, address, typed, onBack, className, children }: Props): ReactNode {
  const router = useRouter();
  const [pending, start] = useTransition();
  const form = useRef<HTMLFormElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asked = useRef(address);

  useEffect(() => () => clearTimeout(timer.current), []);

  const goneBack = useEffectEvent(onBack);
  useEffect(() => {
    if (!form.current || address === asked.current) return;
    asked.current = address;
    form.current.reset();
    goneBack();
  }, [address]);

  const look = () => {
    clearTimeout(timer.current);
    if (!form.current) return;
    const next = typed(form.current);
    if (next === asked.current) return;
    asked.current = next;
    start(() => router.replace(next, { scroll: false }));
  };

  /** Not while an input method composes: half a syllable is no word. */
  const soon = (composing = false) => {
    clearTimeout(timer.current);
    if (!composing) timer.current = setTimeout(look, PAUSE);
  };

  return (
    <form
      ref={form}
      role="search"
      action={action}
      className={className}
      aria-busy={pending}
      onSubmit={(event) => {
        event.preventDefault();
        look();
      }}
      onInput={({ nativeEvent }) => soon((nativeEvent as InputEvent).isComposing)}
      onCompositionEnd={() => soon()}
    >
      {children}
      <noscript>
        <button className={ui['button']}>Search</button>
      </noscript>
    </form>
  );
}
