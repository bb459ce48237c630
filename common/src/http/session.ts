import { createSecretKey, type KeyObject } from 'node:crypto';
import cookieSession from 'cookie-session';
import type { Request, RequestHandler } from 'express';
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

/** The user of a token, or undefined when it is expired, forged, or another's. */
export const verifyToken = (token: string, key: string | KeyObject): User | undefined =>
  verify(token, key)?.user;

/** Whose token this is or was: good for ending its session, and for nothing else. */
export const formerUser = (req: Request, key: string): User | undefined => {
  const token: unknown = req.headers.cookie === undefined ? undefined : req.session?.['jwt'];
  return typeof token === 'string' ? verify(token, key, { ignoreExpiration: true })?.user : undefined;
};

interface Verified {
  user: User;
  /** The second at which the token expires. */
  exp: number;
}

function verify(
  token: string,
  key: string | KeyObject,
  options: jwt.VerifyOptions = {},
): Verified | undefined {
  try {
    const claims = jwt.verify(token, key, {
      ...options,
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
    }) as string | jwt.JwtPayload;
    const { sub: id, exp = 0, ...rest } = claims as jwt.JwtPayload;
    const user = User.safeParse({ ...rest, id }).data;
    return user && { user, exp };
  } catch {
    return undefined;
  }
}

/** So many verified tokens are remembered; a page of a browser asks several times with the same. */
const REMEMBERED = 1000;

/** Verifies as `verifyToken` does, and remembers what was valid until it expires: the signature is of the same bytes. */
const verifier = (key: KeyObject) => {
  const known = new Map<string, Verified>();
  return (token: string): User | undefined => {
    const before = known.get(token);
    if (before && Math.floor(Date.now() / 1000) < before.exp) return before.user;
    known.delete(token);
    const verified = verify(token, key);
    if (!verified) return undefined;
    known.set(token, verified);
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return verified.user;
  };
};

/** The session cookie, httpOnly: it holds `{jwt}`, whose own signature is what counts. `maxAge` in milliseconds. */
export const sessionCookie = (secure: boolean): RequestHandler => {
  const session = cookieSession({
    name: 'session',
    signed: false,
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: 30 * 24 * 3600 * 1000,
  });
  return (req, res, next) => {
    // Nothing to read, and reading starts no session.
    if (req.headers.cookie === undefined && req.method === 'GET') next();
    else session(req, res, next);
  };
};

/** Reads the user of a request from its bearer token or its session cookie. */
export const identify = (secret: string) => {
  // Of a string the library would first try to make a public key, at each request.
  const userOf = verifier(createSecretKey(secret, 'utf8'));
  return (req: Request): User | undefined => {
    const { authorization, cookie } = req.headers;
    const bearer = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
    if (bearer !== undefined) return userOf(bearer);
    if (cookie === undefined) return undefined;
    const token: unknown = req.session?.['jwt'];
    return typeof token === 'string' ? userOf(token) : undefined;
  };
};

const BEARER = /^Bearer +(\S+)$/i;
