import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { refreshPath, signInPath } from '../api/server.ts';
import { config, tokenKeys } from '../config.ts';
import { clocksDiffer, differ } from './clocks.ts';
import { shown } from './cookies.ts';
import { judge, newest, type Visitor } from './token.ts';

interface Present extends Visitor {
  /** How long an access token lasts, and how long this one still does, in milliseconds. */
  lifetime: number;
  left: number;
  /** Whether this server's clock says that a token which was just made is over. The services decide, so it counts. */
  clocks: boolean;
}

/** Who asks for this page. The proxy has exchanged an expired token before. */
export const visitor = cache(async (): Promise<Present | undefined> => {
  const cookies = shown((await headers()).get('cookie'), config().PUBLIC_ORIGIN);
  const token = newest(cookies.session, tokenKeys());
  const now = Date.now();
  const meaning = judge(token, cookies, now);
  if (!token && cookies.session.length > 0 && cookies.exchanged === 'done')
    differ('keys', 'auth', 'a token that auth has just made is by no key in TOKEN_PUBLIC_KEYS');
  if (!token || meaning === 'exchange' || meaning === 'nobody') return undefined;
  const { issuedAt, expiresAt } = token;
  const clocks = meaning === 'clocks';
  if (clocks) clocksDiffer('auth', `this clock is ${Math.round(now / 1000 - issuedAt)} s ahead of its`);
  const lifetime = (expiresAt - issuedAt) * 1000;
  const left = clocks ? lifetime : Math.min(expiresAt * 1000 - now, lifetime);
  return { ...token, lifetime, left, clocks };
});

/**
 * The same, for pages of one's own: anybody else is asked to sign in, and comes back. Who opens the page and has lost nothing but
 * the session cookie gets it again on the way.
 */
export async function signedIn(here: string): Promise<Present> {
  const who = await visitor();
  if (who) return who;
  const opened = (await headers()).get('sec-fetch-dest') === 'document';
  return redirect(opened ? refreshPath(signInPath(here)) : signInPath(here));
}
