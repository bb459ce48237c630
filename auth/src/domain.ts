import type { Changes, Recorded } from '@ticketing/common/record';
import type { Doc } from '@ticketing/common/store';
import type { Role } from '@ticketing/common/user';

export interface Account extends Recorded {
  /** In the one form of all its spellings, `Email`; unique. */
  email: string;
  passwordHash: string;
  roles: Role[];
  /** In whose days its owner counts, as an IANA name. */
  zone?: string;
  /** As others are to call them. */
  name?: string;
}

/** What somebody says of themselves; `null` takes the name away. */
export interface AboutMe {
  zone?: string | undefined;
  name?: string | null | undefined;
}

/** Nothing is written where nothing is new. */
export const about =
  ({ zone, name }: AboutMe) =>
  (account: Account): Changes<Account> => ({
    ...(zone !== undefined && zone !== account.zone && { zone }),
    ...(name !== undefined && (name ?? undefined) !== account.name && { name: name ?? undefined }),
  });

/** One signed-in device: a family of refresh tokens, of which only the newest generation is good. */
export interface Session extends Doc {
  userId: string;
  /** Which refresh token is current; each use makes the next. */
  generation: number;
  rotatedAt: Date;
  createdAt: Date;
  /** The session ends then, unless it is used before. */
  expiresAt: Date;
  /** It ends then, however much it is used; a session of before sessions had an end gets one at its next exchange. */
  endsAt?: Date;
  /** The first generation whose refresh token is of a key that `auth` alone has; unknown until there is one. */
  ours?: number;
  /** Who made this generation. */
  by?: Somebody;
  /** Somebody at another place showed the token that this generation was made for. */
  shared?: Shared;
  /** For the user to recognize the device by. */
  device: string;
}

export interface Shared {
  generation: number;
  /** In so many generations, one after the other. */
  row: number;
  /** Of who came first and of who came second, as they call themselves. */
  devices: string[];
  at: Date;
}

/** Somebody with a browser, somewhere. */
export interface Somebody {
  device: string;
  /** A keyed hash of address and browser. */
  place: string;
}

/** How long sessions last, in seconds: unused, and in all. */
export interface Life {
  unused: number;
  longest: number;
}

const later = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000);
const earlier = (a: Date, b: Date) => (a < b ? a : b);

/** When a session ends that is begun or used now. */
export const ends = ({ endsAt }: Pick<Session, 'endsAt'>, now: Date, { unused, longest }: Life) => {
  const last = earlier(endsAt ?? later(now, longest), later(now, longest));
  return { endsAt: last, expiresAt: earlier(later(now, unused), last) };
};

/** What the use of the newest refresh token changes; `ours` is whether its successor is of a key of our own. */
export const rotated = (session: Session, by: Somebody, ours: boolean, now: Date, life: Life) => ({
  generation: session.generation + 1,
  rotatedAt: now,
  by,
  ...(ours && { ours: session.ours ?? session.generation + 1 }),
  ...ends(session, now, life),
});

/**
 * Other services had the key of before, and could make a token with it. So it is good for a session that was begun before
 * that key's end, and only until that session has had a token of our own.
 */
export const takesFormer = (
  { createdAt, ours = Infinity }: Pick<Session, 'createdAt' | 'ours'>,
  generation: number,
  before: Date,
): boolean => createdAt <= before && generation < ours;

/**
 * Two that hold one session and go on in step both show each token: whoever comes second, from another place, is noted once in
 * each generation. An honest browser does that when an answer was lost while it moved, not time after time.
 */
export const inStep = (
  { generation, by, shared }: Pick<Session, 'generation' | 'by' | 'shared'>,
  second: Somebody,
  now: Date,
): Shared | undefined => {
  if (!by || by.place === second.place || shared?.generation === generation) return undefined;
  const row = shared?.generation === generation - 1 ? shared.row + 1 : 1;
  return { generation, row, devices: [by.device, second.device], at: now };
};

export type Presented = 'rotate' | 'same-successor' | 'reuse';

/**
 * What the presented generation of a refresh token means. While nobody has used the newest, the one before is another
 * tab's, or its answer was lost, however long ago; what is older was followed by two uses, one of them somebody else's.
 */
export const judge = ({ generation }: Pick<Session, 'generation'>, presented: number): Presented => {
  if (presented === generation) return 'rotate';
  return presented === generation - 1 ? 'same-successor' : 'reuse';
};
