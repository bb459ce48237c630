import type { Visitor } from '@ticketing/suite/api';
import { type Acknowledged, type Action, request } from './people.ts';

interface Ticket {
  id: string;
  version: number;
  status: string;
  generation: number;
  code?: string;
  event: { id: string };
}

const noted = ({ admissions }: Acknowledged, by: Visitor, reply: object | undefined) => {
  if (!reply) return;
  const { id, version } = reply as Ticket;
  const known = admissions.get(id);
  const newest = known?.by === by ? Math.max(version, known.version) : version;
  admissions.set(id, { by, version: newest, mayBeGone: false });
};

/** Looks at one's tickets, and names who will come, asks for another code, hands one on, or goes in. */
export const useTickets: Action = async (person, scene) => {
  const { known, random } = scene;
  const all = await request(known, person.get('/api/admissions'), 200, { reads: true });
  const ticket = random.pick(((all ?? []) as unknown as Ticket[]).filter(({ status }) => status === 'valid'));
  if (!ticket) return;
  noted(known, person, ticket);
  const path = `/api/admissions/${ticket.id}`;
  const deed = random.next();
  if (deed < 0.3) noted(known, person, await request(known, person.patch(path, { name: 'Ada' }), 200));
  else if (deed < 0.5) await request(known, person.post(`${path}/code`), 204);
  else if (deed < 0.8) await handOn(person, random.pick([...known.users.values()]), ticket, known);
  else await goIn(ticket, known);
};

async function handOn(from: Visitor, to: Visitor | undefined, { id }: Ticket, known: Acknowledged) {
  const link = await request(known, from.post(`/api/admissions/${id}/link`), 201);
  const before = known.admissions.get(id);
  if (!link || !to || to === from || !before) return;
  before.mayBeGone = true; // whether or not the answer comes
  const { token } = link as { token?: string };
  noted(known, to, await request(known, to.post('/api/admissions/claims', { token }), 200));
}

/** Its organizer stands at the door. */
async function goIn({ id, code, event }: Ticket, known: Acknowledged) {
  const { by } = known.events.get(event.id) ?? {};
  const scan = { id: `${id}-${Date.now()}`, code, at: new Date().toISOString() };
  const body = { door: 'Main', scans: [scan] };
  if (by) await request(known, by.post(`/api/admissions/events/${event.id}/entries`, body), 200);
}
