import type { Response } from 'express';
import type { Halls } from '../halls.ts';

/** At most so many messages a second, in milliseconds between two. */
const PACE = 250;
/** A reader with more than this unsent, in bytes, is dropped: it comes back, and needs nothing of what it missed. */
const MAX_UNSENT = 64_000;

interface Audience {
  readers: Set<Response>;
  said: string;
  /** What is told was counted at this move of the hall, and of this version of the event. */
  of: string;
}

/** What is left of events, live (server-sent events): the newest count alone, to all readers the same bytes. */
export function leftStream(halls: Halls, beatSeconds: number) {
  const audiences = new Map<string, Audience>();
  const beat = `event: beat\ndata: ${JSON.stringify({ seconds: beatSeconds })}\n\n`;
  let timer: NodeJS.Timeout | undefined;
  let beaten = Date.now();

  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const leave = (eventId: string, res: Response) => {
    const audience = audiences.get(eventId);
    audience?.readers.delete(res);
    if (audience?.readers.size === 0) audiences.delete(eventId);
    if (audiences.size === 0) stop();
  };
  const write = (eventId: string, res: Response, text: string) => {
    if (res.writableLength > MAX_UNSENT) {
      res.destroy();
      leave(eventId, res);
    } else res.write(text);
  };
  const count = async (eventId: string, audience: Audience) => {
    const event = await halls.event(eventId);
    if (!event) return;
    const hall = halls.of(eventId);
    await hall.refresh();
    const of = `${event.version}/${hall.moves}`;
    if (of === audience.of) return;
    const said = JSON.stringify({ eventId, pools: hall.left(event) });
    if (said !== audience.said)
      for (const res of audience.readers) write(eventId, res, `event: change\ndata: ${said}\n\n`);
    Object.assign(audience, { of, said });
  };
  const turn = async () => {
    const isBeat = Date.now() - beaten >= beatSeconds * 1000;
    if (isBeat) beaten = Date.now();
    for (const [eventId, audience] of audiences) {
      // The database is out: the next turn finds out more.
      await count(eventId, audience).catch(() => undefined);
      if (isBeat) for (const res of audience.readers) write(eventId, res, beat);
    }
    if (timer) timer = setTimeout(() => void turn(), PACE);
  };

  return {
    serve(eventId: string, res: Response): 'done' {
      const audience = audiences.get(eventId) ?? { readers: new Set(), said: '', of: '' };
      audiences.set(eventId, audience);
      audience.readers.add(res);
      res.once('close', () => leave(eventId, res));
      res.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      res.write(beat);
      if (audience.said) res.write(`event: change\ndata: ${audience.said}\n\n`);
      timer ??= setTimeout(() => void turn(), 0);
      return 'done';
    },
    close(): Promise<void> {
      for (const { readers } of audiences.values()) for (const res of readers) res.end();
      audiences.clear();
      stop();
      return Promise.resolve();
    },
  };
}
export type LeftStream = ReturnType<typeof leftStream>;
