import bidiFactory from 'bidi-js';
import LineBreaker from 'linebreak';
import { chooser, type FontName, type Weight } from './fonts.ts';

// Its types are of an ES module, which it is not for Node.
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)();
const letters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What is drawn at once, from left to right. */
export interface Run {
  font: FontName;
  text: string;
}

export interface Line {
  /** As it is read, copied and searched. */
  text: string;
  /** As it is seen, from the left. */
  runs: Run[];
  /** It begins at the right. */
  fromRight: boolean;
}

/** How wide a run is. */
export type Measure = (run: Run) => number;

/** A letter, as people count them, on its level of embedding (Unicode Standard Annex 9): odd ones run from the right. */
interface Letter {
  at: number;
  text: string;
  level: number;
  font: FontName;
}

/** A text in lines of at most such a width, each in the order in which it is seen (UAX 9, UAX 14). */
export function linesOf(text: string, weight: Weight, width: number, measure: Measure): Line[] {
  const paragraphs = text.split('\n').map((line) => line.trim());
  return paragraphs.flatMap((line) => (line === '' ? [] : wrapped(line, weight, width, measure)));
}

function wrapped(text: string, weight: Weight, width: number, measure: Measure): Line[] {
  const { all, fromRight } = lettersOf(text, weight);
  const line = (some: readonly Letter[]): Line => ({
    text: some.map((one) => text.slice(one.at, one.at + one.text.length)).join(''),
    runs: runsOf(some),
    fromRight,
  });
  const widthOf = (some: readonly Letter[]) => runsOf(some).reduce((sum, run) => sum + measure(run), 0);
  const lines: Line[] = [];
  let open: Letter[] = [];
  const fits = (more: readonly Letter[]) => widthOf(trimmed([...open, ...more])) <= width;
  const close = () => {
    const kept = trimmed(open);
    if (kept.length > 0) lines.push(line(kept));
    open = [];
  };
  for (const piece of piecesOf(text, all)) {
    if (fits(piece)) {
      open.push(...piece);
      continue;
    }
    close();
    // A word that is longer than a line is broken anywhere.
    for (const letter of piece) {
      if (open.length > 0 && !fits([letter])) close();
      open.push(letter);
    }
  }
  close();
  return lines;
}

const trimmed = (some: readonly Letter[]): readonly Letter[] =>
  some.slice(0, some.findLastIndex(({ text }) => text.trim() !== '') + 1);

/** Between them a line may end. */
function piecesOf(text: string, all: readonly Letter[]): Letter[][] {
  const breaker = new LineBreaker(text);
  const pieces: Letter[][] = [];
  let from = 0;
  for (let found = breaker.nextBreak(); found; found = breaker.nextBreak()) {
    const end = all.findIndex(({ at }) => at >= found.position);
    pieces.push(all.slice(from, end === -1 ? all.length : end));
    from = end === -1 ? all.length : end;
  }
  return pieces.filter((piece) => piece.length > 0);
}

function lettersOf(text: string, weight: Weight) {
  const embedding = bidi.getEmbeddingLevels(text);
  const mirrored = bidi.getMirroredCharactersMap(text, embedding.levels);
  const fontOf = chooser(text, weight);
  const all: Letter[] = [];
  for (const { segment, index } of letters.segment(text)) {
    const level = embedding.levels[index] ?? 0;
    const before = all.at(-1);
    // A space between two Arabic words is of their font: so they stay one run.
    const stays = segment === ' ' && level % 2 === 1 && before?.level === level ? before.font : undefined;
    all.push({
      at: index,
      text: mirrored.get(index) ?? segment,
      level,
      font: stays ?? fontOf(segment),
    });
  }
  return { all, fromRight: (embedding.paragraphs[0]?.level ?? 0) % 2 === 1 };
}

/** Reverses what runs from the right, innermost first (UAX 9, rule L2), and joins what is of one font. */
function runsOf(line: readonly Letter[]): Run[] {
  const seen = [...line];
  const highest = seen.reduce((most, { level }) => Math.max(most, level), 0);
  for (let level = highest; level > 0; level -= 1)
    for (let from = 0; from < seen.length; from += 1) {
      let to = from;
      while ((seen[to]?.level ?? -1) >= level) to += 1;
      if (to > from) seen.splice(from, to - from, ...seen.slice(from, to).reverse());
      from = to;
    }
  const groups: (Pick<Letter, 'font' | 'level'> & { texts: string[] })[] = [];
  for (const { font, level, text } of seen) {
    const group = groups.at(-1);
    if (group?.font === font && group.level === level) group.texts.push(text);
    else groups.push({ font, level, texts: [text] });
  }
  return groups.map(({ font, texts }) => ({ font, text: handedOver(texts) }));
}

const OF_A_SCRIPT = /[^\p{Script=Common}\p{Script=Inherited}\p{Script=Unknown}]/u;
const FROM_RIGHT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Nko}\p{Script=Syriac}\p{Script=Thaana}]/u;

/** `fontkit` turns a run around by the script of its first letter that has one: what it will turn is handed over turned. */
const handedOver = (seen: readonly string[]): string => {
  const text = [...seen].reverse().join('');
  return FROM_RIGHT.test(OF_A_SCRIPT.exec(text)?.[0] ?? '') ? text : seen.join('');
};
