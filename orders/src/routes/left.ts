import type { Response } from 'express';
import { changesOf } from '../domain/told.ts';
import type { Counted, Halls } from '../halls.ts';

/** At most so many messages a second, in milliseconds between two. */
const PACE = 250;
/** A reader with more than this unsent, in bytes, is dropped: it comes back, and is told the whole. */
const MAX_UNSENT = 64_000;

interface Audience {
  readers: Set<Response>;
  /** What all readers were told, and how one who comes now is. */
  said?: Counted;
  whole?: Buffer;
}

const change = (data: string) => Buffer.from(`event: change\ndata: ${data}\n\n`);

/** What is left of events, live (server-sent events): the whole first, then what changed, to all readers the same bytes. */
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
  const write = (eventId: string, res: Response, text: string | Buffer) => {
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
    const now = hall.counted(event);
    const before = audience.said;
    if (now === before) return;
    const whole = change(String(now.whole));
    const changes = before && changesOf(before.pools, now.pools);
    const text = changes ? change(JSON.stringify({ eventId, pools: changes })) : whole;
    if (changes?.length !== 0) for (const res of audience.readers) write(eventId, res, text);
    Object.assign(audience, { said: now, whole });
  };
  const turn = async () => {
    const mine = timer;
    const isBeat = Date.now() - beaten >= beatSeconds * 1000;
    if (isBeat) beaten = Date.now();
    for (const [eventId, audience] of audiences) {
      // The database is out: the next turn finds out more.
      await count(eventId, audience).catch(() => undefined);
      if (isBeat) for (const res of audience.readers) write(eventId, res, beat);
    }
    // All left meanwhile; who came then began another.
    if (timer === mine) timer = setTimeout(() => void turn(), PACE);
  };

  return {
    serve(eventId: string, res: Response): 'done' {
      const audience: Audience = audiences.get(eventId) ?? { readers: new Set() };
      audiences.set(eventId, audience);
      audience.readers.add(res);
      res.once('close', () => leave(eventId, res));
      res.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      res.write(beat);
      if (audience.whole) res.write(audience.whole);
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
