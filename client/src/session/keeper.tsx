'use client';

import { usePathname, useRouter } from 'next/navigation';
import { createContext, type ReactNode, useContext, useEffect, useEffectEvent, useState } from 'react';
import { refresh, SESSION, type SessionNews, setKnown } from '../api/browser.ts';
import { say } from '../ui/status.tsx';
import { forgetTicketsBut } from './kept.ts';
import { forgetOthers, isEnded, NOBODY, rememberLast } from './typed.ts';

interface Person {
  id: string;
  email: string;
  /** In whose days they count, by its IANA name; unknown until they have said so. */
  zone?: string | undefined;
}

const Current = createContext<Person | undefined>(undefined);

/** Who is signed in, or undefined. */
export const usePerson = (): Person | undefined => useContext(Current);

const Ended = createContext({ over: false, asks: false, close: () => {} });

/** Whether the session of who is shown has ended: their page stays as it is, as they may have typed into it. */
export const useEnded = () => useContext(Ended);

/** Pages that are somebody's, and nobody's without a session. */
const OWN = /^\/(sell|orders|account|my-tickets|organize(?!\/join)|tickets\/[^/]+\/edit$)/;

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
  const own = OWN.test(usePathname());
  const id = person?.id;
  const [ended, setEnded] = useState<'asks' | 'told'>();

  useEffect(() => setKnown(id !== undefined && ended === undefined), [id, ended]);

  useEffect(() => {
    if (id !== undefined) rememberLast(id);
    forgetTicketsBut(id);
    // What somebody typed waits for them only where their session ended, not where they signed out, be it in another tab.
    if (id !== undefined || !isEnded()) forgetOthers(id ?? NOBODY);
  }, [id]);

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

  const heard = useEffectEvent((news: SessionNews) => {
    if (news === 'over' && id === undefined) return;
    // It says so before it leads to signing in.
    if (news === 'over' && own) return setEnded((before) => before ?? 'asks');
    if (news === 'over') say('Your session is over. Please sign in again.');
    setEnded(undefined);
    router.refresh();
  });
  useEffect(() => {
    const channel = new BroadcastChannel(SESSION);
    channel.onmessage = ({ data }: MessageEvent<SessionNews>) => heard(data);
    return () => channel.close();
  }, []);

  return (
    <Current value={person}>
      <Ended
        value={{ over: ended !== undefined, asks: own && ended === 'asks', close: () => setEnded('told') }}
      >
        {children}
      </Ended>
    </Current>
  );
}
