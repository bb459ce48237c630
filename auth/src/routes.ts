import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { Id, Instant } from '@ticketing/common/contracts/message';
import { Email, NewEmail, shownEmail } from '@ticketing/common/email';
import { networkOf, siteOf } from '@ticketing/common/http/admission';
import { cookieNames, FORMER, ownOrFormer, valuesOf } from '@ticketing/common/http/cookies';
import { anyone, noContent, ok, type Reply, signedIn } from '@ticketing/common/http/route';
import type { FormerKey, SigningKey, TokenKeys } from '@ticketing/common/http/keys';
import { type Caller, formerUsers, isOurs, sessionWriter, signToken } from '@ticketing/common/http/session';
import { isRejection, type Rejection } from '@ticketing/common/rejection';
import type { Store } from '@ticketing/common/store';
import { text } from '@ticketing/common/text';
import { User } from '@ticketing/common/user';
import { Zone } from '@ticketing/common/zone';
import type { Commands, SignedIn } from './commands.ts';
import type { Account, Session } from './domain.ts';
import { lengthOf } from './passwords.ts';

const [SHORTEST, LONGEST] = [8, 200];
/** In letters, not in how a device writes them; what is longer than any device's way of writing them is not looked at. */
const atMost = `must have at most ${LONGEST} characters`;
const Password = z.string().max(LONGEST * 20, { error: atMost, abort: true });
const SignUp = z.strictObject({
  email: NewEmail,
  password: Password.refine((text) => lengthOf(text) >= SHORTEST, `must have at least ${SHORTEST} characters`)
    .refine((text) => lengthOf(text) <= LONGEST, atMost)
    .refine((text) => text.isWellFormed(), 'must be of whole characters')
    .meta({
      description: `In characters as people count them; none of the 49,000 that are tried first`,
      minLength: SHORTEST,
      maxLength: LONGEST,
    }),
});
/** An old password was as long as it was typed. */
const SignIn = z.strictObject({
  email: Email,
  password: Password.min(1, 'must not be empty')
    .refine((text) => Math.min(lengthOf(text), text.length) <= LONGEST, atMost)
    .meta({ maxLength: LONGEST }),
});
const CurrentUser = z.object({ currentUser: User.omit({ sessionId: true }).nullable() });
const AboutUser = z
  .strictObject({
    zone: Zone.describe('In whose days you count'),
    name: text({ most: 60 }).nullable().meta({ description: 'That others see; null takes it away' }),
  })
  .partial()
  .refine((me) => Object.keys(me).length > 0, 'must name at least one of zone, name')
  .meta({ minProperties: 1 });
const SessionView = z.object({
  id: Id,
  device: z.string(),
  createdAt: Instant,
  lastUsedAt: Instant,
  expiresAt: Instant,
  current: z.boolean(),
  shared: z
    .object({ devices: z.array(z.string()), at: Instant })
    .optional()
    .describe('Two at two places used the same refresh token, lastly then'),
});
const ById = z.object({ id: Id });
/** What a browser takes for a path of the same origin, whatever it makes of `//`, of a backslash or of a line's end. */
const Onward = z.strictObject({
  // What a page adds that follows a link by itself and is sent here on the way.
  _rsc: z.string().max(100).optional().meta({ description: 'Says nothing; Next.js adds it' }),
  to: z
    .string()
    .max(2000, 'must have at most 2000 characters')
    .regex(/^\/(?!\/)[^\\\p{Cc}]*$/u, 'must be a path of this site')
    .meta({
      description: 'Where to go on: a path of this site, with its query',
      // The same without what few other languages' expressions know.
      pattern: String.raw`^/([^/\\\x00-\x1f\x7f-\x9f][^\\\x00-\x1f\x7f-\x9f]*)?$`,
    }),
});

interface Settings {
  signing: () => SigningKey | FormerKey;
  keys: TokenKeys;
  tokenSeconds: number;
  sessionSeconds: number;
  secure: boolean;
}

/** How long the tabs of a browser that is opened again take to ask for their pages, in seconds. */
const JUST_NOW = 10;

export function routes(act: Commands, Sessions: Store<Session>, settings: Settings): Router {
  const { signing, keys, tokenSeconds, sessionSeconds, secure } = settings;
  const names = cookieNames(secure);
  const writeSession = sessionWriter(secure, sessionSeconds);
  const lax = { httpOnly: true, sameSite: 'lax', secure } as const;
  const refreshCookie = { ...lax, path: '/api/users/refresh' };

  const deviceCookie = { ...lax, path: '/api/users', maxAge: 400 * 24 * 3600 * 1000 };
  const remembered = (req: Request) => valuesOf(req.headers.cookie, names.device);
  const originOf = (req: Request) => ({
    address: networkOf(req.ip ?? 'unknown'),
    network: siteOf(req.ip ?? 'unknown'),
    device: (req.headers['user-agent'] ?? 'unknown').replace(/\p{Cc}/gu, ' ').slice(0, 200),
    remembered: remembered(req),
  });

  /** Gives the browser its cookies: the short-lived access token, the refresh token for its path only, and that it was here. */
  const welcome = (
    status: number,
    outcome: SignedIn | Rejection,
    req: Request,
    res: Response,
  ): Reply | Rejection => {
    if (isRejection(outcome)) return outcome;
    const { account, sessionId, refreshToken, remember } = outcome;
    const user = userOf(account);
    writeSession(res, { jwt: signToken({ ...user, sessionId }, signing(), tokenSeconds) });
    res.cookie(names.refresh, refreshToken, { ...refreshCookie, maxAge: sessionSeconds * 1000 });
    if (!remembered(req).includes(remember)) res.cookie(names.device, remember, deviceCookie);
    forgetFormer(req, res);
    if (valuesOf(req.headers.cookie, names.exchanged).length > 0) res.clearCookie(names.exchanged, lax);
    return { status, body: { currentUser: user } };
  };

  const whoIs = ({ id, email, roles, zone, name }: Omit<User, 'sessionId'>) => ({
    id,
    email,
    roles,
    ...(zone && { zone }),
    ...(name && { name }),
  });
  const userOf = ({ _id: id, email, ...account }: Account) =>
    whoIs({ ...account, id, email: shownEmail(email) });

  const renew = async (req: Request, res: Response) => {
    const [here] = formerUsers(req, keys, names);
    const shown = ownOrFormer(req.headers.cookie, names, 'refresh');
    const outcome = await act.refresh(shown, originOf(req), here?.sessionId);
    if (isRejection(outcome)) forget(req, res);
    return welcome(200, outcome, req, res);
  };

  /** Another tab has just exchanged the token: were its successor used at once, slower tabs would come as thieves. */
  const isNew = ({ expiresAt, former }: Caller) =>
    !(former && 'kid' in signing()) &&
    expiresAt.getTime() - Date.now() > (tokenSeconds - Math.min(JUST_NOW, tokenSeconds / 2)) * 1000;

  /** Tells the pages that asking again would say no more: they look at another clock, or at a cookie that is not ours. */
  const markExchanged = (res: Response, done: boolean) => {
    const seconds = done ? Math.ceil(Math.min(30, tokenSeconds / 2)) : 900;
    res.cookie(names.exchanged, done ? 'done' : 'none', { ...lax, maxAge: seconds * 1000 });
  };

  const forget = (req: Request, res: Response) => {
    writeSession(res, null);
    res.clearCookie(names.refresh, refreshCookie);
    forgetFormer(req, res, true);
  };

  /** Takes away what is ours under the names of before; another application's `session` is its own. */
  const forgetFormer = ({ headers: { cookie } }: Request, res: Response, leaving = false) => {
    const ours = valuesOf(cookie, FORMER.session).some((value) => isOurs(value, keys));
    if (ours) res.clearCookie(FORMER.session, lax);
    // Most paths are not shown it, and it would begin a session anew.
    if (leaving || ours || valuesOf(cookie, FORMER.refresh).length > 0)
      res.clearCookie(FORMER.refresh, refreshCookie);
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
          const whose = user ? [user] : formerUsers(req, keys, names);
          for (const { id, sessionId } of whose) await act.endSession(id, sessionId);
          forget(req, res);
          return { status: 200, body: { currentUser: null } };
        },
      ),
    )
    .get(
      '/api/users/currentuser',
      anyone({ summary: 'Who is signed in', replies: { 200: CurrentUser } }, ({ user }) => ({
        status: 200,
        body: { currentUser: user ? whoIs(user) : null },
      })),
    )
    .patch(
      '/api/users/currentuser',
      signedIn(
        {
          summary: 'Say in which time zone you count your days, and what others are to call you',
          body: AboutUser,
          replies: { 200: CurrentUser },
        },
        async ({ user, body, res }) => {
          const account = await act.say(user.id, body);
          if (isRejection(account)) return account;
          const me = userOf(account);
          // It says so at once, and ends when the one does in whose place it comes: its session may be over.
          const claims = { ...me, sessionId: user.sessionId };
          writeSession(res, { jwt: signToken(claims, signing(), user.expiresAt) });
          return { status: 200, body: { currentUser: me } };
        },
      ),
    )
    .post(
      '/api/users/refresh',
      anyone({ summary: 'Get a new access token', replies: { 200: CurrentUser } }, ({ user, req, res }) =>
        user && isNew(user) ? { status: 200, body: { currentUser: whoIs(user) } } : renew(req, res),
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
          const outcome = user && isNew(user) ? user : await renew(req, res);
          markExchanged(res, !isRejection(outcome));
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
  ...(session.shared && { shared: { devices: session.shared.devices, at: session.shared.at } }),
});
