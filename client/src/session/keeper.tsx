'use client';

import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { refresh, SESSION, type SessionNews, setKnown } from '../api/browser.ts';
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

  useEffect(() => setKnown(id !== undefined), [id]);

  useEffect(() => {
    if (id === undefined) return;
    const margin = Math.min(30_000, lifetime / 4);
    const expires = Date.now() + left;
    let timer: ReturnType<typeof setTimeout>;
    let exchanging = false;
    let stopped = false;
    const due = () => {
      const last = Number(localStorage.getItem('refreshed'));
      return Math.max(expires, last + lifetime) - margin - Date.now();
    };
    const again = (ms: number) => {
      clearTimeout(timer);
      // A visitor's clock may jump: it is looked at now and then.
      if (!stopped) timer = setTimeout(() => void keep(), Math.min(ms, 60_000));
    };
    const keep = async () => {
      if (exchanging || stopped) return;
      if (due() > 0) return again(due());
      exchanging = true;
      const ok = await refresh().catch(() => false);
      exchanging = false;
      again(ok ? Math.max(due(), 1000) : 5000);
    };
    const look = () => void keep();
    look();
    addEventListener('visibilitychange', look);
    addEventListener('online', look);
    addEventListener('pageshow', look);
    return () => {
      stopped = true;
      clearTimeout(timer);
      removeEventListener('visibilitychange', look);
      removeEventListener('online', look);
      removeEventListener('pageshow', look);
    };
  }, [id, lifetime, left]);

  useEffect(() => {
    const channel = new BroadcastChannel(SESSION);
    channel.onmessage = ({ data }: MessageEvent<SessionNews>) => {
      if (data === 'over') {
        if (id === undefined) return;
        say('Your session is over. Please sign in again.');
      }
      router.refresh();
    };
    return () => channel.close();
  }, [router, id]);

  return <Current value={person}>{children}</Current>;
}
