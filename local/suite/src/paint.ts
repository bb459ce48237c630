import { CANVAS, drawn } from '@ticketing/common/art';

/** In pixels: as wide as pictures of events are shown. */
const WIDTH = 1600;

/** What a page would draw for a text, as a PNG. What makes it is loaded with the first one. */
export async function paint(seed: string): Promise<Buffer<ArrayBuffer>> {
  const { default: sharp } = await import('sharp');
  // In a process that holds `events` as well, all is blocked that it does not take.
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] });
  const { width, height } = CANVAS;
  const shapes = drawn(seed).map(({ tag, attributes }) => {
    const written = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`);
    return `<${tag} ${written.join(' ')}/>`;
  });
  const size = `width="${WIDTH}" height="${(WIDTH / width) * height}" viewBox="0 0 ${width} ${height}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${shapes.join('')}</svg>`;
  return Buffer.from(await sharp(Buffer.from(svg)).png().toBuffer());
}
