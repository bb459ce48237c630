import { z } from 'zod';

/** Shows nothing and is nobody's letter: soft hyphens, zero-width spaces, and what turns the direction of what stands behind it. */
const STEERING = /[\u00AD\u200B\u2060\uFEFF\u202A-\u202E\u2066-\u2069]/g;
const CONTROL = /(?!\n)\p{Cc}/u;
const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** As many signs as no language puts on one letter. */
export const STACK = /\p{M}{7}/u;
const STACKED = 'must have at most 6 accents on a letter';
/** More than these are before they are composed: to bring a pile into its order costs the square of its height. */
const PILE = /\p{M}{32}/u;

const unsteered = (typed: string) => typed.replace(STEERING, '');

interface Allowed {
  /** Letters, as people count them. */
  most: number;
  least?: 0 | 1;
  /** Whether it may have several lines. */
  lines?: boolean;
}

/** As it is kept: composed (NFC), its ends trimmed, its line ends alike, a space for a tab. */
export const tidy = (typed: string): string =>
  unsteered(typed)
    .normalize('NFC')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll('\t', ' ')
    .trim();

const code = (character: string) =>
  `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;

const wrong = (text: string, { least = 1, lines = false }: Omit<Allowed, 'most'>): string | undefined => {
  const half = /\p{Cs}/u.exec(text)?.[0];
  if (half !== undefined) return `must be of whole characters: ${code(half)} is half of one`;
  if (text === '') return least === 0 ? undefined : 'must not be empty';
  if (!lines && text.includes('\n')) return 'must be one line';
  const control = CONTROL.exec(text)?.[0];
  if (control !== undefined)
    return `must hold letters, digits and signs${lines ? ' in lines' : ''}, no control characters (${code(control)})`;
  if (STACK.test(text)) return STACKED;
  return VISIBLE.test(text)
    ? undefined
    : 'must hold something that is to be seen: a letter, a digit or a sign';
};

const atMost = (most: number) => `must have at most ${most} characters`;

/** The same for who looks at a document: controls, and besides what nobody sees of ASCII and Latin-1. */
const patternOf = ({ least = 1, lines = false }: Allowed) => {
  const control = lines
    ? String.raw`\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f`
    : String.raw`\x00-\x08\x0a-\x1f\x7f-\x9f`;
  const inside = least === 0 ? '' : String.raw`[^${control}\s\xad]`;
  return String.raw`^[\t-\r ]*[^${control}]*${inside}[^${control}]*[\t-\r ]*$`;
};

/**
 * What people type: one rule for every such field, so that what is stored is what is answered, told and shown. Mended is what
 * nobody would miss (`tidy`); refused are halves of characters, control characters, piles of accents, and what nobody sees.
 */
export const text = (allowed: Allowed) =>
  z
    .string()
    .max(4 * allowed.most, { error: atMost(allowed.most), abort: true })
    .refine((typed) => !PILE.test(unsteered(typed)), { error: STACKED, abort: true })
    .meta({ minLength: allowed.least ?? 1, maxLength: allowed.most, pattern: patternOf(allowed) })
    .transform((typed, { addIssue }) => {
      const kept = tidy(typed);
      // Of what came, as the document says; composed, as letters are counted.
      const long = Array.from(typed.normalize('NFC')).length > allowed.most;
      const message = long ? atMost(allowed.most) : wrong(kept, allowed);
      if (message === undefined) return kept;
      addIssue(message);
      return z.NEVER;
    });
