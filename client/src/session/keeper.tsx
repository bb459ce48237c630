'use client';

import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { refresh, SESSION, type SessionNews } from '../api/browser.ts';
import { say } from '../ui/status.tsx';

interface Person {
  id: string;
  email: string;
}

const Current = createContext<Person | undefined>(undefined);

/** Who is signed in, or undefined. */
export const usePerson = (): Person | undefined => useContext(Current);

interface Props {
  person: Person | undefined;
  /** How long an access token lasts, and how long this one still does, in milliseconds. */
  lifetime: number;
  left: number;
  children: ReactNode;
}

/** Exchanges the access token shortly before it expires, and shows in every tab what became of the session. */
export function Session({ person, lifetime, left, children }: Props): ReactNode {
  const router = useRouter();
  const id = person?.id;

  useEffect(() => {
    if (id === undefined) return;
    const margin = Math.min(30_000, lifetime / 4);
    const expires = Date.now() + left;
    let timer: ReturnType<typeof setTimeout>;
    const due = () => {
      const last = Number(localStorage.getItem('refreshed'));
      return Math.max(expires, last + lifetime) - margin - Date.now();
    };
    const keep = () => {
      clearTimeout(timer);
      if (due() > 0) timer = setTimeout(keep, due());
      else
        void refresh()
          .catch(() => false)
          .then((ok) => (timer = setTimeout(keep, ok ? due() : 5000)));
    };
    keep();
    addEventListener('visibilitychange', keep);
    addEventListener('online', keep);
    return () => {
      clearTimeout(timer);
      removeEventListener('visibilitychange', keep);
      removeEventListener('online', keep);
    };
  }, [id, lifetime, left]);

  useEffect(() => {
    const channel = new BroadcastChannel(SESSION);
    channel.onmessage = ({ data }: MessageEvent<SessionNews>) => {
      if (data === 'over') say('Your session is over. Please sign in again.');
      router.refresh();
    };
    return () => channel.close();
  }, [router]);

  return <Current value={person}>{children}</Current>;
}
