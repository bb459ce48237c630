import cookieSession from 'cookie-session';
import type { Request, RequestHandler } from 'express';
import jwt from 'jsonwebtoken';
import { z } from 'zod';

export const Role = z.enum(['user', 'admin']);

/** Who asks, as the access token says. */
export const User = z.object({
  id: z.string(),
  email: z.string(),
  roles: z.array(Role),
  /** The session that the token belongs to. */
  sessionId: z.string(),
});
export type User = z.infer<typeof User>;

export const isAdmin = (user: Pick<User, 'roles'>): boolean => user.roles.includes('admin');

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
export function verifyToken(token: string, key: string): User | undefined {
  try {
    const claims = jwt.verify(token, key, { algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCE });
    return User.safeParse({ ...(claims as jwt.JwtPayload), id: claims.sub }).data;
  } catch {
    return undefined;
  }
}

/** The session cookie, httpOnly: it holds `{jwt}`, whose own signature is what counts. `maxAge` in milliseconds. */
export const sessionCookie = (secure: boolean): RequestHandler =>
  cookieSession({
    name: 'session',
    signed: false,
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: 30 * 24 * 3600 * 1000,
  });

/** Reads the user of a request from its bearer token or its session cookie. */
export const identify =
  (key: string) =>
  (req: Request): User | undefined => {
    const bearer = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return verifyToken(bearer, key);
    if (req.headers.cookie === undefined) return undefined;
    const token: unknown = req.session?.['jwt'];
    return typeof token === 'string' ? verifyToken(token, key) : undefined;
  };
