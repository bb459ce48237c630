import type { Shape } from '../suite.ts';
import { somebody } from './data.ts';
import { load, median, quantile, request } from './load.ts';
import { place } from './paths.ts';
import { openShop } from './shop.ts';

const BUYERS = 200;
const TICKETS = 50;
const IMPORTED = 1000;
/** Requests that a seller's import keeps in flight. */
const IN_FLIGHT = 32;

/** What became of requests: how many were served a second and milliseconds to the answer, where they were not turned away; all answers. */
export interface Answered {
  perSecond: number;
  p50: number;
  p99: number;
  statuses: Map<number, number>;
}

export interface Crowd {
  shape: Shape;
  buyers: Answered;
  seller: Answered;
}

/** More people than places, none of whom pauses: buyers who want few tickets, then a seller who brings many. */
export async function crowd(shape: Shape, seconds: number): Promise<Crowd> {
  const shop = await openShop(shape);
  try {
    const tickets = Array.from({ length: TICKETS }, () => shop.next());
    const people = Array.from({ length: BUYERS }, somebody);
    let asked = 0;
    const wanted = () => place(tickets[asked % TICKETS] ?? '', people[asked++ % BUYERS]);
    const { port } = shop;
    const buyers = await load({ port, connections: BUYERS, seconds, next: wanted });
    const seller = somebody();
    let brought = 0;
    const next = () =>
      brought++ < IMPORTED
        ? request('POST', '/api/tickets', seller, JSON.stringify({ title: 'Row', price: 2500 }))
        : undefined;
    const imported = await load({ port, connections: IN_FLIGHT, seconds: 600, next });
    return { shape, buyers: answered(buyers), seller: answered(imported) };
  } finally {
    await shop.close();
  }
}

const answered = ({ replies, elapsed }: Awaited<ReturnType<typeof load>>): Answered => {
  const times = replies.filter(({ status }) => status !== 429 && status !== 503).map(({ ms }) => ms);
  const statuses = new Map<number, number>();
  for (const { status } of replies) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  return { perSecond: times.length / elapsed, p50: median(times), p99: quantile(times, 0.99), statuses };
};
