import { createHash } from 'node:crypto';
import { CANVAS, drawn } from '@ticketing/common/art';
import { ImageResponse } from 'next/og';
import { ask } from '../../../../api/server.ts';
import type { EventView } from '../../../../api/types.ts';
import { ART } from '../../../../events/preview.ts';

/** A day, after which who keeps it asks whether it is another by now: a release may draw otherwise, an event may go. */
const FRESH = 86_400;

/** What a link to an event without a picture looks like where it is shared: the same as on its page. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ id: string }> },
): Promise<Response> {
  const answer = await ask<EventView>(`/api/events/${encodeURIComponent((await params).id)}`);
  if (!answer.ok) {
    const status = [400, 403, 404].includes(answer.status) ? 404 : 503;
    return new Response('There is no such event\n', { status });
  }
  const { id, status } = answer.body;
  const shapes = drawn(id);
  const tag = `"${createHash('sha256')
    .update(JSON.stringify([ART, shapes]))
    .digest('base64url')}"`;
  const headers = {
    // Nobody but its team knows of a draft.
    'Cache-Control': `${status === 'draft' ? 'private' : 'public'}, max-age=${FRESH}`,
    ETag: tag,
  };
  // What need not be drawn is not: that is most of the work.
  const known = request.headers.get('if-none-match')?.split(',') ?? [];
  if (known.some((one) => one.trim().replace(/^W\//, '') === tag))
    return new Response(null, { status: 304, headers });
  return new ImageResponse(
    <svg {...ART} viewBox={`0 0 ${CANVAS.width} ${CANVAS.height}`}>
      {shapes.map(({ tag: Shape, attributes }, index) => (
        <Shape key={index} {...attributes} />
      ))}
    </svg>,
    { ...ART, headers },
  );
}
