import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { signInPath } from '../api/server.ts';
import { isExpired, readToken, type Visitor } from './token.ts';

interface Present extends Visitor {
  /** How long an access token lasts, and how long this one still does, in milliseconds. */
  lifetime: number;
  left: number;
}

/** Who asks for this page. The proxy has exchanged an expired token before. */
export const visitor = cache(async (): Promise<Present | undefined> => {
  const jar = await cookies();
  const token = readToken(jar.get('session')?.value);
  if (!token || isExpired(token, Date.now())) return undefined;
  const { issuedAt, expiresAt } = token;
  return { ...token, lifetime: (expiresAt - issuedAt) * 1000, left: expiresAt * 1000 - Date.now() };
});

/** The same, for pages of one's own: anybody else is asked to sign in, and comes back. */
export async function signedIn(here: string): Promise<Present> {
  return (await visitor()) ?? redirect(signInPath(here));
}
