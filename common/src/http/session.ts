import { createSecretKey, type KeyObject } from 'node:crypto';
import cookieSession from 'cookie-session';
import type { Request, Response } from 'express';
import jwt from 'jsonwebtoken';
import { User } from '../user.ts';

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

/** Whose token this is or was: good for ending its session, and for nothing else. */
export const formerUser = (req: Request, key: string): User | undefined => {
  const token = tokenIn(SESSION.exec(req.headers.cookie ?? '')?.[1]);
  return token === undefined ? undefined : verify(token, key, { ignoreExpiration: true });
};

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
 * Writes the session cookie, httpOnly: it holds `{jwt}`, whose own signature is what counts; `null` takes it away. Used
 * where a session begins or ends, as cookie-session holds each request until V8's slow collection of garbage.
 */
export const sessionWriter = (secure: boolean) => {
  const session = cookieSession({
    name: 'session',
    signed: false,
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: 30 * 24 * 3600 * 1000,
  });
  return (req: Request, res: Response, content: { jwt: string } | null): void => {
    session(req, res, () => {
      req.session = content;
    });
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

/** Reads the user of a request from its bearer token or its session cookie. */
export const identify = (secret: string) => {
  // Of a string the library would first try to make a public key, at each request.
  const key = createSecretKey(secret, 'utf8');
  const ofBearer = remembering((token) => verify(token, key));
  const ofCookie = remembering((cookie) => verify(tokenIn(cookie) ?? '', key));
  return ({ headers: { authorization, cookie } }: Pick<Request, 'headers'>): Caller | undefined => {
    const bearer = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
    if (bearer !== undefined) return ofBearer(bearer);
    const session = cookie === undefined ? undefined : SESSION.exec(cookie)?.[1];
    return session === undefined ? undefined : ofCookie(session);
  };
};

const SESSION = /(?:^|; *)session=([^;]+)/;

const BEARER = /^Bearer +(\S+)$/i;
