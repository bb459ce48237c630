import sharp from 'sharp';

/** A plain picture, to be encoded as a test likes it. */
export const paint = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 90 } } });

/** Left half red, right half blue: what was turned is seen. */
export const flag = (width: number, height: number) =>
  paint(width, height)
    .composite([
      {
        input: {
          create: { width: width / 2, height, channels: 3, background: { r: 0, g: 0, b: 255 } },
        },
        left: width / 2,
        top: 0,
      },
    ])
    .png()
    .toBuffer()
    .then((png) => sharp(png));

/** As a telephone takes it: lying on its side, with where and by whom it was taken. */
export const photo = async () =>
  (await flag(2000, 1000))
    .withExif({
      IFD0: { Copyright: 'Somebody in particular', Make: 'Telephone' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '47/1 22/1 0/1', GPSLongitudeRef: 'E' },
    })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();

/** Two dozen bytes that say to be so large: a lossless WebP of one colour is as long whatever its size, which is its head's. */
export const huge = async (width: number, height: number) => {
  const webp = await paint(16, 16).webp({ lossless: true }).toBuffer();
  const at = webp.indexOf('VP8L') + 9;
  webp.writeUInt32LE((webp.readUInt32LE(at) & 0xf0000000) + ((height - 1) << 14) + (width - 1), at);
  return webp;
};

const frames = () =>
  Promise.all(
    ['red', 'blue'].map((background) =>
      sharp({ create: { width: 20, height: 20, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );

export const moving = {
  webp: async () =>
    sharp(await frames(), { join: { animated: true } })
      .webp()
      .toBuffer(),
  gif: async () =>
    sharp(await frames(), { join: { animated: true } })
      .gif()
      .toBuffer(),
  /** What tells of more frames comes before the first one (https://www.w3.org/TR/png-3/#acTL-chunk). */
  png: async () => {
    const png = await paint(20, 20).png().toBuffer();
    const at = png.indexOf('IDAT') - 4;
    const chunk = Buffer.concat([
      Buffer.from([0, 0, 0, 8]),
      Buffer.from('acTL'),
      Buffer.alloc(8),
      Buffer.alloc(4),
    ]);
    return Buffer.concat([png.subarray(0, at), chunk, png.subarray(at)]);
  },
};
