import cookieSession from 'cookie-session';
import type { Request, Response } from 'express';
import jwt from 'jsonwebtoken';
import { remember } from '../remember.ts';
import { User } from '../user.ts';
import { type CookieNames, cookieNames, FORMER, ownOrFormer, valuesOf } from './cookies.ts';
import type { FormerKey, SigningKey, TokenKeys } from './keys.ts';

const ISSUER = 'ticketing/auth';
const AUDIENCE = 'ticketing';
/** The longest that a token may live, in seconds. */
export const LONGEST_TOKEN = 3600;

/** Signs an access token. How long it lives, in seconds or until a moment, is the bound on signing out elsewhere. */
export const signToken = (
  { id, ...claims }: User,
  by: SigningKey | FormerKey,
  lifetime: number | Date,
): string =>
  jwt.sign(lifetime instanceof Date ? { ...claims, exp: lifetime.getTime() / 1000 } : claims, by.key, {
    ...('kid' in by ? { algorithm: 'ES256', keyid: by.kid } : { algorithm: 'HS256' }),
    subject: id,
    issuer: ISSUER,
    audience: AUDIENCE,
    ...(typeof lifetime === 'number' && { expiresIn: lifetime }),
  });

/** A user, for as long as the access token says so. */
export interface Caller extends User {
  expiresAt: Date;
  /** The token is of the key of before. */
  former?: true;
}

/** The user of a token, or undefined when it is expired, forged, or another's. */
export const verifyToken = (token: string, keys: TokenKeys): Caller | undefined => verify(token, keys);

/** Whether this value of a session cookie is or was a token of ours. */
export const isOurs = (value: string, keys: TokenKeys): boolean =>
  verify(tokenIn(value) ?? '', keys, { ignoreExpiration: true }) !== undefined;

/** Whose tokens the cookies of a request hold or held: good for ending their sessions, and for nothing else. */
export const formerUsers = (req: Pick<Request, 'headers'>, keys: TokenKeys, names: CookieNames): User[] =>
  [names.session, FORMER.session]
    .flatMap((name) => valuesOf(req.headers.cookie, name))
    .map((value) => verify(tokenIn(value) ?? '', keys, { ignoreExpiration: true }))
    .filter((user) => user !== undefined);

/** The key of before, as long as a token that it signed can be good. */
const living = (former: FormerKey | undefined) =>
  former && Date.now() < former.before.getTime() + LONGEST_TOKEN * 1000 ? former : undefined;

function verify(token: string, keys: TokenKeys, options: jwt.VerifyOptions = {}): Caller | undefined {
  try {
    const { kid } = JSON.parse(
      Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString(),
    ) as jwt.JwtHeader;
    // The key decides how a token is to be signed, never the token (RFC 8725, 3.1).
    const former = kid === undefined ? living(keys.former) : undefined;
    const key = former?.key ?? keys.keys.get(kid ?? '');
    if (!key) return undefined;
    const claims = jwt.verify(token, key, {
      ...options,
      algorithms: [former ? 'HS256' : 'ES256'],
      issuer: ISSUER,
      audience: AUDIENCE,
    }) as string | jwt.JwtPayload;
    const { sub: id, iat = Infinity, exp = 0, ...rest } = claims as jwt.JwtPayload;
    // Who has the secret may write any moment, but none that lets a token live on: so all of them end.
    if (former && (iat * 1000 > former.before.getTime() || exp - iat > LONGEST_TOKEN)) return undefined;
    const user = User.safeParse({ ...rest, id }).data;
    return user && { ...user, expiresAt: new Date(exp * 1000), ...(former && { former: true }) };
  } catch {
    return undefined;
  }
}

/** So many callers are remembered, of 1 kB each: to verify costs 75 µs, a tenth of a reservation, and buyers ask several times. */
const REMEMBERED = 5000;
/** Of so many characters at most: what `auth` writes is half as long. */
const LONGEST_SHOWN = 2000;

/** Remembers who was verified by what they showed, until it expires: the signature is of the same bytes. */
const remembering = (userOf: (shown: string) => Caller | undefined) => {
  const known = new Map<string, Caller>();
  return (shown: string): Caller | undefined => {
    if (shown.length > LONGEST_SHOWN) return userOf(shown);
    const before = known.get(shown);
    if (before && Date.now() < before.expiresAt.getTime()) return before;
    known.delete(shown);
    const verified = userOf(shown);
    if (!verified) return undefined;
    const copy = Buffer.from(shown, 'latin1').toString('latin1'); // a part of a header keeps all of it
    remember(known, copy, verified, REMEMBERED);
    return verified;
  };
};

/**
 * Writes the session cookie, httpOnly, for so many seconds: it holds `{jwt}`, whose own signature is what counts; `null`
 * takes it away. Throws when that cannot be: nobody is told that they are signed in without it. cookie-session sees a
 * stand-in: on the request itself it holds all until V8's slow collection of garbage, believes what a proxy says of TLS,
 * and where it disagrees writes nothing and says nothing.
 */
export const sessionWriter = (secure: boolean, seconds: number) => {
  const session = cookieSession({
    name: cookieNames(secure).session,
    signed: false,
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: seconds * 1000,
  });
  return (res: Pick<Response, 'append'>, content: { jwt: string } | null): void => {
    let lines: string[] = [];
    const asked = { headers: {}, socket: { encrypted: secure } } as unknown as Request;
    const answered = {
      getHeader: () => undefined,
      setHeader: (_name: string, value: string[]) => (lines = value),
      writeHead: () => undefined,
    };
    session(asked, answered as unknown as Response, () => {
      asked.session = content;
    });
    answered.writeHead();
    if (lines.length === 0) throw new Error('The session cookie could not be written');
    for (const line of lines) res.append('Set-Cookie', line);
  };
};

/** The token in a session cookie's value, as cookie-session writes it. */
const tokenIn = (cookie: string | undefined): string | undefined => {
  try {
    const { jwt } = JSON.parse(Buffer.from(cookie ?? '', 'base64').toString()) as { jwt?: unknown };
    return typeof jwt === 'string' ? jwt : undefined;
  } catch {
    return undefined;
  }
};

/** Reads the user of a request from its bearer token, or from that of its session cookies which verifies and ends last. */
export const identify = (keys: TokenKeys, names: CookieNames = cookieNames(false)) => {
  const ofBearer = remembering((token) => verify(token, keys));
  const ofCookie = remembering((cookie) => verify(tokenIn(cookie) ?? '', keys));
  return ({ headers: { authorization, cookie } }: Pick<Request, 'headers'>): Caller | undefined => {
    const bearer = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
    if (bearer !== undefined) return ofBearer(bearer);
    if (cookie === undefined) return undefined;
    return ownOrFormer(cookie, names, 'session')
      .map(ofCookie)
      .reduce((last, one) => (one && !(last && last.expiresAt >= one.expiresAt) ? one : last), undefined);
  };
};

const BEARER = /^Bearer +(\S+)$/i;
