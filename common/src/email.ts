import { domainToASCII, domainToUnicode } from 'node:url';
import { z } from 'zod';
import { STACK } from './text.ts';

/** What nobody sees, so that two addresses would look the same: controls, joiners, directions, fillers, odd spaces. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;
/** `atext` of RFC 5322, and what RFC 6531 adds: any letter that is not ASCII. */
const ATOM = "[\\w!#$%&'*+/=?^`{|}~\\-\\u0080-\\u{10FFFF}]+";
const DOT_ATOM = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, 'u');
/** `Quoted-string` of RFC 5321: printable, quotation marks and backslashes behind a backslash; not empty. */
const QUOTED = /^"((?:[^"\\\p{Cc}]|\\[ -~])+)"$/u;
const DOMAIN = /^(?=.{1,253}$)(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+(?=[\d-]*[a-z])[a-z\d-]{1,62}[a-z\d]$/;
const LONGEST = 254;

/** Of RFC 5321, 4.5.3.1: octets. */
const LONGEST_LOCAL = 64;

type Read = { address: string } | { wrong: string };

/**
 * Reads an address as RFC 5321 and 6531 write it. All its spellings become one: lower case, letters composed (NFC), no
 * needless quotation marks, the domain in its ASCII form (IDNA). Refused is what public mail servers do not deliver to: hosts
 * without a dot and addresses by number.
 */
function read(text: string): Read {
  const typed = text.replace(/^[^\S\uFEFF]+|[^\S\uFEFF]+$/g, '');
  const hidden = INVISIBLE.exec(typed)?.[0].codePointAt(0);
  if (hidden !== undefined)
    return {
      wrong: `holds an invisible character (U+${hidden.toString(16).toUpperCase().padStart(4, '0')})`,
    };
  const at = typed.lastIndexOf('@');
  if (STACK.test(typed.normalize('NFC'))) return { wrong: 'must have at most 6 accents on a letter' };
  const local = localPart(typed.slice(0, Math.max(0, at)));
  const domain = asciiDomain(typed.slice(at + 1));
  if (local === undefined || domain === undefined || !typed.isWellFormed())
    return { wrong: 'must be an e-mail address' };
  const address = `${local}@${domain}`;
  if (Buffer.byteLength(address) > LONGEST) return { wrong: `must have at most ${LONGEST} characters` };
  return { address };
}

const localPart = (text: string): string | undefined => {
  const quoted = QUOTED.exec(text)?.[1]?.replace(/\\(.)/gu, '$1');
  const plain = (quoted ?? text).normalize('NFC').toLowerCase().normalize('NFC');
  if (DOT_ATOM.test(plain)) return plain;
  return quoted === undefined ? undefined : `"${plain.replace(/["\\]/g, '\\$&')}"`;
};

const asciiDomain = (text: string): string | undefined => {
  // What is ASCII and no part of a name, the URL parser would decode, or end the host at.
  if (!/^[a-z\d.\-\u0080-\u{10FFFF}]+$/iu.test(text)) return undefined;
  const ascii = domainToASCII(text);
  return DOMAIN.test(ascii) ? ascii : undefined;
};

const parsed = (text: string, context: { addIssue(message: string): void }): string => {
  const outcome = read(text);
  if ('address' in outcome) return outcome.address;
  context.addIssue(outcome.wrong);
  return z.NEVER;
};

/** An address, in the one form that accounts are told apart by. */
export const Email = z
  .string()
  .max(1000, `must have at most ${LONGEST} characters`)
  .meta({ format: 'email', maxLength: LONGEST })
  .transform(parsed);

/** The same of a new account: the part before the `@` is not longer than mail servers take. */
export const NewEmail = Email.refine(
  (address) => Buffer.byteLength(address.slice(0, address.lastIndexOf('@'))) <= LONGEST_LOCAL,
  `must have at most ${LONGEST_LOCAL} characters before the @`,
);

/** As people write it: the domain with its own letters. */
export const shownEmail = (address: string): string => {
  const at = address.lastIndexOf('@') + 1;
  return address.slice(0, at) + (domainToUnicode(address.slice(at)) || address.slice(at));
};
