/** Of the address of a page. */
export type Params = Record<string, string | string[] | undefined>;

export function textOf(params: Params, name: string): string {
  const value = params[name];
  return (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
}

/** Words that are searched for. Control characters are nobody's words, and come by an address only. */
export const wordsOf = (params: Params, name: string): string =>
  Array.from(textOf(params, name).replace(/\p{Cc}+/gu, ' '))
    .slice(0, 100)
    .join('');

/** Whether a word of the search is but a letter, which is looked for as a word of its own. */
export const hasLoneLetter = (q: string): boolean => /(?:^|\s)[a-z](?:\s|$)/i.test(q);

/** A path, with what of its query is something. */
export function addressWith(path: string, query: Record<string, string | false>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** The list from a cursor on, which the parameter `named` so has. */
export function fromCursor(list: string, params: Params, named: string): string {
  const cursor = params[named];
  return typeof cursor === 'string' ? `${list}&cursor=${encodeURIComponent(cursor)}` : list;
}

/** The next page for a browser without scripts: the same address with the cursor of the API's next page. */
export function moreOf(
  path: string,
  params: Params,
  next: string | undefined,
  named: string,
): string | undefined {
  const cursor = next && new URLSearchParams(next.split('?')[1]).get('cursor');
  if (!cursor) return undefined;
  const texts = Object.entries(params).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return addressWith(path, { ...Object.fromEntries(texts), [named]: cursor });
}
