/** Letters or digits that count: `A`, `B`; `9`, `10`; `Z`, `AA`. */
const COUNTS = /^(?:[A-Z]{1,2}|[a-z]{1,2}|\d{1,4})$/;
const RANGE = /^([A-Za-z]{1,2}|\d{1,4})\s*[-–—]\s*([A-Za-z]{1,2}|\d{1,4})$/;
/** In quotes stands what would be read as more than one. */
const QUOTED = /^"([^"]*)"$/;
const PARTS = /"[^"]*"|[^,]+/g;
/** Of three on a range is shorter than a list. */
const LEAST = 3;

const isNumber = (label: string) => /^\d/.test(label);

const ordinal = (label: string): number =>
  isNumber(label)
    ? Number(label)
    : Array.from(label.toUpperCase()).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);

function named(number: number, like: string): string {
  if (isNumber(like)) return String(number).padStart(like.startsWith('0') ? like.length : 0, '0');
  const letter = String.fromCharCode(65 + ((number - 1) % 26));
  const text = (number > 26 ? String.fromCharCode(64 + Math.floor((number - 1) / 26)) : '') + letter;
  return like === like.toUpperCase() ? text : text.toLowerCase();
}

/** All that a list means: `3,5,7-9` → 3, 5, 7, 8, 9; `A-C` → A, B, C; `4-1` counts down. */
export function expanded(list: string): string[] {
  return (list.match(PARTS) ?? []).flatMap((part) => {
    const text = part.trim();
    if (text === '') return [];
    const quoted = QUOTED.exec(text)?.[1];
    if (quoted !== undefined) return [quoted];
    const [, from, to] = RANGE.exec(text) ?? [];
    if (from === undefined || to === undefined || isNumber(from) !== isNumber(to)) return [text];
    const [first, last] = [ordinal(from), ordinal(to)];
    const step = first <= last ? 1 : -1;
    return Array.from({ length: Math.abs(last - first) + 1 }, (_, index) =>
      named(first + index * step, from),
    );
  });
}

/** What comes behind a label where it counts. */
const after = (label: string) => (COUNTS.test(label) ? named(ordinal(label) + 1, label) : undefined);

const safe = (label: string) => (/[,:\t"]/.test(label) || RANGE.test(label) ? `"${label}"` : label);

/** The same list in short: 3, 5, 7, 8, 9 → `3,5,7-9`. */
export function shortened(labels: readonly string[]): string {
  const runs: string[][] = [];
  for (const label of labels) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last !== undefined && after(last) === label) run.push(label);
    else runs.push([label]);
  }
  return runs
    .flatMap((run) => (run.length < LEAST ? run.map(safe) : [`${run[0] ?? ''}-${run.at(-1) ?? ''}`]))
    .join(',');
}
