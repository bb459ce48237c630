import { cookies, headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { config, type Settings } from '../config.ts';
import { type Answer, read, type Success, unreachable } from './answer.ts';

/** How long a service may take to answer a page, in milliseconds. */
const PATIENCE = 3000;

const OWNERS: Record<string, keyof Settings> = {
  users: 'AUTH_URL',
  tickets: 'TICKETS_URL',
  orders: 'ORDERS_URL',
  payments: 'PAYMENTS_URL',
};

/** Asks the service that owns a path, for the visitor: inside the cluster, past the ingress. */
export async function ask<T>(path: string): Promise<Answer<T>> {
  const owner = OWNERS[path.split(/[/?]/)[2] ?? ''];
  if (!owner) throw new Error(`No service owns ${path}`);
  const jar = await cookies();
  const session = jar.get('session');
  // Whose share of the places it counts for: else all visitors were one, this server.
  const visitors = (await headers()).get('x-forwarded-for');
  try {
    const response = await fetch(new URL(path, config()[owner]), {
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE),
      headers: {
        ...(session && { cookie: `session=${session.value}` }),
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
  // A token that looks valid and is refused: `auth` gives another, or takes it away, and then one is asked to sign in.
  if (answer.status === 401) redirect(`/api/users/refresh?to=${encodeURIComponent(here)}`);
  throw new Error(`${path} answered ${answer.status}: ${answer.detail}`);
}

export const signInPath = (to: string) => `/signin?to=${encodeURIComponent(to)}`;
