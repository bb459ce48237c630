import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { config } from '../config.ts';
import { clocksDiffer } from '../session/clocks.ts';
import { shown } from '../session/cookies.ts';
import { type Answer, read, type Success, unreachable } from './answer.ts';

/** How long a service may take to answer a page, in milliseconds. */
const PATIENCE = 10_000;

const OWNERS: Record<string, `${'AUTH' | 'TICKETS' | 'ORDERS' | 'PAYMENTS' | 'EVENTS' | 'ADMISSIONS'}_URL`> =
  {
    users: 'AUTH_URL',
    tickets: 'TICKETS_URL',
    orders: 'ORDERS_URL',
    payments: 'PAYMENTS_URL',
    admissions: 'ADMISSIONS_URL',
    events: 'EVENTS_URL',
  };

const ownerOf = (path: string) => path.split(/[/?]/)[2] ?? '';

const cookies = async () => shown((await headers()).get('cookie'), config().PUBLIC_ORIGIN);

/** Asks the service that owns a path, for the visitor: inside the cluster, past the ingress. */
export async function ask<T>(path: string): Promise<Answer<T>> {
  const owner = OWNERS[ownerOf(path)];
  if (!owner) throw new Error(`No service owns ${path}`);
  const { session } = await cookies();
  // Whose share of the places it counts for: else all visitors were one, this server.
  const visitors = (await headers()).get('x-forwarded-for');
  try {
    const response = await fetch(new URL(path, config()[owner]), {
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE),
      headers: {
        // The service takes the one that verifies.
        ...(session.length > 0 && { cookie: session.join('; ') }),
        ...(visitors !== null && { 'x-forwarded-for': visitors }),
      },
    });
    return await read<T>(response);
  } catch {
    return unreachable;
  }
}

/** Asks for what a page cannot do without: else it is the page of a missing thing, of a sign-in, or of an error. */
export async function need<T>(path: string, here: string): Promise<Success<T>> {
  const answer = await ask<T>(path);
  if (answer.ok) return answer;
  // 400: the address names something that cannot be.
  if ([400, 403, 404].includes(answer.status)) notFound();
  if (answer.status === 401) {
    // A token that looks valid and is refused: `auth` gives another, or takes it away, and then one is asked to sign in.
    const { exchanged } = await cookies();
    if (!exchanged) redirect(refreshPath(here));
    clocksDiffer(
      ownerOf(path),
      'it refuses a token that auth has just made; or its TOKEN_PUBLIC_KEYS are others',
    );
    // `error.tsx` says so by the digest.
    throw Object.assign(new Error(`${path} refuses a new token`), { digest: 'clocks' });
  }
  throw new Error(`${path} answered ${answer.status}: ${answer.detail}`);
}

/** By way of an exchange of the token, for which only `auth` is shown what it takes. */
export const refreshPath = (to: string) => `/api/users/refresh?to=${encodeURIComponent(to)}`;

export const signInPath = (to: string) => `/signin?to=${encodeURIComponent(to)}`;
