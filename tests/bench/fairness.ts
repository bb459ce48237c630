import { idAt, somebody } from './data.ts';
import { load, median, quantile, request } from './load.ts';
import { type Ground, withService } from './paths.ts';
import { arrivals, pool } from './shop.ts';

const TICKETS = 10_000;
const ORDINARY = 50;
/** Requests a second of all ordinary users together: a part of what the process can. */
const RATE = 100;
/** Requests that the greedy user has in flight, each sent again as soon as it is answered. */
const GREED = 200;

export interface Share {
  /** Of the ordinary users: answered requests a second, refused ones in all, milliseconds. */
  rate: number;
  refused: number;
  p50: number;
  p99: number;
}

export interface Fairness {
  alone: Share;
  beside: Share;
  /** Of the greedy one: requests a second that were served, and that were refused. */
  greedy: { served: number; refused: number };
}

/** The market as ordinary users see it, without and beside one who asks as fast as they can. */
export async function fairness(ground: Ground, seconds: number): Promise<Fairness> {
  const market = { name: 'fairness', count: TICKETS, env: { MAX_REQUESTS: '' } };
  return withService(ground, 'tickets', market, async ({ port }) => {
    const users = Array.from({ length: ORDINARY }, somebody);
    await ordinary(port, users, 2);
    const alone = await ordinary(port, users, seconds);
    const cookie = somebody();
    let asked = 0;
    const next = () => request('GET', `/api/tickets/${idAt(asked++ % TICKETS)}`, cookie);
    const [beside, { replies, elapsed }] = await Promise.all([
      ordinary(port, users, seconds),
      load({ port, connections: GREED, seconds, next }),
    ]);
    const of = (status: number) => replies.filter((reply) => reply.status === status).length / elapsed;
    return { alone, beside, greedy: { served: of(200), refused: of(429) + of(503) } };
  });
}

async function ordinary(port: number, users: readonly { Cookie: string }[], seconds: number): Promise<Share> {
  const { ask, close } = pool(port);
  const times: number[] = [];
  let refused = 0;
  let turn = 0;
  await arrivals(RATE, seconds, async () => {
    const cookie = users[turn++ % users.length];
    const { status, ms } = await ask(request('GET', `/api/tickets/${idAt(turn % TICKETS)}`, cookie));
    if (status === 200) times.push(ms);
    else refused += 1;
  });
  close();
  return { rate: times.length / seconds, refused, p50: median(times), p99: quantile(times, 0.99) };
}
