import { createSecretKey, type KeyObject } from 'node:crypto';
import cookieSession from 'cookie-session';
import type { Request, Response } from 'express';
import jwt from 'jsonwebtoken';
import { User } from '../user.ts';
import { type CookieNames, cookieNames, FORMER, ownOrFormer, valuesOf } from './cookies.ts';

const ISSUER = 'ticketing/auth';
const AUDIENCE = 'ticketing';

/** Signs an access token; `lifetime` in seconds is the bound on signing out elsewhere. */
export const signToken = ({ id, ...claims }: User, key: string, lifetime: number): string =>
  jwt.sign(claims, key, {
    algorithm: 'HS256',
    subject: id,
    issuer: ISSUER,
    audience: AUDIENCE,
    expiresIn: lifetime,
  });

/** A user, for as long as the access token says so. */
export interface Caller extends User {
  expiresAt: Date;
}

/** The user of a token, or undefined when it is expired, forged, or another's. */
export const verifyToken = (token: string, key: string | KeyObject): Caller | undefined => verify(token, key);

/** Whether this value of a session cookie is or was a token of ours. */
export const isOurs = (value: string, key: string): boolean =>
  verify(tokenIn(value) ?? '', key, { ignoreExpiration: true }) !== undefined;

/** Whose tokens the cookies of a request hold or held: good for ending their sessions, and for nothing else. */
export const formerUsers = (req: Pick<Request, 'headers'>, key: string, names: CookieNames): User[] =>
  [names.session, FORMER.session]
    .flatMap((name) => valuesOf(req.headers.cookie, name))
    .map((value) => verify(tokenIn(value) ?? '', key, { ignoreExpiration: true }))
    .filter((user) => user !== undefined);

function verify(token: string, key: string | KeyObject, options: jwt.VerifyOptions = {}): Caller | undefined {
  try {
    const claims = jwt.verify(token, key, {
      ...options,
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
    }) as string | jwt.JwtPayload;
    const { sub: id, exp = 0, ...rest } = claims as jwt.JwtPayload;
    const user = User.safeParse({ ...rest, id }).data;
    return user && { ...user, expiresAt: new Date(exp * 1000) };
  } catch {
    return undefined;
  }
}

/** So many callers are remembered; a page of a browser asks several times with the same token. */
const REMEMBERED = 1000;

/** Remembers who was verified by what they showed, until it expires: the signature is of the same bytes. */
const remembering = (userOf: (shown: string) => Caller | undefined) => {
  const known = new Map<string, Caller>();
  return (shown: string): Caller | undefined => {
    const before = known.get(shown);
    if (before && Date.now() < before.expiresAt.getTime()) return before;
    known.delete(shown);
    const verified = userOf(shown);
    if (!verified) return undefined;
    known.set(shown, verified);
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
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
export const identify = (secret: string, names: CookieNames = cookieNames(false)) => {
  // Of a string the library would first try to make a public key, at each request.
  const key = createSecretKey(secret, 'utf8');
  const ofBearer = remembering((token) => verify(token, key));
  const ofCookie = remembering((cookie) => verify(tokenIn(cookie) ?? '', key));
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
