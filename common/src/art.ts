/** A shape as SVG has it. */
export interface Shape {
  tag: 'circle' | 'rect' | 'path';
  attributes: Readonly<Record<string, string | number>>;
}

/** What a picture is drawn on: it may be cut at its edges. */
export const CANVAS = { width: 320, height: 160 } as const;

/** FNV-1a: the same text gives the same picture, on the server and in the browser. */
const hash = (text: string) => {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return value;
};

const PALETTES = [
  ['#e4572e', '#f9dcc4', '#29335c'],
  ['#2a6f6b', '#f4e9cd', '#f2a541'],
  ['#3d348b', '#f7b801', '#f4f1ff'],
  ['#d1495b', '#edae49', '#fbe9e7'],
  ['#00798c', '#e8f6f5', '#ffcf56'],
  ['#5b2a86', '#f4b6c2', '#ffe9ef'],
  ['#1f5f3f', '#dcedc8', '#f25f4c'],
  ['#22333b', '#eae0d5', '#c6ac8f'],
] as const;
type Palette = (typeof PALETTES)[number];

const shape = (tag: Shape['tag'], attributes: Shape['attributes']): Shape => ({ tag, attributes });
const times = (count: number, draw: (index: number) => Shape) =>
  Array.from({ length: count }, (_, index) => draw(index));

const PICTURES: readonly ((colors: Palette, turn: number) => readonly Shape[])[] = [
  ([, light, bright], turn) =>
    [150, 118, 86, 54, 22].map((r, index) =>
      shape('circle', {
        cx: 60 + (turn % 200),
        cy: 150,
        r,
        fill: index % 2 ? bright : light,
        opacity: 0.92,
      }),
    ),
  ([, light, bright], turn) =>
    times(9, (index) =>
      shape('rect', {
        x: index * 46 - 60,
        y: -60,
        width: index % 3 === turn % 3 ? 30 : 12,
        height: 280,
        fill: index % 2 ? bright : light,
        transform: `rotate(${18 + (turn % 24)} 160 80)`,
      }),
    ),
  ([, light, bright], turn) => [
    ...times(16, (index) =>
      shape('path', {
        d: 'M160 170 L146 -60 L174 -60 Z',
        fill: light,
        opacity: index % 2 ? 0.9 : 0.25,
        transform: `rotate(${index * 22.5 + (turn % 22)} 160 170)`,
      }),
    ),
    shape('circle', { cx: 160, cy: 170, r: 62, fill: bright }),
  ],
  ([, light, bright], turn) =>
    times(40, (index) =>
      shape('circle', {
        cx: (index % 10) * 36 + (Math.floor(index / 10) % 2) * 18,
        cy: Math.floor(index / 10) * 44 + 12,
        r: 5 + ((index * 7 + turn) % 11),
        fill: (index + turn) % 3 ? light : bright,
      }),
    ),
  ([, light, bright], turn) =>
    [30, 62, 94, 126].map((y, index) =>
      shape('path', {
        d: `M-20 ${y} q 45 ${-34 - (turn % 18)} 90 0 t 90 0 t 90 0 t 90 0 V 170 H -20 Z`,
        fill: index % 2 ? bright : light,
        opacity: 0.35 + index * 0.2,
      }),
    ),
];

/** A small poster that belongs to a text: its first shape fills the canvas. */
export function drawn(seed: string): readonly Shape[] {
  const value = hash(seed);
  const colors = PALETTES[value % PALETTES.length] ?? PALETTES[0];
  const picture = PICTURES[(value >>> 8) % PICTURES.length];
  return [shape('rect', { ...CANVAS, fill: colors[0] }), ...(picture?.(colors, value >>> 16) ?? [])];
}
