import type { Doc } from '@ticketing/common/store';
import type { Role } from '@ticketing/common/user';

export interface Account extends Doc {
  /** In the one form of all its spellings, `Email`; unique. */
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

export type Presented = 'rotate' | 'same-successor' | 'reuse';

/**
 * What the presented generation of a refresh token means. While nobody has used the newest, the one before is another
 * tab's, or its answer was lost, however long ago; what is older was followed by two uses, one of them somebody else's.
 */
export const judge = ({ generation }: Pick<Session, 'generation'>, presented: number): Presented => {
  if (presented === generation) return 'rotate';
  return presented === generation - 1 ? 'same-successor' : 'reuse';
};
