import type { EventView } from '../api/types.ts';

/** The size of the picture that is drawn of an event without one, in pixels. */
export const ART = { width: 1200, height: 600 };

/** What a link to an event shows where it is shared. */
export function previewOf({ id, pictures = [] }: Pick<EventView, 'id' | 'pictures'>, alt: string) {
  const largest = pictures.at(-1);
  return largest
    ? { url: largest.href, width: largest.width, height: largest.height, alt }
    : { url: `/events/${id}/art`, ...ART, alt };
}
