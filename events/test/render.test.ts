import { createHash, randomFillSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { isRejection } from '@ticketing/common/rejection';
import sharp from 'sharp';
import { unlike } from '../src/domain/pictures.ts';
import { renderer } from '../src/render.ts';
import { flag, huge, moving, paint, photo } from './paint.ts';

const render = renderer({ megapixels: 40, seconds: 60 });
const rendered = async (picture: Buffer) => {
  const files = await render(picture);
  if (isRejection(files)) throw new Error(JSON.stringify(files));
  return files;
};
const refusal = async (picture: Buffer, by = render) => {
  const files = unlike(picture) ?? (await by(picture));
  return isRejection(files) ? files : undefined;
};

describe('a picture', () => {
  test('becomes WebP in three widths, each called by what it holds', async () => {
    const files = await rendered(await paint(3000, 2000).jpeg().toBuffer());
    expect(files.map(({ width, height }) => [width, height])).toEqual([
      [480, 320],
      [960, 640],
      [1600, 1067],
    ]);
    for (const { id, bytes } of files) {
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(id);
      expect((await sharp(bytes).metadata()).format).toBe('webp');
    }
  });

  test.each([
    [300, 200, [[300, 200]]],
    [480, 200, [[480, 200]]],
    [
      1000,
      500,
      [
        [480, 240],
        [960, 480],
        [1000, 500],
      ],
    ],
    [1200, 12_000, [[240, 2400]]],
    [1, 9000, [[1, 2400]]],
  ])('of %i × %i is never made larger, nor taller than a poster', async (width, height, sizes) => {
    const files = await rendered(await paint(width, height).png().toBuffer());
    expect(files.map((file) => [file.width, file.height])).toEqual(sizes);
  });

  test('stands upright, and tells neither who took it nor where', async () => {
    const picture = await photo();
    expect(picture.includes('Somebody in particular')).toBe(true);
    const [small] = await rendered(picture);
    expect([small!.width, small!.height]).toEqual([480, 960]);
    const { dominant } = await sharp(
      await sharp(small!.bytes).extract({ left: 0, top: 0, width: 480, height: 400 }).toBuffer(),
    ).stats();
    expect(dominant.r).toBeGreaterThan(dominant.b);
    const { exif, icc, xmp, iptc } = await sharp(small!.bytes).metadata();
    expect([exif, icc, xmp, iptc]).toEqual([undefined, undefined, undefined, undefined]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'is as it was held, however its camera was (%i)',
    async (orientation) => {
      const lying = await (await flag(900, 600)).withMetadata({ orientation }).jpeg().toBuffer();
      const upright = sharp(await sharp(lying).autoOrient().toBuffer());
      const [small] = await rendered(lying);
      const { width, height } = small!;
      const pixels = [upright.resize({ width }), sharp(small!.bytes)].map((one) =>
        one.removeAlpha().raw().toBuffer(),
      );
      const [expected, shown] = (await Promise.all(pixels)) as [Buffer, Buffer];
      expect(shown.length).toBe(width * height * 3);
      const apart = shown.reduce((sum, value, at) => sum + Math.abs(value - expected[at]!), 0) / shown.length;
      expect(apart).toBeLessThan(10);
    },
  );

  test.each([
    ['grey', async () => paint(600, 400).toColourspace('b-w').jpeg().toBuffer()],
    [
      'of 16 bits, transparent and interlaced',
      async () =>
        paint(600, 400).ensureAlpha(0.5).toColourspace('rgb16').png({ progressive: true }).toBuffer(),
    ],
    ['of a printer', async () => paint(600, 400).toColourspace('cmyk').jpeg().toBuffer()],
    ['progressive', async () => paint(600, 400).jpeg({ progressive: true }).toBuffer()],
    ['WebP without loss', async () => paint(600, 400).webp({ lossless: true }).toBuffer()],
    ['of few colours', async () => paint(600, 400).png({ palette: true }).toBuffer()],
  ])('may be %s', async (_, make) => {
    const { space, depth } = await sharp((await rendered(await make()))[0]!.bytes).metadata();
    expect([space, depth]).toEqual(['srgb', 'uchar']);
  });
});

describe('refused by name', () => {
  const png = () => paint(20, 20).png().toBuffer();
  test.each<[string, () => Promise<Buffer>, RegExp]>([
    ['nothing', async () => Buffer.alloc(0), /must be given/],
    ['text', async () => Buffer.from('I am a PNG, really'), /JPEG, PNG or WebP/],
    [
      'SVG',
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
      /JPEG, PNG or WebP/,
    ],
    ['TIFF', async () => paint(20, 20).tiff().toBuffer(), /JPEG, PNG or WebP/],
    ['AVIF', async () => paint(64, 64).avif().toBuffer(), /JPEG, PNG or WebP/],
    ['HEIC', async () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), /JPEG, PNG or WebP/],
    ['PDF', async () => Buffer.from('%PDF-1.7'), /JPEG, PNG or WebP/],
    ['a moving GIF', moving.gif, /JPEG, PNG or WebP/],
    ['a moving WebP', moving.webp, /one frame/],
    ['a moving PNG', moving.png, /one frame/],
    [
      'text that begins as a PNG',
      async () => Buffer.from('\x89PNG\r\n\x1a\nI am a PNG, really', 'latin1'),
      /damaged/,
    ],
    [
      'SVG behind the beginning of a JPEG',
      async () => Buffer.from('\xff\xd8\xff<svg xmlns="http://www.w3.org/2000/svg"/>', 'latin1'),
      /damaged/,
    ],
    [
      'half a PNG',
      async () => {
        const all = await (await flag(800, 800)).png().toBuffer();
        return all.subarray(0, all.length / 2);
      },
      /damaged/,
    ],
    [
      'half a JPEG',
      async () => {
        const all = await (await flag(800, 800)).jpeg().toBuffer();
        return all.subarray(0, all.length / 2);
      },
      /damaged/,
    ],
    [
      'half a WebP',
      async () => {
        const all = await (await flag(800, 800)).webp().toBuffer();
        return all.subarray(0, all.length / 2);
      },
      /damaged/,
    ],
    [
      'a size of nothing',
      async () => {
        const all = await png();
        all.fill(0, 16, 24);
        return all;
      },
      /damaged/,
    ],
    [
      'noise',
      async () => {
        const [width, height] = [1600, 2400];
        return sharp(randomFillSync(Buffer.alloc(width * height * 3)), {
          raw: { width, height, channels: 3 },
        })
          .jpeg({ quality: 60 })
          .toBuffer();
      },
      /noise/,
    ],
  ])('%s', async (_, make, message) => {
    const refused = await refusal(await make());
    expect(refused).toMatchObject({ code: 'invalid', errors: [{ field: 'picture' }] });
    expect(refused?.errors?.[0]?.message).toMatch(message);
  });

  test('a few bytes that unpack to a gigabyte, before any of it is unpacked', async () => {
    const bomb = await huge(16_000, 16_000);
    expect(bomb.length).toBeLessThan(100);
    const before = process.memoryUsage.rss();
    expect((await refusal(bomb))?.errors).toEqual([
      { field: 'picture', message: 'must have at most 40 million pixels, not 16000 × 16000' },
    ]);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
  });

  test('what takes longer than it may', async () => {
    const late = renderer({ megapixels: 40, seconds: 0 });
    expect((await refusal(await png(), late))?.errors).toEqual([
      { field: 'picture', message: 'must be read within 0 s: send it smaller' },
    ]);
  });
});
