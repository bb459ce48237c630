import { z } from 'zod';
import { integer } from '@ticketing/common/config';
import { isSecure } from '@ticketing/common/http/cookies';
import { defineService, type Ports } from '@ticketing/common/service';
import { commands } from './commands.ts';
import { limit, unlimited } from './limits.ts';
import { accountModel, limitModel, sessionModel } from './model.ts';
import { argon2id, type Passwords } from './passwords.ts';
import { routes } from './routes.ts';
import { deviceTokens, refreshTokens } from './tokens.ts';
import { type Limits, tries } from './tries.ts';

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
    SIGNIN_LIMIT_PER_NETWORK: integer(1).default(400),
    SIGNIN_LIMIT_PER_DEVICE: integer(1).default(10),
    SIGNUP_LIMIT_PER_ADDRESS: integer(1).default(50),
    SIGNUP_LIMIT_PER_NETWORK: integer(1).default(200),
    // Who is held has a place of those who ask at once: longer, and a few would have them all.
    LIMIT_DELAY_MS: integer(0, 5000).default(2000),
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
      const sessionSeconds = config.SESSION_SECONDS;
      const act = commands({
        Accounts,
        Sessions,
        passwords,
        tokens,
        devices: deviceTokens(config.JWT_KEY),
        tries: tries({ limits: openLimits(config, db), clock, longest: config.LIMIT_DELAY_MS }),
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

const openLimits = (config: Settings, { connection }: Ports['db']): Limits => {
  const open = (name: string, points: number) =>
    config.RATE_LIMIT === 'off' || !connection
      ? unlimited
      : limit(connection, name, points, config.RATE_LIMIT_WINDOW_SECONDS);
  return {
    signInByAddress: open('signin-address', config.SIGNIN_LIMIT_PER_ADDRESS),
    signInByAccountAndAddress: open('signin-account-address', config.SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS),
    signInByAccount: open('signin-account', config.SIGNIN_LIMIT_PER_ACCOUNT),
    signInByNetwork: open('signin-network', config.SIGNIN_LIMIT_PER_NETWORK),
    signInByDevice: open('signin-device', config.SIGNIN_LIMIT_PER_DEVICE),
    signUpByAddress: open('signup-address', config.SIGNUP_LIMIT_PER_ADDRESS),
    signUpByNetwork: open('signup-network', config.SIGNUP_LIMIT_PER_NETWORK),
    // From as many on they are held, at most after twice as many: what succeeds is not refused.
    signUpsMade: open('signup-made', config.SIGNUP_LIMIT_PER_ADDRESS * 2),
  };
};
