import type { EventView } from '../api/types.ts';
import { isolated, money } from '../ui/format.ts';

type Code = NonNullable<EventView['codes']>[number];

/** What a code does, in words. */
export function codeText(
  { percent, amount, tierIds, uses, limit }: Code,
  { tiers, currency }: EventView,
): string {
  const names = tiers.filter(({ id }) => tierIds?.includes(id)).map(({ name }) => isolated(name));
  const off =
    percent !== undefined
      ? `${percent} % off`
      : amount !== undefined
        ? `${money(amount, currency)} off`
        : 'Shows';
  return [
    names.length > 0 ? `${off} ${names.join(', ')}` : off,
    ...(uses === undefined ? [] : [`for ${uses} in all`]),
    ...(limit === undefined ? [] : [`${limit} for one person`]),
  ].join(', ');
}
