import { type KeyObject, verify } from 'node:crypto';
import type { Shown } from './cookies.ts';

/** Who is here, as the access token says. */
export interface Visitor {
  id: string;
  email: string;
  sessionId: string;
  /** In whose days they count, once they have said so. */
  zone?: string;
  /** As others are to call them, once they have said so. */
  name?: string;
  /** Seconds since 1970. */
  issuedAt: number;
  expiresAt: number;
}

/** What a token is read with: public keys by their names, and until when those without a name are ours. */
export interface Keys {
  known: ReadonlyMap<string, KeyObject>;
  /** For the time of an upgrade: tokens were signed with a secret before, which pages have no business with. */
  unnamedBefore?: Date | undefined;
}

/** The longest that a token lives, in seconds. */
const LONGEST = 3600;

const decoded = (part = '') =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

/**
 * Reads the session cookie (cookie-session's base64 of `{jwt}`): what is not signed by a key in force is nobody's. A token of
 * before is believed for the hour that it may live, to show who is here; every service checks it itself.
 */
export function readToken(cookie: string | undefined, { known, unnamedBefore }: Keys): Visitor | undefined {
  try {
    const { jwt } = JSON.parse(Buffer.from(cookie ?? '', 'base64').toString()) as { jwt: string };
    const [header = '', payload = '', signature = ''] = jwt.split('.');
    const { kid } = decoded(header);
    const { sub, email, sessionId, zone, name, iat, exp } = decoded(payload);
    if (typeof sub !== 'string' || typeof email !== 'string' || typeof sessionId !== 'string')
      return undefined;
    if (typeof iat !== 'number' || typeof exp !== 'number') return undefined;
    const good =
      kid === undefined
        ? isFormer(iat, exp, unnamedBefore)
        : isSigned(`${header}.${payload}`, signature, typeof kid === 'string' ? known.get(kid) : undefined);
    return good
      ? {
          id: sub,
          email,
          sessionId,
          issuedAt: iat,
          expiresAt: exp,
          ...(typeof zone === 'string' && { zone }),
          ...(typeof name === 'string' && { name }),
        }
      : undefined;
  } catch {
    return undefined;
  }
}

/** ES256 (RFC 7518, 3.4), whatever the token says of itself. */
const isSigned = (text: string, signature: string, key: KeyObject | undefined) =>
  key !== undefined &&
  verify(
    'sha256',
    Buffer.from(text),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );

const isFormer = (iat: number, exp: number, before: Date | undefined) =>
  before !== undefined && iat * 1000 <= before.getTime() && exp - iat <= LONGEST;

export const isExpired = ({ expiresAt }: Pick<Visitor, 'expiresAt'>, now: number): boolean =>
  expiresAt * 1000 <= now;

/** Of several session cookies the one that ends last, of those that are ours. */
export const newest = (cookies: readonly string[], keys: Keys): Visitor | undefined =>
  cookies
    .map((cookie) => readToken(cookie.slice(cookie.indexOf('=') + 1), keys))
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
