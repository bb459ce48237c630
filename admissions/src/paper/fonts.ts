import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { create, type Font } from 'fontkit';
import { exact } from './exact.ts';

export type Weight = 'regular' | 'bold';

/**
 * Whole fonts, of which a file gets the glyphs that it shows (ADR 42). Of Chinese, Japanese and Korean one weight stands for both, as
 * they are large. Of Arabic, one that draws each letter as one glyph: what is put together of letters and points is not copied as it
 * is read.
 */
const FILES = {
  latin: 'noto-sans/400Regular/NotoSans_400Regular.ttf',
  latinBold: 'noto-sans/700Bold/NotoSans_700Bold.ttf',
  hebrew: 'noto-sans-hebrew/400Regular/NotoSansHebrew_400Regular.ttf',
  hebrewBold: 'noto-sans-hebrew/700Bold/NotoSansHebrew_700Bold.ttf',
  arabic: 'vazirmatn/400Regular/Vazirmatn_400Regular.ttf',
  arabicBold: 'vazirmatn/700Bold/Vazirmatn_700Bold.ttf',
  japanese: 'zen-kaku-gothic-new/500Medium/ZenKakuGothicNew_500Medium.ttf',
  korean: 'ibm-plex-sans-kr/IBMPlexSansKR_500Medium.ttf',
  chinese: 'chocolate-classical-sans/400Regular/ChocolateClassicalSans_400Regular.ttf',
  emoji: 'noto-emoji/400Regular/NotoEmoji_400Regular.ttf',
} as const;
export type FontName = keyof typeof FILES;

const loaded = new Map<FontName, Font>();

/** Loaded when it is first needed, and kept as long as its thread lives. */
export function fontCalled(name: FontName): Font {
  const known = loaded.get(name);
  if (known) return known;
  const file = fileURLToPath(import.meta.resolve(`@expo-google-fonts/${FILES[name]}`));
  const made = exact(create(readFileSync(file)) as Font);
  loaded.set(name, made);
  return made;
}

/** The same characters are drawn otherwise in each of these, so the first one is that of the language which a text is in. */
const eastern = (text: string): FontName[] => {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return ['japanese', 'chinese', 'korean'];
  if (/\p{Script=Hangul}/u.test(text)) return ['korean', 'chinese', 'japanese'];
  return ['chinese', 'japanese', 'korean'];
};

const PICTURE = /\p{Emoji_Presentation}|\uFE0F/u;
/** Has no glyph of its own: it joins others, or says how they are drawn. */
const SILENT = /\u200C|\u200D|\uFE0E|\uFE0F|[\u{E0020}-\u{E007F}]/u;

/** What chooses the font of each letter of a text: the first that has all of it, or one that shows that it is missing. */
export function chooser(text: string, weight: Weight): (letter: string) => FontName {
  const isBold = weight === 'bold';
  const latin = isBold ? 'latinBold' : 'latin';
  const western: FontName[] = isBold ? [latin, 'hebrewBold', 'arabicBold'] : [latin, 'hebrew', 'arabic'];
  const usual = [...western, ...eastern(text), 'emoji'] as const;
  return (letter) => {
    const points = Array.from(letter)
      .filter((one) => !SILENT.test(one))
      .map((one) => one.codePointAt(0) ?? 0);
    const order = PICTURE.test(letter) ? (['emoji', ...usual] as const) : usual;
    const has = (name: FontName) => points.every((point) => fontCalled(name).hasGlyphForCodePoint(point));
    return order.find(has) ?? latin;
  };
}
