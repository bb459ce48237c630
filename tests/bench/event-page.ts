import { eventually } from '@ticketing/common/testing';
import { open } from './connection.ts';
import { connect, signedIn } from './data.ts';
import { request } from './load.ts';
import { bare, type Ground, inDatabase, prepared, type Prepared, suite } from './paths.ts';
import { onSale, wanted } from './sale-event.ts';

const CONNECTIONS = 32;
const [SEATS, STANDING] = [40_000, 10_000];

/** What a page of an event reads: the event, and how much of it is left. The floor has the same bytes in memory. */
export async function eventPage({ mongoUrl }: Ground): Promise<Prepared> {
  const client = await connect(mongoUrl);
  const process = await suite('page', mongoUrl, '', {
    CODE_KEY: 'a key that only the bench uses; it has 32 characters or more',
  });
  const floor = await bare(inDatabase(mongoUrl, 'page'));
  const [asked, told] = [await open(process.port), await open(floor.port)];
  const organizer = signedIn().header;
  const send = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const reply = await asked.ask(request(method, path, organizer, body && JSON.stringify(body)));
    if (reply.status >= 300) throw new Error(`${method} ${path}: answered ${reply.status} ${reply.body}`);
    return reply.body;
  };
  const draft = JSON.parse(await send('POST', '/api/events', wanted(SEATS, STANDING))) as { id: string };
  const published = await send('POST', `/api/events/${draft.id}/publish`);
  const { eventId } = onSale(JSON.parse(published) as Parameters<typeof onSale>[0]);
  const paths = [`/api/events/${eventId}`, `/api/orders/places?eventId=${eventId}`];
  for (const path of paths) {
    const anonymous = await eventually(async () => {
      const reply = await asked.ask(request('GET', path));
      if (reply.status !== 200) throw new Error(`${path}: answered ${reply.status}`);
      return reply.body;
    });
    await told.ask(request('POST', `/kept${path}`, {}, anonymous));
  }
  asked.close();
  told.close();
  let turn = 0;
  const next = () => request('GET', paths[turn++ % paths.length] ?? '');
  return prepared(client, {
    path: 'the page of an event of 50,000 places, and how many are left, in turns',
    shape: 'events and orders',
    floor: 'the same bytes from memory; no database',
    aim: 0.85,
    connections: CONNECTIONS,
    sides: { suite: { process, next }, floor: { process: floor, next } },
  });
}
