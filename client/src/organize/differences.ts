import { type Draft, PLAIN, type Plain } from './draft.ts';

/** A list whose members are the same by their keys. */
type Keyed = readonly { key: string }[];
type Node = string | Keyed | { readonly [name: string]: unknown };

/** One thing that two drafts say otherwise, by its path; undefined is what one of them has not. */
export interface Difference {
  path: readonly string[];
  mine: unknown;
  theirs: unknown;
}

const isKeyed = (node: unknown): node is Keyed => Array.isArray(node);
const childrenOf = (node: Node): [string, unknown][] =>
  isKeyed(node) ? node.map((one) => [one.key, one]) : Object.entries(node);
const isInner = (node: unknown): node is Exclude<Node, string> => typeof node === 'object' && node !== null;

/** Where two drafts differ, field by field; what one of them has not is one difference. */
function between(mine: unknown, theirs: unknown, path: readonly string[] = []): Difference[] {
  if (mine === theirs) return [];
  if (!isInner(mine) || !isInner(theirs)) return [{ path, mine, theirs }];
  const [here, there] = [new Map(childrenOf(mine)), new Map(childrenOf(theirs))];
  return [...new Set([...here.keys(), ...there.keys()])].flatMap((name) =>
    between(here.get(name), there.get(name), [...path, name]),
  );
}

const nameOf = ({ path }: Difference) => path.join('/');
const touches = (a: Difference, b: Difference) =>
  nameOf(a) === nameOf(b) || nameOf(a).startsWith(`${nameOf(b)}/`) || nameOf(b).startsWith(`${nameOf(a)}/`);

/** What somebody else has changed and would be undone by mine, and whether I had changed it as well. */
export function undone(base: Draft, mine: Draft, theirs: Draft): (Difference & { both: boolean })[] {
  const changed = between(base, theirs);
  const typed = between(base, mine);
  return between(mine, theirs)
    .filter((one) => changed.some((other) => touches(one, other)))
    .map((one) => ({ ...one, both: typed.some((other) => touches(one, other)) }));
}

/** A draft with what another says of one thing. */
export const taken = (mine: Draft, { path, theirs }: Difference): Draft => put(mine, path, theirs) as Draft;

function put(node: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (isKeyed(node)) {
    const there = node.some(({ key }) => key === name);
    const members = there ? node : [...node, { key: name }];
    return members.flatMap((one) => {
      if (one.key !== name) return [one];
      const now = put(one, rest, value);
      return now === undefined ? [] : [now];
    });
  }
  const fields = node as Readonly<Record<string, unknown>>;
  return { ...fields, [name]: put(fields[name], rest, value) };
}

const PARTS: Readonly<Record<string, string>> = {
  name: 'name',
  pool: 'places',
  price: 'price',
  taxRate: 'tax',
  opens: 'opens',
  closes: 'closes',
  limit: 'limit',
  hidden: 'hidden',
  capacity: 'number of places',
  kind: 'kind',
  held: 'held back',
  accessible: 'accessible',
  companion: 'for companions',
  rows: 'rows',
};

/** What a difference is about, as people call it. */
export function labelOf({ path, mine, theirs }: Difference, draft: Draft): string {
  const [where = '', key = '', ...rest] = path;
  if (where === 'plain') return PLAIN[key as Plain];
  const at = where === 'pools' ? draft.pools.findIndex((pool) => pool.key === key) : -1;
  const member = [mine, theirs].find(isInner) as { name?: string } | undefined;
  const name = rest.length === 0 ? member?.name : draft.tiers.find((tier) => tier.key === key)?.name;
  const called = where === 'tiers' ? `Ticket “${name ?? ''}”` : at < 0 ? 'Places' : `Places ${at + 1}`;
  const part = rest.at(-1);
  return part === undefined ? called : `${called}: ${PARTS[part] ?? 'block'}`;
}

/** What one of them says there, as it is shown. */
export function saying(value: unknown): string {
  if (value === undefined) return 'is not there';
  if (isInner(value)) return 'is there';
  return typeof value === 'string' && value !== '' ? value : 'nothing';
}
