import {
  type BlockDraft,
  type Draft,
  newBlock,
  newPool,
  newTier,
  type Plain,
  type PoolDraft,
  type TierDraft,
} from './draft.ts';
import type { Sheet } from './rows.ts';

// Each change of what is typed, as a draft that says so.

/** A key that no member has. */
function fresh(letter: string, members: readonly { key: string }[]): string {
  const used = new Set(members.map(({ key }) => key));
  let number = 0;
  while (used.has(`${letter}${number}`)) number += 1;
  return `${letter}${number}`;
}

const changed = <T extends { key: string }>(members: readonly T[], key: string, more: Partial<T>): T[] =>
  members.map((one) => (one.key === key ? { ...one, ...more } : one));
const without = <T extends { key: string }>(members: readonly T[], key: string): T[] =>
  members.filter((one) => one.key !== key);

export const withPlain = (draft: Draft, name: Plain, value: string): Draft => ({
  ...draft,
  plain: { ...draft.plain, [name]: value },
});

export const withPool = (draft: Draft, key: string, more: Partial<PoolDraft>): Draft => ({
  ...draft,
  pools: changed(draft.pools, key, more),
});
export const withTier = (draft: Draft, key: string, more: Partial<TierDraft>): Draft => ({
  ...draft,
  tiers: changed(draft.tiers, key, more),
});
export const withBlock = (draft: Draft, pool: PoolDraft, key: string, more: Partial<BlockDraft>): Draft =>
  withPool(draft, pool.key, { blocks: changed(pool.blocks, key, more) });

export const withNewPool = (draft: Draft): Draft => ({
  ...draft,
  pools: [...draft.pools, newPool(fresh('p', draft.pools))],
});
/** One more kind of tickets, of the places of the last; the first brings places along. */
export function withNewTier(draft: Draft): Draft {
  const there = draft.pools.length > 0 ? draft : withNewPool(draft);
  const pool = (draft.tiers.at(-1)?.pool ?? there.pools[0]?.key) || '';
  return { ...there, tiers: [...draft.tiers, newTier(fresh('t', draft.tiers), pool)] };
}
export const withNewBlock = (draft: Draft, pool: PoolDraft): Draft =>
  withPool(draft, pool.key, { blocks: [...pool.blocks, newBlock(fresh('b', pool.blocks))] });

/** Seats in rows need a block to type them in. */
export const withKind = (draft: Draft, pool: PoolDraft, kind: PoolDraft['kind']): Draft =>
  withPool(draft, pool.key, {
    kind,
    ...(kind === 'seats' && pool.blocks.length === 0 && { blocks: [newBlock('b0')] }),
  });

export const withoutTier = (draft: Draft, key: string): Draft => ({
  ...draft,
  tiers: without(draft.tiers, key),
});
export const withoutPool = (draft: Draft, key: string): Draft => ({
  ...draft,
  pools: without(draft.pools, key),
});
export const withoutBlock = (draft: Draft, pool: PoolDraft, key: string): Draft =>
  withPool(draft, pool.key, { blocks: without(pool.blocks, key) });

/** What was pasted goes behind what is there of a block, and into the one that has nothing yet. */
export function withSheets(draft: Draft, pool: PoolDraft, sheets: readonly Sheet[]): Draft {
  let blocks: BlockDraft[] = [...pool.blocks];
  for (const { name, rows } of sheets) {
    const there =
      blocks.find((block) => block.name.trim() === name) ??
      blocks.find((block) => block.name.trim() === '' && block.rows.trim() === '');
    blocks = there
      ? changed(blocks, there.key, { name, rows: [there.rows.trimEnd(), rows].filter(Boolean).join('\n') })
      : [...blocks, newBlock(fresh('b', blocks), { name, rows })];
  }
  return withPool(draft, pool.key, { blocks });
}
