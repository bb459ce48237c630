import type { Changes } from '@ticketing/common/record';
import { reject, type Rejection } from '@ticketing/common/rejection';
import type { EventRecord, Expected, Size } from './record.ts';
import { type Asker, closed, EDITORS, refusal } from './team.ts';

/** What is taken, with the bytes that each begins with. */
const KINDS = {
  'image/jpeg': (bytes: Buffer) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])),
  'image/png': (bytes: Buffer) => bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')),
  'image/webp': (bytes: Buffer) =>
    bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
};
export const TYPES = Object.keys(KINDS);
const ALLOWED = 'a JPEG, PNG or WebP';

/** In bytes. */
export const MOST = 8_000_000;
/** In pixels, of the picture as it is shown; a picture is never made larger. */
export const WIDTHS = [480, 960];
export const WIDEST = 1600;
/** Of its height to its width: a poster's. */
export const TALLEST = 1.5;

/** A picture in one width. */
export type Rendered = Size & { id: string; bytes: Buffer };

export const notA = (message: string): Rejection =>
  reject('invalid', 'The picture cannot be taken', { errors: [{ field: 'picture', message }] });

/** Whether its bytes begin as those of a picture that is taken: nothing else is handed to a decoder. */
export function unlike(bytes: Buffer): Rejection | undefined {
  if (bytes.length === 0) return notA(`must be given: ${ALLOWED} as the body`);
  if (!Object.values(KINDS).some((begins) => begins(bytes))) return notA(`must be ${ALLOWED}`);
  return isMovingPng(bytes) ? MOVES : undefined;
}

export const MOVES = notA(`must stand still: ${ALLOWED} of one frame`);

/** Decoders take an animated PNG for its first frame: that there are more it says before that. */
const isMovingPng = (bytes: Buffer) =>
  KINDS['image/png'](bytes) && bytes.subarray(0, bytes.indexOf('IDAT')).includes('acTL');

/** Whether somebody may give an event another picture now. */
export const mayIllustrate = (
  user: Asker,
  event: EventRecord,
  now: Date,
  expected: Expected,
): Rejection | undefined => refusal(user, event, EDITORS, expected) ?? closed(event, now);

/** Another picture, or with none of its widths no longer any. */
export const illustrate =
  (user: Asker, rendered: readonly Omit<Rendered, 'bytes'>[], now: Date, expected: Expected) =>
  (event: EventRecord): Changes<EventRecord> | Rejection => {
    const refused = mayIllustrate(user, event, now, expected);
    if (refused) return refused;
    const pictures = rendered.map(({ id }) => id);
    if (pictures.length === 0)
      return event.pictures ? { pictures: undefined, pictureSizes: undefined } : NO_PICTURE;
    const same = JSON.stringify(pictures) === JSON.stringify(event.pictures);
    return same ? {} : { pictures, pictureSizes: rendered.map(({ width, height }) => ({ width, height })) };
  };

export const NO_PICTURE = reject('not-found', 'The event has no picture');
