import { idAt, somebody } from './data.ts';
import { load, median, quantile } from './load.ts';
import { type Ground, place, withService } from './paths.ts';

export interface Contended {
  winners: { count: number; p50: number; p99: number };
  losers: { count: number; p50: number; p99: number };
  /** Reads and inserts of the database for each answer. */
  operations: number;
}

const TICKETS = 20_000;
/** Buyers that want the same ticket at the same moment. */
export const BUYERS = 200;

/** Each may win so few of the tickets that its unpaid orders stay within the limits. */
const ACCOUNTS = 40 * BUYERS;

/** One ticket after the other, each wanted by all connections at once: who loses is told as fast as who wins. */
export const contended = (ground: Ground, seconds: number): Promise<Contended> =>
  withService(ground, 'orders', { name: 'contended', count: TICKETS }, async ({ port }, db) => {
    let asked = 0;
    const crowd = Array.from({ length: ACCOUNTS }, somebody);
    const next = () => place(idAt(Math.floor(asked / BUYERS)), crowd[asked++ % ACCOUNTS]);
    const done = async () => {
      const { opcounters } = await db.admin().serverStatus();
      return Number(opcounters.query) + Number(opcounters.insert);
    };
    await load({ port, connections: BUYERS, seconds: 1, next });
    const before = await done();
    const { replies } = await load({ port, connections: BUYERS, seconds, next });
    const operations = ((await done()) - before) / replies.length;
    const of = (status: number) => {
      const times = replies.filter((reply) => reply.status === status).map(({ ms }) => ms);
      return { count: times.length, p50: median(times), p99: quantile(times, 0.99) };
    };
    const odd = replies.find(({ status }) => status !== 201 && status !== 409);
    if (odd) throw new Error(`contended: answered ${odd.status}`);
    return { winners: of(201), losers: of(409), operations };
  });
