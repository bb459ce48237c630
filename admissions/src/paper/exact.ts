import type { Font, Glyph, GlyphRun } from 'fontkit';
import { remember } from '@ticketing/common/remember';

/** So many texts of a font are remembered: those of one order repeat each other. */
const REMEMBERED = 500;
/** More glyphs than these no font has. */
const GLYPHS = 0x10000;

/** As `pdfkit` uses it, which its types do not tell. */
interface Subset {
  /** What is embedded, by its place there. */
  glyphs: number[];
  includeGlyph(id: number): number;
}

/**
 * A font whose text comes out of a file as it went in. By itself `fontkit` keeps of each glyph the letters that it first stood for, none
 * where it was a part of another, and a file tells one meaning of each glyph: here a glyph is embedded once for each meaning.
 */
export function exact(font: Font): Font {
  const getGlyph = font.getGlyph.bind(font);
  font.getGlyph = (id: number, points: number[] = []) =>
    derived(getGlyph(id, points), { codePoints: { value: points } });

  const meanings = new Map<string, number>();
  /** With an id of its own, which none of the font's tables knows: for what is embedded. */
  const meaning = (glyph: Glyph, fromRight: boolean): Glyph => {
    // What runs from the right readers turn around, letter by letter, also where several are one glyph.
    const codePoints = fromRight ? [...glyph.codePoints].reverse() : glyph.codePoints;
    const key = `${glyph.id} ${codePoints.join(' ')}`;
    const nth = meanings.get(key) ?? meanings.size + 1;
    meanings.set(key, nth);
    return derived(glyph, { id: { value: glyph.id + GLYPHS * nth }, codePoints: { value: codePoints } });
  };

  const createSubset = font.createSubset.bind(font);
  font.createSubset = () => {
    const subset = createSubset() as unknown as Subset;
    const include = subset.includeGlyph.bind(subset);
    const included = new Map<number, number>();
    subset.includeGlyph = (id) => {
      if (id < GLYPHS) return include(id);
      const known = included.get(id) ?? subset.glyphs.push(id % GLYPHS) - 1;
      included.set(id, known);
      return known;
    };
    return subset as unknown as ReturnType<Font['createSubset']>;
  };

  const layout = font.layout.bind(font);
  const remembered = new Map<string, GlyphRun>();
  font.layout = (text: string, ...how) => {
    const known = remembered.get(text);
    const run = known ?? layout(text, ...how);
    if (!known) run.glyphs = run.glyphs.map((glyph) => meaning(glyph, run.direction === 'rtl'));
    remember(remembered, text, run, REMEMBERED);
    // `pdfkit` scales positions where they stand.
    return derived(run, { positions: { value: run.positions.map((position) => ({ ...position })) } });
  };
  return font;
}

/** The same, but for these; metrics are read of what it is derived from, as they are kept there. */
const derived = <T extends object>(of: T, own: PropertyDescriptorMap): T => {
  const made = Object.create(of, own) as T & { advanceWidth: number };
  const { advanceWidth } = of as { advanceWidth: number };
  return 'codePoints' in of ? Object.defineProperty(made, 'advanceWidth', { value: advanceWidth }) : made;
};
