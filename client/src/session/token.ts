import type { Shown } from './cookies.ts';

/** Who is here, as the access token says. */
export interface Visitor {
  id: string;
  email: string;
  sessionId: string;
  /** Seconds since 1970. */
  issuedAt: number;
  expiresAt: number;
}

/**
 * Reads the session cookie (cookie-session's base64 of `{jwt}`) without checking the token's signature, which needs a
 * secret that pages have no business with. Good for showing who is here; every service checks the token itself.
 */
export function readToken(cookie: string | undefined): Visitor | undefined {
  try {
    const { jwt } = JSON.parse(atob(cookie ?? '')) as { jwt: string };
    const payload = (jwt.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const text = new TextDecoder().decode(Uint8Array.from(atob(payload), (byte) => byte.charCodeAt(0)));
    const { sub, email, sessionId, iat, exp } = JSON.parse(text) as Record<string, unknown>;
    if (typeof sub !== 'string' || typeof email !== 'string' || typeof sessionId !== 'string')
      return undefined;
    if (typeof iat !== 'number' || typeof exp !== 'number') return undefined;
    return { id: sub, email, sessionId, issuedAt: iat, expiresAt: exp };
  } catch {
    return undefined;
  }
}

export const isExpired = ({ expiresAt }: Pick<Visitor, 'expiresAt'>, now: number): boolean =>
  expiresAt * 1000 <= now;

/** Of several session cookies the one that ends last, of those that have our shape. */
export const newest = (cookies: readonly string[]): Visitor | undefined =>
  cookies
    .map((cookie) => readToken(cookie.slice(cookie.indexOf('=') + 1)))
    .filter((one) => one !== undefined)
    .sort((a, b) => b.expiresAt - a.expiresAt)[0];

/**
 * What to do about the token of who asks for a page. One that is over is exchanged, once: if it looks over right afterwards,
 * it is the clocks that differ. A cookie that cannot be read is somebody else's, and our refresh token may be there.
 */
export function judge(
  token: Pick<Visitor, 'expiresAt'> | undefined,
  { session, exchanged }: Shown,
  now: number,
): 'good' | 'exchange' | 'clocks' | 'nobody' {
  if (token && !isExpired(token, now)) return 'good';
  if (session.length > 0 && !exchanged) return 'exchange';
  return token && exchanged === 'done' ? 'clocks' : 'nobody';
}
