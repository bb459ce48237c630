import type { Room } from './choice.ts';

/** What is told of a pool: how many places are left, and of seats, by a bit for each, which are gone. */
export interface Count {
  poolId: string;
  left: number;
  gone?: Uint8Array<ArrayBuffer>;
}

interface Change {
  poolId: string;
  left: number;
  taken?: number[];
  freed?: number[];
}

/** When more seats changed, all are told anew, unless that is longer: a seat that changed takes as much as those of so many bytes. */
const FEW = 300;
const BYTES = 4;

export const countOf = ({ pool, left, gone }: Room): Count => ({
  poolId: pool.id,
  left,
  ...(gone && { gone: new Uint8Array(gone) }),
});

export const wholeText = (eventId: string, counts: readonly Count[]): string =>
  JSON.stringify({
    eventId,
    pools: counts.map(({ gone, ...count }) => ({
      ...count,
      ...(gone && { gone: Buffer.from(gone.buffer).toString('base64') }),
    })),
  });

/** What changed, of the pools in which something did; undefined where that is told by the whole. */
export function changesOf(before: readonly Count[], now: readonly Count[]): Change[] | undefined {
  const changes: Change[] = [];
  if (before.length !== now.length) return undefined;
  let seats = 0;
  const few = Math.max(FEW, now.reduce((sum, { gone }) => sum + (gone?.length ?? 0), 0) / BYTES);
  for (const [n, { poolId, left, gone }] of now.entries()) {
    const then = before[n];
    if (then?.poolId !== poolId || then.gone?.length !== gone?.length) return undefined;
    const { taken, freed } = turned(then.gone ?? [], gone ?? []);
    seats += taken.length + freed.length;
    if (seats > few) return undefined;
    if (left !== then.left || taken.length + freed.length > 0)
      changes.push({ poolId, left, ...(taken.length > 0 && { taken }), ...(freed.length > 0 && { freed }) });
  }
  return changes;
}

function turned(before: ArrayLike<number>, now: ArrayLike<number>) {
  const taken: number[] = [];
  const freed: number[] = [];
  for (let byte = 0; byte < now.length; byte++) {
    const [then, is] = [before[byte] ?? 0, now[byte] ?? 0];
    if (then !== is)
      for (let bit = 0; bit < 8; bit++)
        if (((then ^ is) >> bit) & 1) ((is >> bit) & 1 ? taken : freed).push(8 * byte + bit);
  }
  return { taken, freed };
}
