import { ask } from '../../../../api/server.ts';
import type { EventView } from '../../../../api/types.ts';
import { config } from '../../../../config.ts';
import { calendarOf } from '../../../../events/calendar.ts';

/** An event for a calendar. */
export async function GET(
  _request: Request,
  { params }: { params: Promise<{ id: string }> },
): Promise<Response> {
  const { id } = await params;
  const answer = await ask<EventView>(`/api/events/${encodeURIComponent(id)}`);
  if (!answer.ok) {
    const status = [400, 403, 404].includes(answer.status) ? 404 : 503;
    return new Response('There is no such event\n', { status });
  }
  const url = new URL(`/events/${answer.body.id}`, config().PUBLIC_ORIGIN).href;
  return new Response(calendarOf(answer.body, url), {
    headers: {
      'Content-Type': 'text/calendar; charset=utf-8',
      'Content-Disposition': 'inline; filename="event.ics"',
      'Cache-Control': 'no-store',
    },
  });
}
