import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import type { Metrics } from '../metrics.ts';
import type { Rejection } from '../rejection.ts';
import { networkOf } from './admission.ts';
import { FULL, GREEDY, tally } from './door.ts';

/** What a connection costs besides, in bytes: many small bodies are as dear as a few large ones. */
const LEAST = 16_000;
/** One address may have this part of all. */
const SHARE = { requests: 1 / 8, first: 1 / 8, files: 1 / 2 };
/** There is room for a few files, however little others need. */
const LEAST_OF_FILES = 32_000_000;

/** Bodies that are being read now: who sends slowly takes memory for as long, before it is known who they are. */
export interface Bodies {
  /** Takes room for a body that is to come. */
  enter(req: Pick<Request, 'ip'>): Rejection | Room;
}

export interface Room {
  /** Takes as much as a body of this length needs: what it only says to be costs others nothing. */
  grow(length: number): Rejection | undefined;
  /** Gives all of it back. */
  leave(): void;
}

/** Room for so many bytes in all, and a share for each address; a provider's webhooks and files have rooms of their own. */
export function bodies(room: number, kind: keyof typeof SHARE, metrics: Metrics): Bodies {
  const bytes = kind === 'files' ? Math.max(room, LEAST_OF_FILES) : room;
  let taken = 0;
  const held = new Map<string, number>();
  const take = (key: string, more: number) => {
    taken += more;
    tally(held, key, more);
  };
  const refused = (reason: 'full' | 'share', rejection: Rejection) => {
    metrics.count('requests_refused_total', { compartment: 'bodies', kind, reason });
    return rejection;
  };
  return {
    enter({ ip = 'unknown' }) {
      const key = networkOf(ip);
      let cost = 0;
      const grow = (length: number) => {
        const more = Math.max(LEAST, length) - cost;
        if (more <= 0) return undefined;
        if ((held.get(key) ?? 0) + more > bytes * SHARE[kind]) return refused('share', GREEDY);
        if (taken + more > bytes) return refused('full', FULL);
        take(key, more);
        cost += more;
        return undefined;
      };
      return grow(0) ?? { grow, leave: () => take(key, -cost) };
    },
  };
}

/**
 * The body as it came, or the refusal of `grow`. Rejects with an error whose `type` `onError` knows. It is copied as it comes:
 * sent byte by byte, a body would else cost a hundred times as much.
 */
export const readBody = (
  req: IncomingMessage,
  limit: number,
  grow: Room['grow'],
): Promise<Buffer | Rejection> =>
  new Promise((resolve, fail) => {
    const refuse = (type: string) => {
      req.off('data', take);
      fail(Object.assign(new Error(type), { type }));
    };
    const broken = () => refuse('request.aborted');
    let body = Buffer.alloc(0);
    let length = 0;
    const take = (chunk: Buffer) => {
      if (length + chunk.length > limit) return refuse('entity.too.large');
      if (length + chunk.length > body.length) {
        const size = Math.min(limit, Math.max(1024, 2 * (length + chunk.length)));
        const refused = grow(size);
        if (refused) {
          req.off('data', take);
          return resolve(refused);
        }
        const larger = Buffer.allocUnsafe(size);
        body.copy(larger, 0, 0, length);
        body = larger;
      }
      chunk.copy(body, length);
      length += chunk.length;
    };
    if (Number(req.headers['content-length'] ?? 0) > limit) return refuse('entity.too.large');
    req
      .on('data', take)
      .once('end', () => {
        req.off('close', broken);
        resolve(body.subarray(0, length));
      })
      // Before `close` where a connection breaks in the middle, which is nobody's bug.
      .once('error', broken)
      .once('close', broken);
  });
