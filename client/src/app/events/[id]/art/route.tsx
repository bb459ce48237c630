import { ImageResponse } from 'next/og';
import { ask } from '../../../../api/server.ts';
import type { EventView } from '../../../../api/types.ts';
import { Art } from '../../../../ui/art.tsx';

const SIZE = { width: 1200, height: 630 };

/** What a link to an event without a picture looks like where it is shared: the same as on its page, for ever. */
export async function GET(
  _request: Request,
  { params }: { params: Promise<{ id: string }> },
): Promise<Response> {
  const answer = await ask<EventView>(`/api/events/${encodeURIComponent((await params).id)}`);
  if (!answer.ok)
    return new Response('There is no such event\n', { status: answer.status === 404 ? 404 : 503 });
  return new ImageResponse(<div style={{ display: 'flex', ...SIZE }}>{Art({ seed: answer.body.id })}</div>, {
    ...SIZE,
    headers: { 'Cache-Control': 'public, max-age=31536000, immutable' },
  });
}
