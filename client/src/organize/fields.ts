import type { FieldError } from '../api/answer.ts';
import type { Draft } from './draft.ts';

/** Fields that the editor has no input for, and the one that says the same. */
const SAME: readonly [RegExp, string][] = [
  [/^(tiers\.\d+)\.(?:pool|poolId|id)$/, '$1.pool'],
  [/^(pools\.\d+)\.(?:marks)\b.*$/, '$1.accessible'],
];

/** Every field of a draft, as they stand on the page. */
export const fieldsOf = ({ plain, pools, tiers }: Draft): string[] => [
  ...Object.keys(plain),
  ...pools.flatMap(({ kind, blocks }, at) => [
    `pools.${at}.kind`,
    ...(kind === 'number'
      ? ['capacity', 'held', 'accessible', 'companion'].map((name) => `pools.${at}.${name}`)
      : blocks.flatMap((_, block) =>
          ['name', 'rows', 'held', 'accessible', 'companion'].map(
            (name) => `pools.${at}.blocks.${block}.${name}`,
          ),
        )),
  ]),
  ...tiers.flatMap((_, at) =>
    ['name', 'pool', 'price', 'taxRate', 'opens', 'closes', 'limit', 'hidden'].map(
      (name) => `tiers.${at}.${name}`,
    ),
  ),
];

/**
 * Beside which field something is said that the API calls `named`: that, the one that it is a part of, or the first of what it is
 * about. Undefined where there is none.
 */
export function fieldOf(named: string, fields: readonly string[]): string | undefined {
  const dotted = named.replace(/\[(\d+)\]/g, '.$1');
  const path = SAME.reduce((text, [from, to]) => text.replace(from, to), dotted);
  const parts = path.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const head = parts.slice(0, length).join('.');
    const found =
      fields.find((field) => field === head) ?? fields.find((field) => field.startsWith(`${head}.`));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is wrong by the fields that it stands beside, as those stand on the page; and what is about none. */
export function sorted(
  errors: readonly FieldError[],
  fields: readonly string[],
): { beside: ReadonlyMap<string, string>; others: string[] } {
  const found = new Map<string, string>();
  const others: string[] = [];
  for (const { field, message } of errors) {
    const beside = field === undefined ? undefined : fieldOf(field, fields);
    if (beside === undefined) others.push(field === undefined ? message : `${field} ${message}`);
    else found.set(beside, found.get(beside) ?? message);
  }
  return {
    beside: new Map(fields.flatMap((field) => (found.has(field) ? [[field, found.get(field) ?? '']] : []))),
    others,
  };
}
