import { z } from 'zod';
import { integer } from '@ticketing/common/config';
import { isSecure } from '@ticketing/common/http/cookies';
import { defineService, type Ports } from '@ticketing/common/service';
import { commands } from './commands.ts';
import { limit, unlimited } from './limits.ts';
import { accountModel, limitModel, sessionModel } from './model.ts';
import { argon2id, type Passwords } from './passwords.ts';
import { routes } from './routes.ts';
import { refreshTokens } from './tokens.ts';

const AuthConfig = z
  .object({
    JWT_KEY: z.string().default(''),
    PUBLIC_ORIGIN: z.string().default(''),
    NODE_ENV: z.string().optional(),
    TOKEN_SECONDS: integer(5, 3600).default(300),
    SESSION_SECONDS: integer(60).default(30 * 24 * 3600),
    RATE_LIMIT: z.enum(['on', 'off'], 'must be on or off').default('on'),
    RATE_LIMIT_WINDOW_SECONDS: integer(1).default(900),
    SIGNIN_LIMIT_PER_ADDRESS: integer(1).default(100),
    SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS: integer(1).default(10),
    SIGNIN_LIMIT_PER_ACCOUNT: integer(1).default(200),
    SIGNUP_LIMIT_PER_ADDRESS: integer(1).default(50),
  })
  .refine(({ RATE_LIMIT, NODE_ENV }) => RATE_LIMIT === 'on' || NODE_ENV !== 'production', {
    path: ['RATE_LIMIT'],
    message: 'must be on in production',
  });

type Settings = z.output<typeof AuthConfig>;

/** Accounts and sessions. `JWT_KEY` and `PUBLIC_ORIGIN` are checked by the host, which every service needs them of. */
export const auth = (passwords: Passwords = argon2id()) =>
  defineService({
    name: 'auth',
    config: AuthConfig,
    setup({ config, db, clock, ids, log }) {
      const Accounts = db.store(accountModel);
      const Sessions = db.store(sessionModel);
      const tokens = refreshTokens(config.JWT_KEY);
      db.store(limitModel);
      const limits = openLimits(config, db);
      const sessionSeconds = config.SESSION_SECONDS;
      const act = commands({
        Accounts,
        Sessions,
        passwords,
        tokens,
        limits,
        clock,
        ids,
        log,
        sessionSeconds,
      });
      return {
        routes: routes(act, Sessions, {
          jwtKey: config.JWT_KEY,
          tokenSeconds: config.TOKEN_SECONDS,
          sessionSeconds,
          secure: isSecure(config.PUBLIC_ORIGIN),
        }),
      };
    },
  });

const openLimits = (config: Settings, { connection }: Ports['db']) => {
  const open = (name: string, points: number) =>
    config.RATE_LIMIT === 'off' || !connection
      ? unlimited
      : limit(connection, name, points, config.RATE_LIMIT_WINDOW_SECONDS);
  return {
    signInByAddress: open('signin-address', config.SIGNIN_LIMIT_PER_ADDRESS),
    signInByAccountAndAddress: open('signin-account-address', config.SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS),
    signInByAccount: open('signin-account', config.SIGNIN_LIMIT_PER_ACCOUNT),
    signUpByAddress: open('signup-address', config.SIGNUP_LIMIT_PER_ADDRESS),
  };
};
