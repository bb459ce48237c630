import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/**
 * Answers with a spreadsheet of this name, as long as `lines` gives any: each is made when the reader has taken the one before, and
 * until the last is taken it holds its place among the files that are being sent.
 */
export async function sendCsv(res: Response, lines: AsyncGenerator<string>, name: string): Promise<'done'> {
  const first = await lines.next();
  res.setHeader('Content-Type', 'text/csv; charset=utf-8');
  res.setHeader('Content-Disposition', `attachment; filename="${name}"`);
  const all = async function* () {
    yield first.value ?? '';
    yield* lines;
  };
  await pipeline(Readable.from(all()), res).catch((error: unknown) => {
    // Whoever asked for it has gone.
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
  return 'done';
}
