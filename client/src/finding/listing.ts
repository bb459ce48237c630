/** What of a list the page has: its first items in the order that was asked for. */
export interface Listing<T> {
  items: readonly T[];
  /** The path of what comes after them. */
  next: string | undefined;
}

/** What belongs to a list, and where; `C` is what its stream tells of. */
export interface Rules<T, C = T> {
  /** The items that news tell by themselves. */
  told(news: readonly C[], listing: Listing<T>): readonly T[];
  /** Those of which news only say that they changed, each as it is to be taken when nobody knows it any more. */
  unsure?(news: readonly C[], listing: Listing<T>): readonly T[];
  newer(known: T | undefined, news: T): T;
  /** Whether what was found belongs to it still. */
  stays(news: T, known: T): boolean;
  joins(news: T): boolean;
  before(a: T, b: T): boolean;
}

interface Item {
  id: string;
}

/** More of the list, behind what is there; what came meanwhile by the stream stays where it is. */
export function append<T extends Item>(
  { items }: Listing<T>,
  more: readonly T[],
  next: string | undefined,
): Listing<T> {
  const known = new Set(items.map(({ id }) => id));
  return { items: [...items, ...more.filter(({ id }) => !known.has(id))], next };
}

/** Where an item belongs: behind the last that comes before it, as those that kept their place may be out of order. */
export const placeIn = <T>(items: readonly T[], item: T, before: Rules<T>['before']): number =>
  items.findLastIndex((other) => before(other, item)) + 1;

/**
 * What changed, taken into the list. An item that is there keeps its place as long as it belongs to the list, so that
 * nothing moves under a finger; one that was not joins where it belongs, if the list reaches so far.
 */
export function take<T extends Item>(
  listing: Listing<T>,
  changes: readonly T[],
  { newer, stays, joins, before }: Pick<Rules<T>, 'newer' | 'stays' | 'joins' | 'before'>,
): Listing<T> {
  const news = new Map<string, T>();
  for (const change of changes) news.set(change.id, newer(news.get(change.id), change));
  const kept = listing.items.flatMap((item) => {
    const change = news.get(item.id);
    if (!change) return [item];
    news.delete(item.id);
    return stays(change, item) ? [newer(item, change)] : [];
  });
  for (const item of news.values()) {
    if (!joins(item)) continue;
    const place = placeIn(kept, item, before);
    if (place < kept.length || listing.next === undefined) kept.splice(place, 0, item);
  }
  return { items: kept, next: listing.next };
}
