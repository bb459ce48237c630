import { CANVAS, drawn } from '@ticketing/common/art';
import { ImageResponse } from 'next/og';
import { ask } from '../../../../api/server.ts';
import type { EventView } from '../../../../api/types.ts';
import { ART } from '../../../../events/preview.ts';

/** What a link to an event without a picture looks like where it is shared: the same as on its page, for ever. */
export async function GET(
  _request: Request,
  { params }: { params: Promise<{ id: string }> },
): Promise<Response> {
  const answer = await ask<EventView>(`/api/events/${encodeURIComponent((await params).id)}`);
  if (!answer.ok) {
    const status = [400, 403, 404].includes(answer.status) ? 404 : 503;
    return new Response('There is no such event\n', { status });
  }
  return new ImageResponse(
    <svg {...ART} viewBox={`0 0 ${CANVAS.width} ${CANVAS.height}`}>
      {drawn(answer.body.id).map(({ tag: Shape, attributes }, index) => (
        <Shape key={index} {...attributes} />
      ))}
    </svg>,
    { ...ART, headers: { 'Cache-Control': 'public, max-age=31536000, immutable' } },
  );
}
