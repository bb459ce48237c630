import { hash, verify } from '@node-rs/argon2';
import { limit } from '@ticketing/common/limit';

/** As every device means it, whatever it types (NIST SP 800-63B, "Password Verifiers"): what is hashed. */
export const normalize = (password: string): string => password.normalize('NFKC');

/** How it may have been typed when hashes were of what came: the same letters, composed or not. */
export const spellings = (password: string): string[] => [
  ...new Set([normalize(password), password, password.normalize('NFC'), password.normalize('NFD')]),
];

/** As people count its letters, after normalizing. */
export const lengthOf = (password: string): number => Array.from(normalize(password)).length;

/** Whether it is one of the 49,000 that breaches have most. The list takes 3 MB, from the first new account on. */
export async function isCommon(password: string): Promise<boolean> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return dictionary['passwords-common'].includes(normalize(password).toLowerCase());
}

/** Hashes and checks passwords. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Costs the same whether or not there is a hash to check against. */
  verify(hashed: string | undefined, password: string): Promise<boolean>;
}

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** At a time, as each holds that memory meanwhile; on the one processor of a pod more would be no faster. */
const WIDTH = 2;

export function argon2id(): Passwords {
  const inTurn = limit(WIDTH);
  const nobody = hash('nobody has this password', COST);
  return {
    hash: (password) => inTurn(() => hash(password, COST)),
    async verify(hashed, password) {
      const against = hashed ?? (await nobody);
      const matches = await inTurn(() => verify(against, password));
      return hashed !== undefined && matches;
    },
  };
}
