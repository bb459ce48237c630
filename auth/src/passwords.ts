import { hash, verify } from '@node-rs/argon2';

/** Hashes and checks passwords. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Costs the same whether or not there is a hash to check against. */
  verify(hashed: string | undefined, password: string): Promise<boolean>;
}

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function argon2id(): Passwords {
  const nobody = hash('nobody has this password', COST);
  return {
    hash: (password) => hash(password, COST),
    async verify(hashed, password) {
      const matches = await verify(hashed ?? (await nobody), password);
      return hashed !== undefined && matches;
    },
  };
}
