import type { Rejection } from '@ticketing/common/rejection';

/** So many of the `most` that there are: each is `<of>/<k>` in the order that has it, which an index lets be live once. */
export interface Need {
  of: string;
  count: number;
  most: number;
  refusal: Rejection;
}

/** Which ones are taken, by what they are of: a hint. */
export type Used = ReadonlyMap<string, Pick<ReadonlySet<number>, 'has' | 'size'>>;

/** Takes a need's allowances out of those that seem free, at random, as others take some at this moment. */
export const choose = ({ of, count, most }: Need, used: Used, random: () => number): string[] | undefined => {
  const taken = used.get(of) ?? new Set<number>();
  if (most - taken.size < count) return undefined;
  const chosen = new Set<number>();
  const isFree = (k: number) => !taken.has(k) && !chosen.has(k);
  if (taken.size + count > most / 2) {
    const free = Array.from({ length: most }, (_, k) => k).filter(isFree);
    while (chosen.size < count) {
      const [k] = free.splice(Math.floor(random() * free.length), 1);
      if (k === undefined) return undefined;
      chosen.add(k);
    }
  } else
    while (chosen.size < count) {
      const k = Math.floor(random() * most);
      if (isFree(k)) chosen.add(k);
    }
  return [...chosen].map((k) => `${of}/${k}`);
};

/** `<of>/<k>` read back. */
export const allowanceOf = (text: string): { of: string; k: number } => {
  const end = text.lastIndexOf('/');
  return { of: text.slice(0, end), k: Number(text.slice(end + 1)) };
};
