import { change, create, type Records } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import type { Store } from '@ticketing/common/store';
import {
  about,
  type AboutMe,
  type Account,
  ends,
  inStep,
  judge,
  type Life,
  rotated,
  type Session,
  type Somebody,
  takesFormer,
} from './domain.ts';
import { isCommon, normalize, type Passwords, spellings } from './passwords.ts';
import type { DeviceTokens, Places, RefreshTokens } from './tokens.ts';
import type { Place, Tries } from './tries.ts';

interface Deps extends Pick<Ports, 'clock' | 'ids' | 'log'> {
  Accounts: Records<Account>;
  Sessions: Store<Session>;
  passwords: Passwords;
  tokens: RefreshTokens;
  devices: DeviceTokens;
  tries: Tries;
  places: Places;
  life: Life;
  /** A session that two use in step from two places ends after so many exchanges. */
  sharedLimit: number;
  /** Until when the key of before makes tokens, if there is one. */
  before: Date | undefined;
}

export interface Credentials {
  email: string;
  password: string;
}

/** Where a request comes from. */
export interface Origin extends Place {
  /** As it calls itself. */
  device: string;
  /** What it showed of earlier times, if anything. */
  remembered: readonly string[];
}

export interface SignedIn {
  account: Account;
  sessionId: string;
  refreshToken: string;
  /** What the device should remember from now on. */
  remember: string;
}

export type Commands = ReturnType<typeof commands>;

const WRONG = reject('unauthorized', 'The e-mail address or the password is wrong');
const COMMON = reject('invalid', 'The password is one of those that are tried first', {
  errors: [{ field: 'password', message: 'is one of those that are tried first; take another' }],
});
const TAKEN = reject('conflict', 'This e-mail address is taken', {
  errors: [{ field: 'email', message: 'is taken' }],
});
/** Accounts of a release before; found by the index of what changed. */
const FORMER = { updatedAt: null };
/** Accounts of before that are told of in one go. */
const AT_ONCE = 500;
const OVER = reject('unauthorized', 'The session is over; please sign in');

/** Every way in which accounts and sessions can change. */
export const commands = (deps: Deps) => {
  const {
    Accounts,
    Sessions,
    passwords,
    tokens,
    devices,
    places,
    tries,
    clock,
    ids,
    log,
    life,
    sharedLimit,
    before,
  } = deps;

  /** Whether a refresh token that is made now is of a key that `auth` alone has. */
  const isOurs = () => !before || clock.now() >= before;

  /** The device's memory with this account first: it keeps the budget of tries that it has. */
  const remember = (accountId: string, values: readonly string[]) => {
    const known = devices.read(values);
    const mine = known.find((one) => one.accountId === accountId) ?? { accountId, deviceId: ids.next() };
    return devices.write([mine, ...known.filter((one) => one.accountId !== accountId)]);
  };

  const begin = async (account: Account, { address, device, remembered }: Origin): Promise<SignedIn> => {
    const now = clock.now();
    const session: Session = {
      _id: ids.next(),
      userId: account._id,
      generation: 0,
      rotatedAt: now,
      createdAt: now,
      ...ends({}, now, life),
      ...(isOurs() && { ours: 0 }),
      by: { device, place: places(address, device) },
      device,
    };
    await Sessions.insert(session);
    return {
      account,
      sessionId: session._id,
      refreshToken: tokens.write({ sessionId: session._id, generation: 0 }),
      remember: remember(account._id, remembered),
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

  const end = async ({ _id: sessionId, userId }: Session, why: string) => {
    log.warn({ sessionId, userId }, why);
    await Sessions.deleteMany({ _id: sessionId });
    return OVER;
  };

  /** Another showed the same token before. */
  const second = async (session: Session, by: Somebody): Promise<Rejection | undefined> => {
    const shared = inStep(session, by, clock.now());
    if (!shared) return undefined;
    if (shared.row >= sharedLimit)
      return end(session, 'two use a session in step from two places; it is revoked');
    await Sessions.updateOne({ _id: session._id, generation: session.generation }, { $set: { shared } });
    return undefined;
  };

  const exchange = async (
    { sessionId, generation, former }: NonNullable<ReturnType<RefreshTokens['read']>>,
    origin: Origin,
  ): Promise<SignedIn | Rejection> => {
    const session = await Sessions.findOne({ _id: sessionId });
    if (!session || session.expiresAt <= clock.now()) return OVER;
    if (former && !(before && takesFormer(session, generation, before))) return OVER;
    const { address, device } = origin;
    const by = { device, place: places(address, device) };
    let faster: Session | null = null;
    switch (judge(session, generation)) {
      case 'reuse':
        // Others may have the key of before: what it made ends nothing that has gone over to ours.
        if (former && session.ours !== undefined) return OVER;
        return end(session, 'a used refresh token came again; its session is revoked');
      case 'rotate': {
        const made = rotated(session, by, isOurs(), clock.now(), life);
        const { matched } = await Sessions.updateOne({ _id: sessionId, generation }, { $set: made });
        // Another was faster: this changes nothing, and both get the same successor.
        if (matched === 0) {
          const now = await Sessions.findOne({ _id: sessionId });
          if (!now) return OVER; // signed out meanwhile
          if (now.generation === generation + 1) faster = now;
        }
        break;
      }
      case 'same-successor':
        faster = session;
        break;
    }
    const refused = faster && (await second(faster, by));
    if (refused) return refused;
    const account = await Accounts.findOne({ _id: session.userId });
    if (!account) return OVER;
    return {
      account,
      sessionId,
      refreshToken: tokens.write({ sessionId, generation: generation + 1 }),
      remember: remember(account._id, origin.remembered),
    };
  };

  /** Makes an account of before one that announces its changes, as one that is new. */
  const number = ({ _id }: Pick<Account, '_id'>) => {
    const at = clock.now();
    const marked = { version: { $ifNull: ['$version', 0] }, updatedAt: at, pending: { id: `${_id}:0`, at } };
    return Accounts.updateOne({ ...FORMER, _id }, [{ $set: marked }]);
  };

  return {
    async signUp({ email, password }: Credentials, origin: Origin): Promise<SignedIn | Rejection> {
      const asked = await tries.signUp(origin);
      if (isRejection(asked)) return asked;
      const refuse = async () => {
        await asked.taken();
        return TAKEN;
      };
      if (await isCommon(password)) return COMMON;
      if (await Accounts.findOne({ email })) return refuse();
      const passwordHash = await passwords.hash(normalize(password));
      const fresh = { _id: ids.next(), email, passwordHash, roles: ['user' as const] };
      const account = await create(Accounts, fresh, TAKEN);
      if (isRejection(account)) return refuse();
      await asked.made();
      return begin(account, origin);
    },

    async signIn({ email, password }: Credentials, origin: Origin): Promise<SignedIn | Rejection> {
      const account = await Accounts.findOne({ email });
      const known = devices.read(origin.remembered).find(({ accountId }) => accountId === account?._id);
      const right = await tries.signIn(email, origin, known && `${known.accountId} ${known.deviceId}`);
      if (isRejection(right)) return right;
      if (!(await isRight(account, password)) || !account) return WRONG;
      await right();
      return begin(account, origin);
    },

    /**
     * Exchanges a refresh token for its successor. One whose successor was used ends the session: it may be stolen. Of
     * several, as a browser may show, those of session `here` are first, the newest before; the first that is good counts.
     */
    async refresh(shown: readonly string[], origin: Origin, here?: string): Promise<SignedIn | Rejection> {
      const ours = shown.map(tokens.read).filter((token) => token !== undefined);
      const inTurn = ours.sort(
        (a, b) => Number(b.sessionId === here) - Number(a.sessionId === here) || b.generation - a.generation,
      );
      for (const token of inTurn) {
        const outcome = await exchange(token, origin);
        if (!isRejection(outcome)) return outcome;
      }
      return OVER;
    },

    /** Of an account that is gone there is no session either. */
    async say(userId: string, me: AboutMe): Promise<Account | Rejection> {
      const used = await tries.profile(userId);
      if (isRejection(used)) return used;
      await number({ _id: userId });
      const account = await change(Accounts, userId, about(me));
      return isRejection(account) && account.code === 'not-found' ? OVER : account;
    },

    /** Tells of accounts of a release before, and resolves with of how many: they had no versions. */
    async tellFormer(): Promise<number> {
      const former = await Accounts.find(FORMER, { limit: AT_ONCE, projection: { _id: 1 } });
      await Promise.all(former.map(({ _id }) => number({ _id })));
      return former.length;
    },

    async endSession(userId: string, sessionId: string): Promise<Rejection | undefined> {
      const ended = await Sessions.deleteMany({ _id: sessionId, userId });
      return ended === 0 ? reject('not-found', `There is no session ${sessionId}`) : undefined;
    },

    /** Signs out everywhere; the access tokens of other devices live on for their few minutes. */
    endAllSessions: (userId: string) => Sessions.deleteMany({ userId }),
  };
};
