import { createHash } from 'node:crypto';
import type { Sharp, SharpOptions } from 'sharp';
import { isRejection, type Rejection } from '@ticketing/common/rejection';
import { MOVES, notA, type Rendered, TALLEST, WIDEST, WIDTHS } from './domain/pictures.ts';

interface Bounds {
  megapixels: number;
  seconds: number;
}

/** From the best on, until the file is small enough. */
const QUALITIES = [80, 50, 20];
/** In bytes: as many readers as have a place may have it in memory. */
const MOST_OF_FILE = 1_000_000;

/**
 * Decodes a picture and makes WebP of it in each width, on one thread, with nothing else that came with it: what it was
 * taken with and where. The decoders are loaded with the first one, and none but those that are needed.
 */
export const renderer = ({ megapixels, seconds }: Bounds) => {
  let loading: ReturnType<typeof loadSharp> | undefined;
  return async (picture: Buffer): Promise<Rendered[] | Rejection> => {
    // A library that is not there is no fault of the picture.
    const sharp = await (loading ??= loadSharp());
    const deadline = performance.now() + seconds * 1000;
    /** Whole seconds are all that the library counts. */
    const timed = (work: Sharp) => {
      const left = Math.ceil((deadline - performance.now()) / 1000);
      if (left <= 0) throw new Error('timeout');
      return work.timeout({ seconds: left });
    };
    const open: SharpOptions = { limitInputPixels: false, failOn: 'error', sequentialRead: true };
    try {
      const { width, height, pages = 1, orientation = 1 } = await sharp(picture, open).metadata();
      if (pages > 1) return MOVES;
      if (width * height > megapixels * 1e6)
        return notA(`must have at most ${megapixels} million pixels, not ${width} × ${height}`);
      const [across, down] = [WIDEST, WIDEST * TALLEST];
      const box = orientation < 5 ? { width: across, height: down } : { width: down, height: across };
      // It is turned when it is small: before, all of it would be in memory, past the time that it has.
      const lying = await timed(
        sharp(picture, open)
          .resize({ ...box, fit: 'inside', withoutEnlargement: true })
          .toColourspace('srgb')
          .withMetadata()
          .png({ compressionLevel: 0 }),
      ).toBuffer();
      const { data, info } = await sharp(lying).autoOrient().raw().toBuffer({ resolveWithObject: true });
      const raw = { width: info.width, height: info.height, channels: info.channels };
      const rendered: Rendered[] = [];
      for (const width of widthsOf(info.width)) {
        const file = await small((quality) =>
          timed(sharp(data, { raw }).resize({ width }).webp({ quality, alphaQuality: quality })).toBuffer({
            resolveWithObject: true,
          }),
        );
        if (isRejection(file)) return file;
        rendered.push(file);
      }
      return rendered;
    } catch (error) {
      const late = (error as Error).message.startsWith('timeout');
      return notA(late ? `must be read within ${seconds} s: send it smaller` : 'is damaged');
    }
  };
};

/** Those that it is wider than, and its own. */
const widthsOf = (width: number) => [...WIDTHS.filter((one) => one < width), width];

async function small(
  encode: (quality: number) => Promise<{ data: Buffer; info: { width: number; height: number } }>,
): Promise<Rendered | Rejection> {
  for (const quality of QUALITIES) {
    const { data, info } = await encode(quality);
    if (data.length > MOST_OF_FILE) continue;
    const id = createHash('sha256').update(data).digest('hex');
    return { id, bytes: data, width: info.width, height: info.height };
  }
  return notA('must be a picture: noise does not get small');
}

/** Its settings are the process's: nothing is kept, and a picture has one thread besides the one that waits for it. */
async function loadSharp() {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
  });
  return sharp;
}
