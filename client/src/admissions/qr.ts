import { encode } from 'uqr';

/** White around the code, in squares: what a scanner finds it by (ISO/IEC 18004). */
export const QUIET = 4;

/**
 * The squares of a QR code as the path of a picture, one unit each. Letters and digits alone, as ours are, take it eleven bits for
 * two; a good part of it may be dirty or torn (level M).
 */
export function squaresOf(code: string): { path: string; size: number } {
  const { data, size } = encode(code, { ecc: 'M', border: 0 });
  const path = data.flatMap((row, y) => runsOf(row).map(([x, width]) => `M${x} ${y}h${width}v1h-${width}z`));
  return { path: path.join(''), size };
}

/** Where dark squares begin that are side by side, and how many there are. */
function runsOf(row: readonly boolean[]): [number, number][] {
  const runs: [number, number][] = [];
  row.forEach((dark, x) => {
    if (!dark) return;
    const last = runs.at(-1);
    if (last && last[0] + last[1] === x) last[1] += 1;
    else runs.push([x, 1]);
  });
  return runs;
}
