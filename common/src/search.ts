/** How far into a word a search looks, in letters; words that differ only behind are the same to it. */
const LONGEST = 12;
/** Keys of one text; each is an entry of every index that is searched. */
const MOST = 300;

/** Scripts that write no spaces between words. */
const UNSPACED = String.raw`\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}`;
const RUN = new RegExp(
  String.raw`(?<unspaced>(?:(?=[${UNSPACED}])[\p{L}\p{N}]\p{M}*)+)|(?:(?![${UNSPACED}])[\p{L}\p{N}]\p{M}*)+`,
  'gu',
);
/** Accents, and the vowel points that are mostly left out; other marks, as those of Hindi and of kana, are part of their letter. */
const ACCENT = /(?![\u3099\u309A])(?=\p{M})[\p{sc=Zinh}\p{sc=Arab}\p{sc=Hebr}]/gu;
/** Letters that Unicode takes for no others' accented ones, and people do. */
const ALIKE: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
  ς: 'σ',
};

/** As it is compared: whatever its accents, case, width and ligatures (NFKD), and without what nobody sees. */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .replace(ACCENT, '')
    .replace(/[ßæœøłđðþħıς]/g, (letter) => ALIKE[letter] ?? letter)
    .normalize('NFC');

/** Each word by its letters: of a script without spaces one is as much as stands between two of another. */
const wordsOf = (text: string): { letters: string[]; unspaced: boolean }[] =>
  [...folded(text).matchAll(RUN)].map(([word, unspaced]) => ({
    letters: unspaced === undefined ? Array.from(word) : (word.match(/\P{M}\p{M}*/gu) ?? []),
    unspaced: unspaced !== undefined,
  }));

/** What a word is found by as a whole: itself, or its pairs of neighbours. */
const wholes = ({ letters, unspaced }: { letters: readonly string[]; unspaced: boolean }): string[] =>
  unspaced && letters.length > 1
    ? letters.slice(1).map((letter, index) => `${letters[index]}${letter}`)
    : [letters.slice(0, LONGEST).join('')];

/** What else: its beginnings from the second letter on, or each of its characters. */
const parts = ({ letters, unspaced }: { letters: readonly string[]; unspaced: boolean }): string[] =>
  unspaced
    ? [...letters]
    : letters.slice(2, LONGEST).map((_letter, index) => letters.slice(0, index + 2).join(''));

/**
 * The keys by which a search finds a text: equality is all that it takes, so that an index gives each page in any order.
 * Of more than 300 the whole words of all come before the beginnings of those of the description.
 */
export function searchKeys({
  title,
  description = '',
}: {
  title: string;
  description?: string | undefined;
}): string[] {
  const [first, second] = [wordsOf(title), wordsOf(description)];
  const keys = new Set(
    [first.flatMap(wholes), first.flatMap(parts), second.flatMap(wholes), second.flatMap(parts)].flat(),
  );
  return [...keys].slice(0, MOST);
}

interface TicketWords {
  title?: string | null | undefined;
  event?: string | null | undefined;
  place?: string | null | undefined;
  description?: string | null | undefined;
}
/** What a ticket is found by: the title first, as of a long text not all is kept. */
export const ticketText = ({ title, event, place, description }: TicketWords) => ({
  title: title ?? '',
  description: [event, place, description].filter(Boolean).join('\n'),
});

/** What a text must have all of to be found by `q`; nothing is found by a search that holds no letter and no digit. */
export const searchedFor = (q: string): string[] => {
  const keys = [...new Set(wordsOf(q).flatMap(wholes))].sort((a, b) => b.length - a.length);
  return keys.filter(
    (key, index) => !keys.slice(0, index).some((longer) => key.length > 1 && longer.startsWith(key)),
  );
};

/** The filter of documents whose `words` hold all of them; the database chooses between the two longest, as it would try a plan for each. */
export const holding = (keys: readonly string[]): Readonly<Record<string, unknown>> => ({
  words: keys.length === 0 ? { $in: [] } : { $all: keys.slice(0, 2) },
  ...(keys.length > 2 && { $expr: { $setIsSubset: [keys.slice(2), { $ifNull: ['$words', []] }] } }),
});

/** Whether a search finds a text, as the index does. */
export function finds(q: string, text: Parameters<typeof searchKeys>[0]): boolean {
  const wanted = searchedFor(q);
  const keys = new Set(searchKeys(text));
  return wanted.length > 0 && wanted.every((key) => keys.has(key));
}
