import { createHash, randomBytes } from 'node:crypto';

/** In bytes: what cannot be guessed. */
const SECRET = 24;
/** In hexadecimal digits. */
const ID = 24;

/** The secret of a link to a thing, which begins with the thing's id: told once, and kept by its hash. */
export const linkToken = (id: string): string => id + randomBytes(SECRET).toString('base64url');

/** Which thing a link is to, as far as it is one. */
export const linkedId = (token: string): string => token.slice(0, ID);

/** What is kept of a link: SHA-256, in base64url. */
export const linkHash = (token: string): string => createHash('sha256').update(token).digest('base64url');
