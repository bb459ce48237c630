import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@ticketing/common/testing';
import { visitor } from '@ticketing/suite/api';
import { broken, type Load } from '../load.ts';
import { isReady, type Kubectl } from './kubectl.ts';
import { must, note } from '../stage.ts';

export const ORIGIN = 'https://ticketing.dev';

/** Resolves when the ingress leads to the suite. */
export const answers = () =>
  eventually(async () => (await visitor(ORIGIN).get('/api/tickets')).status === 200, { within: 600_000 });

/** What `reconcile` says when it finds nothing; rejects with its findings when they stay. */
export const reconciled = ({ kubectl }: Kubectl) =>
  eventually(() => kubectl('exec', 'deployment/tools', '--', 'node', 'src/main.ts', 'reconcile'), {
    within: 600_000,
    every: 2000,
  }).then((said) => said.trim());

/** Milliseconds from a change to its event on the market's stream: nothing on the way may hold it back. */
export async function streamed(): Promise<number> {
  const seller = visitor(ORIGIN);
  const email = `stream-${Date.now()}@example.com`;
  await seller.post('/api/users/signup', { email, password: 'tickets-please' });
  const gone = new AbortController();
  const seen = new Map<string, number>();
  const reading = (async () => {
    for await (const { data } of visitor(ORIGIN).events('/api/tickets/stream', { signal: gone.signal }))
      seen.set((data as { id?: string }).id ?? '', Date.now());
  })().catch(() => undefined);
  const sell = () => seller.post<{ id: string }>('/api/tickets', { title: 'Live', price: 100 });
  // Until the stream is open, nothing is heard.
  const heard = async () => {
    if (seen.size === 0) await sell();
    return seen.size > 0;
  };
  await eventually(heard, { within: 600_000, every: 500 });
  const { body } = await sell();
  const sold = Date.now();
  await eventually(() => seen.has(body.id), { within: 600_000 });
  gone.abort();
  await reading;
  return (seen.get(body.id) ?? 0) - sold;
}

/** Everything that was not served since then, each kind with its count. */
export const refusedSince = ({ acknowledged }: Load, since: number): string => {
  const counts = new Map<string, number>();
  for (const { at, how } of acknowledged.refusals) {
    const kind = how.replace(/\b[0-9a-f]{24}\b/, '…');
    if (at >= since) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([how, count]) => `${count} × ${how}`).join(', ');
};

/** Resolves when people were served this many times more: they sold or reserved something. */
export const serves = ({ acknowledged: { tickets, orders } }: Load, more: number) => {
  const before = tickets.size + orders.size;
  return eventually(() => tickets.size + orders.size >= before + more, { within: 600_000, every: 100 });
};

/** Restarts every Deployment, one after the other: nobody may notice. */
export async function roll({ kubectl, names }: Kubectl, pressure: Load): Promise<string> {
  const start = Date.now();
  const before = pressure.acknowledged.requests;
  for (const name of await names('deployment')) {
    if (name === 'sandbox') continue; // it stands in for somebody else's service
    await kubectl('rollout', 'restart', `deployment/${name}`);
    await kubectl('rollout', 'status', `deployment/${name}`, '--timeout=600s');
  }
  await delay(8000); // the last of the old pods serves on
  const refused = refusedSince(pressure, start);
  must(refused === '', () => `refused: ${refused}`);
  return `${pressure.acknowledged.requests - before} requests, none lost`;
}

/** Takes a pod away with a second's notice, and waits until another stands in and people are served. */
export async function lose(name: string, { kubectl, pods }: Kubectl, pressure: Load): Promise<void> {
  const start = Date.now();
  const before = (await pods()).find(({ metadata }) => metadata.name === name)?.metadata.uid;
  await kubectl('delete', 'pod', name, '--grace-period=1', '--wait=false');
  await eventually(async () => (await pods()).every((pod) => pod.metadata.uid !== before && isReady(pod)), {
    within: 600_000,
    every: 500,
  });
  const took = Date.now() - start;
  await serves(pressure, 5);
  note(
    `${name}: ready again after ${(took / 1000).toFixed(1)} s; ${refusedSince(pressure, start) || 'nothing refused'}`,
  );
}

/** Ends the load; everything that was acknowledged must be there, and the services agree. */
export async function nothingIsLost(cluster: Kubectl, pressure: Load): Promise<string> {
  await pressure.stop();
  const { requests, tickets, orders, faults, refusals } = pressure.acknowledged;
  must(faults.length === 0, () => faults.join('; '));
  const said = await reconciled(cluster);
  const lies = await broken(pressure.acknowledged);
  must(lies.length === 0, () => lies.join('; '));
  return (
    `${requests} requests, ${refusals.length} refused while pods died; ` +
    `${tickets.size} tickets and ${orders.size} orders acknowledged and there; ${said}`
  );
}
