import type { Doc } from '@ticketing/common/store';
import type { Role } from '@ticketing/common/user';

export interface Account extends Doc {
  /** Lower case; unique. */
  email: string;
  passwordHash: string;
  roles: Role[];
  createdAt: Date;
}

/** One signed-in device: a family of refresh tokens, of which only the newest generation is good. */
export interface Session extends Doc {
  userId: string;
  /** Which refresh token is current; each use makes the next. */
  generation: number;
  rotatedAt: Date;
  createdAt: Date;
  /** The session ends then, unless it is used before. */
  expiresAt: Date;
  /** For the user to recognize the device by. */
  device: string;
}

/** Two tabs, or a lost answer, may present a used token for this long, in milliseconds; later it is a theft. */
const LENIENCE = 30_000;

export type Presented = 'rotate' | 'same-successor' | 'reuse';

/** What the presented generation of a refresh token means. */
export const judge = (
  session: Pick<Session, 'generation' | 'rotatedAt'>,
  presented: number,
  now: Date,
): Presented => {
  if (presented === session.generation) return 'rotate';
  const justRotated = now.getTime() - session.rotatedAt.getTime() <= LENIENCE;
  return presented === session.generation - 1 && justRotated ? 'same-successor' : 'reuse';
};

/** E-mail addresses are told apart without regard to case. */
export const normalize = (email: string): string => email.trim().toLowerCase();
