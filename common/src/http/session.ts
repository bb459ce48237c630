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

/** A user, for as long as the access token says so. */
export interface Caller extends User {
  expiresAt: Date;
}

/** The user of a token, or undefined when it is expired, forged, or another's. */
export const verifyToken = (token: string, key: string | KeyObject): Caller | undefined => verify(token, key);

/** Whose token this is or was: good for ending its session, and for nothing else. */
export const formerUser = (req: Request, key: string): User | undefined => {
  const token: unknown = req.headers.cookie === undefined ? undefined : req.session?.['jwt'];
  return typeof token === 'string' ? verify(token, key, { ignoreExpiration: true }) : undefined;
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

/** So many verified tokens are remembered; a page of a browser asks several times with the same. */
const REMEMBERED = 1000;

/** Verifies as `verifyToken` does, and remembers what was valid until it expires: the signature is of the same bytes. */
const verifier = (key: KeyObject) => {
  const known = new Map<string, Caller>();
  return (token: string): Caller | undefined => {
    const before = known.get(token);
    if (before && Date.now() < before.expiresAt.getTime()) return before;
    known.delete(token);
    const verified = verify(token, key);
    if (!verified) return undefined;
    known.set(token, verified);
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return verified;
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
  return (req: Request): Caller | undefined => {
    const { authorization, cookie } = req.headers;
    const bearer = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
    if (bearer !== undefined) return userOf(bearer);
    if (cookie === undefined) return undefined;
    const token: unknown = req.session?.['jwt'];
    return typeof token === 'string' ? userOf(token) : undefined;
  };
};

const BEARER = /^Bearer +(\S+)$/i;
