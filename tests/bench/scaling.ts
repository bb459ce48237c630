import { TicketCreated } from '@ticketing/common/contracts/ticket';
import { envelope } from '@ticketing/common/record';
import { natsStreamingBus } from '@ticketing/common/bus/nats-streaming';
import { silentLog } from '@ticketing/common/log';
import { until } from './backlog.ts';
import { connect, idAt, seedTickets, ticketAt } from './data.ts';
import { load } from './load.ts';
import { place } from './paths.ts';
import { type Broker, type Cost, costs, type Measured, pod, startBroker } from './pods.ts';
import { quiet, type Running } from './processes.ts';

/** How many processes share the work. */
const COUNTS = [1, 2, 4];
const CONNECTIONS = 32;
/** Requests that each fresh process answers before it is measured, in seconds. */
const WARM_UP = 3;
const WAITING = 20_000;
/** More than any round reserves. */
const TICKETS = 30_000;

export interface Round extends Cost {
  perSecond: number;
}

/** The rounds by the number of processes. */
export type Scaling = ReadonlyMap<number, Round[]>;

/** Each count in turns, so that what else the machine does hits all. */
async function inTurns(
  rounds: number,
  what: string,
  measure: (count: number, turn: number) => Promise<Round>,
) {
  const results = new Map(COUNTS.map((count): [number, Round[]] => [count, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [count, done] of results) {
      const one = await measure(count, round);
      console.error(`  ${what}, ${count} processes: ${Math.round(one.perSecond)} per second`);
      done.push(one);
    }
  }
  return results;
}

/** Starts `count` processes for the time of `work`. */
async function withPods<T>(
  count: number,
  start: () => Promise<Running>,
  work: (pods: Running[]) => Promise<T>,
) {
  const started = await Promise.allSettled(Array.from({ length: count }, start));
  const pods = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    return await work(pods);
  } finally {
    await Promise.all(pods.map((one) => one.stop()));
  }
}

/** Reservations through processes of `orders` on one mongod and one broker; none consumes. */
export async function reservations(
  { mongoUrl, mongod }: Measured,
  rounds: number,
  seconds: number,
): Promise<Scaling> {
  const client = await connect(mongoUrl);
  const broker = await startBroker();
  try {
    return await inTurns(rounds, 'reservations', async (count, turn) => {
      // A new one each time: a process publishes again what changed in the ten minutes before its start.
      const db = client.db(`reservations-${count}-${turn}`);
      const orders = db.collection('orders');
      const settled = () =>
        until(async () => (await orders.findOne({ 'pending.at': { $exists: true } })) === null);
      let placed = 0;
      const next = () => (placed < TICKETS ? place(idAt(placed++)) : undefined);
      const ask = async (pods: readonly Running[], seconds: number) => {
        const connections = CONNECTIONS / pods.length;
        const loads = await Promise.all(pods.map(({ port }) => load({ port, connections, seconds, next })));
        await settled();
        return loads.flatMap(({ replies }) => replies);
      };
      await seedTickets(db, TICKETS, { replica: true });
      return withPods(
        count,
        () => pod('orders', db.databaseName, mongoUrl, broker),
        async (pods) => {
          await ask(pods, WARM_UP);
          for (const { pid } of pods) await quiet(pid);
          const spent = await costs(pods, mongod, broker);
          const begun = performance.now();
          const replies = await ask(pods, seconds);
          const perSecond = (replies.length / (performance.now() - begun)) * 1000;
          const wrong = replies.find(({ status }) => status !== 201);
          if (wrong) throw new Error(`a reservation was answered ${wrong.status}`);
          return { perSecond, ...(await spent(replies.length)) };
        },
      ).finally(() => db.dropDatabase());
    });
  } finally {
    await broker.stop();
    await client.close();
  }
}

/** The same waiting events, drained each time by a new queue group of `orders` into a new database. */
export async function replays({ mongoUrl, mongod }: Measured, rounds: number): Promise<Scaling> {
  const client = await connect(mongoUrl);
  const broker = await startBroker();
  try {
    await fill(broker);
    return await inTurns(rounds, 'replayed events', (count, turn) => {
      const name = `replay-${count}-${turn}`;
      const replica = client.db(name).collection('tickets');
      return withPods(
        count,
        () => pod('orders', name, mongoUrl, broker),
        async (pods) => {
          // From the moment at which all of them take part.
          const spent = await costs(pods, mongod, broker);
          const [begun, before] = [performance.now(), await replica.estimatedDocumentCount()];
          await until(async () => (await replica.estimatedDocumentCount()) === WAITING);
          const perSecond = ((WAITING - before) / (performance.now() - begun)) * 1000;
          return { perSecond, ...(await spent(WAITING - before)) };
        },
      ).finally(() => client.db(name).dropDatabase());
    });
  } finally {
    await broker.stop();
    await client.close();
  }
}

async function fill({ url }: Broker) {
  const bus = natsStreamingBus({ url, clusterId: 'ticketing', name: 'bench', log: silentLog });
  await until(() => Promise.resolve(bus.connected));
  for (let index = 0; index < WAITING; index += 500) {
    const tickets = Array.from({ length: 500 }, (_, n) => ticketAt(index + n));
    const events = tickets.map((ticket) =>
      envelope(TicketCreated(ticket), { source: '/tickets' }, ticket.createdAt),
    );
    await Promise.all(events.map((event) => bus.publish(event.type, JSON.stringify(event))));
  }
  await bus.close();
}
