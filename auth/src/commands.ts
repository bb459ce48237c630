import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import { isDuplicate, type Store } from '@ticketing/common/store';
import { type Account, judge, type Session } from './domain.ts';
import type { Limit } from './limits.ts';
import { isCommon, normalize, type Passwords, spellings } from './passwords.ts';
import type { RefreshToken, RefreshTokens } from './tokens.ts';

type Limits = Record<
  'signInByAddress' | 'signInByAccountAndAddress' | 'signInByAccount' | 'signUpByAddress',
  Limit
>;

interface Deps extends Pick<Ports, 'clock' | 'ids' | 'log'> {
  Accounts: Store<Account>;
  Sessions: Store<Session>;
  passwords: Passwords;
  tokens: RefreshTokens;
  limits: Limits;
  /** How long an unused session lasts. */
  sessionSeconds: number;
}

export interface Credentials {
  email: string;
  password: string;
}

/** Where a request comes from. */
export interface Origin {
  address: string;
  device: string;
}

export interface SignedIn {
  account: Account;
  sessionId: string;
  refreshToken: string;
}

export type Commands = ReturnType<typeof commands>;

const WRONG = reject('unauthorized', 'The e-mail address or the password is wrong');
const COMMON = reject('invalid', 'The password is one of those that are tried first', {
  errors: [{ field: 'password', message: 'is one of those that are tried first; take another' }],
});
const OVER = reject('unauthorized', 'The session is over; please sign in');

/** Every way in which accounts and sessions can change. */
export const commands = (deps: Deps) => {
  const { Accounts, Sessions, passwords, tokens, limits, clock, ids, log, sessionSeconds } = deps;
  const inAWhile = () => new Date(clock.now().getTime() + sessionSeconds * 1000);

  const begin = async (account: Account, device: string): Promise<SignedIn> => {
    const now = clock.now();
    const session: Session = {
      _id: ids.next(),
      userId: account._id,
      generation: 0,
      rotatedAt: now,
      createdAt: now,
      expiresAt: inAWhile(),
      device,
    };
    await Sessions.insert(session);
    return {
      account,
      sessionId: session._id,
      refreshToken: tokens.write({ sessionId: session._id, generation: 0 }),
    };
  };

  /** Costs the same whether or not there is such an account. An old hash, of the password as it was typed, is replaced. */
  const isRight = async (account: Account | null, password: string): Promise<boolean> => {
    for (const spelling of spellings(password)) {
      if (!(await passwords.verify(account?.passwordHash, spelling)) || !account) continue;
      if (spelling === normalize(password)) return true;
      const { _id, passwordHash } = account;
      const renewed = await passwords.hash(normalize(password));
      await Accounts.updateOne({ _id, passwordHash }, { $set: { passwordHash: renewed } });
      return true;
    }
    return false;
  };

  const exchange = async ({ sessionId, generation }: RefreshToken): Promise<SignedIn | Rejection> => {
    const session = await Sessions.findOne({ _id: sessionId });
    if (!session || session.expiresAt <= clock.now()) return OVER;
    switch (judge(session, generation)) {
      case 'reuse':
        log.warn(
          { sessionId, userId: session.userId },
          'a used refresh token came again; its session is revoked',
        );
        await Sessions.deleteMany({ _id: sessionId });
        return OVER;
      case 'rotate':
        // When another tab is faster, this changes nothing and both get the same successor.
        await Sessions.updateOne(
          { _id: sessionId, generation },
          { $set: { generation: generation + 1, rotatedAt: clock.now(), expiresAt: inAWhile() } },
        );
        break;
      case 'same-successor':
        break;
    }
    const account = await Accounts.findOne({ _id: session.userId });
    if (!account) return OVER;
    return { account, sessionId, refreshToken: tokens.write({ sessionId, generation: generation + 1 }) };
  };

  return {
    async signUp(
      { email, password }: Credentials,
      { address, device }: Origin,
    ): Promise<SignedIn | Rejection> {
      const refused = await limits.signUpByAddress.take(address);
      if (refused) return refused;
      const taken = reject('conflict', 'This e-mail address is taken', {
        errors: [{ field: 'email', message: 'is taken' }],
      });
      if (await isCommon(password)) return COMMON;
      if (await Accounts.findOne({ email })) return taken;
      const account: Account = {
        _id: ids.next(),
        email,
        passwordHash: await passwords.hash(normalize(password)),
        roles: ['user'],
        createdAt: clock.now(),
      };
      try {
        await Accounts.insert(account);
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        return taken;
      }
      return begin(account, device);
    },

    async signIn(
      { email, password }: Credentials,
      { address, device }: Origin,
    ): Promise<SignedIn | Rejection> {
      const refused = await tooMany(limits, email, address);
      if (refused) return refused;
      const account = await Accounts.findOne({ email });
      if (!(await isRight(account, password)) || !account) return WRONG;
      await limits.signInByAccountAndAddress.forgive(`${email} ${address}`);
      return begin(account, device);
    },

    /**
     * Exchanges a refresh token for its successor. One whose successor was used ends the session: it may be stolen. Of
     * several, as a browser may show, the one of session `here` is first; the first that is good counts.
     */
    async refresh(shown: readonly string[], here?: string): Promise<SignedIn | Rejection> {
      const ours = shown.map(tokens.read).filter((token) => token !== undefined);
      for (const token of ours.sort((a, b) => Number(b.sessionId === here) - Number(a.sessionId === here))) {
        const outcome = await exchange(token);
        if (!isRejection(outcome)) return outcome;
      }
      return OVER;
    },

    async endSession(userId: string, sessionId: string): Promise<Rejection | undefined> {
      const ended = await Sessions.deleteMany({ _id: sessionId, userId });
      return ended === 0 ? reject('not-found', `There is no session ${sessionId}`) : undefined;
    },

    /** Signs out everywhere; the access tokens of other devices live on for their few minutes. */
    endAllSessions: (userId: string) => Sessions.deleteMany({ userId }),
  };
};

/**
 * A wrong try counts against its account there where it comes from, so that who guesses does not lock the owner out.
 * What is refused there does not count against the account as a whole, which bounds guessing from many addresses.
 */
const tooMany = async (limits: Limits, name: string, address: string): Promise<Rejection | undefined> =>
  (await limits.signInByAddress.take(address)) ??
  (await limits.signInByAccountAndAddress.take(`${name} ${address}`)) ??
  (await limits.signInByAccount.take(name));
