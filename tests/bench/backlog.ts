import type { Db } from 'mongodb';
import { eventually } from '@ticketing/common/testing';
import { connect, insertTickets, own } from './data.ts';
import { type Broker, type Cost, costs, type Measured, pod, startBroker } from './pods.ts';
import { quiet, type Running } from './processes.ts';

export interface Drain extends Cost {
  /** Events per second that were published and lost their marker; of those, that the consumer has. */
  pulled: number;
  consumed: number;
}

export interface Backlog {
  events: number;
  /** Nobody consumes. */
  alone: Drain[];
  /** `orders` replicates them at the same time. */
  consumed: Drain[];
}

/** Changes of `tickets` that wait to be announced, through its sweeper and NATS Streaming, into the replica of `orders`. */
export async function backlog(ground: Measured, rounds: number, events: number): Promise<Backlog> {
  return {
    events,
    alone: await drains(ground, rounds, events, false),
    consumed: await drains(ground, rounds, events, true),
  };
}

async function drains({ mongoUrl, mongod }: Measured, rounds: number, events: number, consuming: boolean) {
  const client = await connect(mongoUrl);
  // Names of their own: a change stream looks back, and would meet the end of a database of the same name.
  const owner = client.db(`backlog-tickets-${consuming ? 'consumed' : 'alone'}`);
  const reader = client.db('backlog-orders');
  const broker = await startBroker();
  const pods: Running[] = [];
  const results: Drain[] = [];
  try {
    pods.push(await pod('tickets', owner.databaseName, mongoUrl, broker));
    if (consuming) pods.push(await pod('orders', reader.databaseName, mongoUrl, broker));
    for (let round = 0; round <= rounds; round++) {
      const upTo = (round + 1) * events;
      await insertTickets(owner, upTo - events, events, (ticket) => ({ ...own(ticket), later: true }));
      for (const { pid } of pods) await quiet(pid);
      const spent = await begin(owner, broker).then(() => costs(pods, mongod, broker));
      const begun = performance.now();
      const perSecond = () => (events / (performance.now() - begun)) * 1000;
      const [pulled, consumed] = await Promise.all([
        until(() =>
          owner
            .collection('tickets')
            .findOne(WAITING, IDS)
            .then((one) => one === null),
        ).then(perSecond),
        consuming
          ? until(async () => (await reader.collection('tickets').estimatedDocumentCount()) >= upTo).then(
              perSecond,
            )
          : NaN,
      ]);
      const drain = { pulled, consumed, ...(await spent(events)) };
      console.error(
        `  ${round === 0 ? 'warm-up' : round}: ${Math.round(pulled)} pulled, ${Math.round(consumed)} consumed`,
      );
      if (round > 0) results.push(drain);
    }
    return results;
  } finally {
    for (const one of pods) await one.stop();
    await broker.stop();
    await owner.dropDatabase();
    await reader.dropDatabase();
    await client.close();
  }
}

const WAITING = { 'pending.at': { $exists: true } };
const IDS = { projection: { _id: 1 } };

/** Marks what is to be published, all at once; resolves when the sweeper has come to it. */
async function begin(owner: Db, broker: Broker): Promise<void> {
  const before = await broker.stored('ticket:created');
  const at = new Date();
  await owner
    .collection('tickets')
    .updateMany({ later: { $exists: true } }, [
      { $set: { pending: { id: { $concat: ['$_id', ':0'] }, at } } },
      { $unset: 'later' },
    ]);
  await until(async () => (await broker.stored('ticket:created')) > before);
}

/** Looks until it is so; two minutes without are a failure. */
export const until = (holds: () => Promise<boolean>): Promise<true> =>
  eventually(holds, { within: 120_000, every: 10 });
