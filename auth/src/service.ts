import { sign, verify } from 'node:crypto';
import { z } from 'zod';
import {
  inProduction,
  limit,
  limitModel,
  limitsInProduction,
  RateLimit,
  unlimited,
} from '@ticketing/common/budget';
import { integer } from '@ticketing/common/config';
import { isSecure } from '@ticketing/common/http/cookies';
import {
  formerKey,
  FormerSettings,
  PrivateKeys,
  PublicKeys,
  saysUntilWhen,
  Secrets,
  type SigningKey,
  untilWhen,
} from '@ticketing/common/http/keys';
import { LONGEST_TOKEN } from '@ticketing/common/http/session';
import { defineService, type Ports, sweeper } from '@ticketing/common/service';
import { commands } from './commands.ts';
import { accountModel, sessionModel } from './model.ts';
import { argon2id, type Passwords } from './passwords.ts';
import { routes } from './routes.ts';
import { deviceTokens, places, refreshTokens } from './tokens.ts';
import { type Limits, tries } from './tries.ts';

const DAY = 24 * 3600;
const PROBE = Buffer.from('ticketing');

/** Whether what this key signs is good for everybody else. */
const isInForce = ({ kid, key }: SigningKey, keys: z.output<typeof PublicKeys>): boolean => {
  const known = keys.get(kid);
  return known !== undefined && verify('sha256', PROBE, known, sign('sha256', PROBE, key));
};

const AuthConfig = z
  .object({
    TOKEN_PUBLIC_KEYS: PublicKeys,
    TOKEN_PRIVATE_KEYS: PrivateKeys,
    REFRESH_KEYS: Secrets.describe('the secret of refresh tokens, which no other service has'),
    ...FormerSettings,
    PUBLIC_ORIGIN: z.string().default(''),
    ...RateLimit,
    TOKEN_SECONDS: integer(5, LONGEST_TOKEN).default(300),
    SESSION_SECONDS: integer(60).default(30 * DAY),
    SESSION_MAX_SECONDS: integer(60).default(90 * DAY),
    SESSION_SHARED_LIMIT: integer(2, 1000).default(3),
    RATE_LIMIT_WINDOW_SECONDS: integer(1).default(900),
    SIGNIN_LIMIT_PER_ADDRESS: integer(1).default(100),
    SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS: integer(1).default(10),
    SIGNIN_LIMIT_PER_ACCOUNT: integer(1).default(200),
    SIGNIN_LIMIT_PER_NETWORK: integer(1).default(400),
    SIGNIN_LIMIT_PER_DEVICE: integer(1).default(10),
    SIGNUP_LIMIT_PER_ADDRESS: integer(1).default(50),
    SIGNUP_LIMIT_PER_NETWORK: integer(1).default(200),
    PROFILE_LIMIT_PER_ACCOUNT: integer(1).default(30),
    // Who is held has a place of those who ask at once: longer, and a few would have them all.
    LIMIT_DELAY_MS: integer(0, 5000).default(2000),
  })
  .refine(limitsInProduction, inProduction)
  .refine(saysUntilWhen, untilWhen)
  .refine(
    ({ TOKEN_PRIVATE_KEYS, TOKEN_PUBLIC_KEYS }) =>
      TOKEN_PRIVATE_KEYS.every((key) => isInForce(key, TOKEN_PUBLIC_KEYS)),
    { path: ['TOKEN_PRIVATE_KEYS'], message: 'must all be among TOKEN_PUBLIC_KEYS, under the same kid' },
  );

type Settings = z.output<typeof AuthConfig>;

/** Accounts and sessions. `PUBLIC_ORIGIN` is checked by the host, which every service needs it of. */
export const auth = (passwords: Passwords = argon2id()) =>
  defineService({
    name: 'auth',
    config: AuthConfig,
    setup({ config, db, records, clock, ids, log, metrics }) {
      const Accounts = records(accountModel);
      const Sessions = db.store(sessionModel);
      db.store(limitModel);
      const [signing] = config.TOKEN_PRIVATE_KEYS;
      if (!signing) throw new Error('a JWKS without keys was taken');
      const former = formerKey(config);
      const life = { unused: config.SESSION_SECONDS, longest: config.SESSION_MAX_SECONDS };
      const until = (seconds: number) => () =>
        former && clock.now().getTime() < former.before.getTime() + seconds * 1000 ? former : undefined;
      const [makes, good] = [until(0), until(life.unused)];
      const secrets = {
        keys: config.REFRESH_KEYS,
        former: { makes: () => makes()?.key, good: () => good()?.key },
      };
      const act = commands({
        Accounts,
        Sessions,
        passwords,
        tokens: refreshTokens(secrets),
        devices: deviceTokens(secrets),
        places: places(secrets),
        tries: tries({ limits: openLimits(config, db), clock, longest: config.LIMIT_DELAY_MS }),
        clock,
        ids,
        log,
        life,
        sharedLimit: config.SESSION_SHARED_LIMIT,
        before: former?.before,
      });
      return {
        routes: routes(act, Sessions, {
          signing: () => makes() ?? signing,
          keys: { keys: config.TOKEN_PUBLIC_KEYS, former },
          tokenSeconds: config.TOKEN_SECONDS,
          sessionSeconds: life.unused,
          secure: isSecure(config.PUBLIC_ORIGIN),
        }),
        jobs: [sweeper(metrics, 'accounts-former', 1000, act.tellFormer)],
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
    profileByAccount: open('profile-account', config.PROFILE_LIMIT_PER_ACCOUNT),
    // From as many on they are held, at most after twice as many: what succeeds is not refused.
    signUpsMade: open('signup-made', config.SIGNUP_LIMIT_PER_ADDRESS * 2),
  };
};
