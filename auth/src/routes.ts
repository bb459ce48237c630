import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { Id, Instant } from '@ticketing/common/contracts/event';
import { networkOf } from '@ticketing/common/http/admission';
import { anyone, noContent, ok, type Reply, signedIn } from '@ticketing/common/http/route';
import { type Caller, formerUser, sessionWriter, signToken } from '@ticketing/common/http/session';
import { isRejection, type Rejection } from '@ticketing/common/rejection';
import type { Store } from '@ticketing/common/store';
import { User } from '@ticketing/common/user';
import type { Commands, SignedIn } from './commands.ts';
import type { Session } from './domain.ts';

const Email = z
  .string()
  .trim()
  .max(254, 'must have at most 254 characters')
  .pipe(z.email('must be an e-mail address'));
const SignUp = z.strictObject({
  email: Email,
  password: z.string().min(8, 'must have at least 8 characters').max(200, 'must have at most 200 characters'),
});
const SignIn = z.strictObject({ email: Email, password: z.string().min(1, 'must not be empty').max(200) });
const CurrentUser = z.object({ currentUser: User.omit({ sessionId: true }).nullable() });
const SessionView = z.object({
  id: Id,
  device: z.string(),
  createdAt: Instant,
  lastUsedAt: Instant,
  expiresAt: Instant,
  current: z.boolean(),
});
const ById = z.object({ id: Id });
/** What a browser takes for a path of the same origin, whatever it makes of `//`, of a backslash or of a line's end. */
const Onward = z.strictObject({
  to: z
    .string()
    .max(2000, 'must have at most 2000 characters')
    .regex(/^\/(?!\/)[^\\\p{Cc}]*$/u, 'must be a path of this site')
    .describe('Where to go on: a path of this site, with its query'),
});

interface Settings {
  jwtKey: string;
  tokenSeconds: number;
  sessionSeconds: number;
  secure: boolean;
}

const REFRESH = 'refresh';
/** How long the tabs of a browser that is opened again take to ask for their pages, in seconds. */
const JUST_NOW = 10;

export function routes(act: Commands, Sessions: Store<Session>, settings: Settings): Router {
  const { jwtKey, tokenSeconds, sessionSeconds, secure } = settings;
  const writeSession = sessionWriter(secure);
  const refreshCookie = { httpOnly: true, sameSite: 'lax', secure, path: '/api/users/refresh' } as const;

  /** Gives the browser its two cookies: the short-lived access token, and the refresh token for its path only. */
  const welcome = (
    status: number,
    outcome: SignedIn | Rejection,
    req: Request,
    res: Response,
  ): Reply | Rejection => {
    if (isRejection(outcome)) return outcome;
    const { account, sessionId, refreshToken } = outcome;
    const user = { id: account._id, email: account.email, roles: account.roles };
    writeSession(req, res, { jwt: signToken({ ...user, sessionId }, jwtKey, tokenSeconds) });
    res.cookie(REFRESH, refreshToken, { ...refreshCookie, maxAge: sessionSeconds * 1000 });
    return { status, body: { currentUser: user } };
  };

  const renew = async (req: Request, res: Response) => {
    const outcome = await act.refresh(cookie(req, REFRESH) ?? '');
    if (isRejection(outcome)) forget(req, res);
    return welcome(200, outcome, req, res);
  };

  /** Another tab has just exchanged the token: were its successor used at once, slower tabs would come as thieves. */
  const isNew = ({ expiresAt }: Caller) =>
    expiresAt.getTime() - Date.now() > (tokenSeconds - Math.min(JUST_NOW, tokenSeconds / 2)) * 1000;

  const forget = (req: Request, res: Response) => {
    writeSession(req, res, null);
    res.clearCookie(REFRESH, refreshCookie);
  };

  return Router()
    .post(
      '/api/users/signup',
      anyone(
        { summary: 'Make an account', body: SignUp, replies: { 201: CurrentUser } },
        async ({ body, req, res }) => welcome(201, await act.signUp(body, originOf(req)), req, res),
      ),
    )
    .post(
      '/api/users/signin',
      anyone(
        { summary: 'Sign in', body: SignIn, replies: { 200: CurrentUser } },
        async ({ body, req, res }) => welcome(200, await act.signIn(body, originOf(req)), req, res),
      ),
    )
    .post(
      '/api/users/signout',
      anyone(
        { summary: 'Sign out on this device', replies: { 200: CurrentUser } },
        async ({ user, req, res }) => {
          const whose = user ?? formerUser(req, jwtKey);
          if (whose) await act.endSession(whose.id, whose.sessionId);
          forget(req, res);
          return { status: 200, body: { currentUser: null } };
        },
      ),
    )
    .get(
      '/api/users/currentuser',
      anyone({ summary: 'Who is signed in', replies: { 200: CurrentUser } }, ({ user }) => ({
        status: 200,
        body: { currentUser: user ? { id: user.id, email: user.email, roles: user.roles } : null },
      })),
    )
    .post(
      '/api/users/refresh',
      anyone({ summary: 'Get a new access token', replies: { 200: CurrentUser } }, ({ req, res }) =>
        renew(req, res),
      ),
    )
    .get(
      '/api/users/refresh',
      anyone(
        {
          summary: 'Get a new access token on the way to a page',
          query: Onward,
          replies: { 303: 'nothing' },
        },
        async ({ user, query, req, res }) => {
          // A GET that rotates is harmless: a used token gives the same successor. `SameSite=Lax` lets it through where
          // the visitor navigates, also by another site's link, and neither sends nor sets cookies where a page embeds it.
          if (!user || !isNew(user)) await renew(req, res);
          res.location(query.to);
          return { status: 303 };
        },
      ),
    )
    .get(
      '/api/users/sessions',
      signedIn(
        { summary: 'Where you are signed in', replies: { 200: z.array(SessionView) } },
        async ({ user }) => {
          const sessions = await Sessions.find({ userId: user.id }, { sort: { _id: -1 }, limit: 200 });
          return ok(sessions.map((session) => view(session, user)));
        },
      ),
    )
    .delete(
      '/api/users/sessions/:id',
      signedIn(
        { summary: 'Sign out on a device', params: ById, replies: { 204: 'nothing' } },
        ({ user, params, req, res }) => {
          if (params.id === user.sessionId) forget(req, res);
          return noContent(act.endSession(user.id, params.id));
        },
      ),
    )
    .delete(
      '/api/users/sessions',
      signedIn({ summary: 'Sign out everywhere', replies: { 204: 'nothing' } }, ({ user, req, res }) => {
        forget(req, res);
        return noContent(act.endAllSessions(user.id));
      }),
    );
}

const view = (session: Session, user: User) => ({
  id: session._id,
  device: session.device,
  createdAt: session.createdAt,
  lastUsedAt: session.rotatedAt,
  expiresAt: session.expiresAt,
  current: session._id === user.sessionId,
});

const originOf = (req: Request) => ({
  address: networkOf(req.ip ?? 'unknown'),
  device: (req.headers['user-agent'] ?? 'unknown').slice(0, 200),
});

const cookie = (req: Request, name: string) =>
  (req.headers.cookie ?? '')
    .split(/; */)
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
