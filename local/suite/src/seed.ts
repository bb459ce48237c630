import { amountText } from '@ticketing/common/currency';
import { type Answer, type Visitor, visitor } from './api.ts';
import { EVENTS, PASSWORD, priceIn, type Sale, SALES, SELLERS, USERS } from './samples.ts';

interface Ticket {
  title: string;
  price: number;
  currency: string;
  saleId: string;
  sellerId: string;
}

/** Fills a suite with sample users, tickets and events; what is there already stays. `tickets` is the greatest number to offer. */
export async function seed({
  origin,
  report,
  tickets = Infinity,
}: {
  origin: string;
  report(line: string): void;
  tickets?: number;
}): Promise<void> {
  const people = new Map<string, Visitor>();
  for (const email of USERS) {
    const { who, isNew } = await enter(origin, email);
    people.set(email, who);
    report(`${isNew ? 'signed up ' : 'was there  '} ${email}, password ${PASSWORD}`);
  }
  for (const sample of EVENTS) await publish(people.get(sample.seller) as Visitor, sample, report);
  let made = 0;
  let there = 0;
  for (const email of SELLERS) {
    const who = people.get(email) as Visitor;
    const known = await ticketsOf(who);
    const { body: market } = await who.get<{ currency: string }>('/api/orders/earnings');
    for (const sale of SALES.filter(([first]) => first?.seller === email)) {
      const count = await offer(
        who,
        sale.slice(0, Math.max(0, tickets - made - there)),
        known,
        market.currency,
        report,
      );
      made += count.made;
      there += count.there;
    }
  }
  report(`${made} tickets put on sale, ${there} were there already: ${origin}`);
}

/** Signs somebody up, or in when the address is taken. */
export async function enter(origin: string, email: string, password = PASSWORD) {
  const who = visitor(origin);
  const signedUp = await who.post('/api/users/signup', { email, password });
  if (signedUp.status === 201) return { who, isNew: true };
  if (signedUp.status !== 409) throw refusal(`signing up ${email}`, signedUp);
  const signedIn = await who.post('/api/users/signin', { email, password });
  if (signedIn.status !== 200) throw refusal(`signing in ${email}`, signedIn);
  return { who, isNew: false };
}

/** Unless its organizer has one of that title. */
async function publish(
  who: Visitor,
  { event, starts, ends }: (typeof EVENTS)[number],
  report: (line: string) => void,
) {
  const known = await who.get<{ title: string }[]>('/api/events?as=team&limit=200');
  if (known.status !== 200) throw refusal('listing events', known);
  if (known.body.some(({ title }) => title === event.title)) return;
  const year = new Date().getFullYear() + 1;
  const wanted = { ...event, starts: `${year}-${starts}`, ends: `${year}-${ends}` };
  const draft = await who.post<{ id: string }>('/api/events', wanted);
  if (draft.status !== 201) throw refusal(`drafting ${event.title}`, draft);
  const published = await who.post(`/api/events/${draft.body.id}/publish`);
  if (published.status !== 200) throw refusal(`publishing ${event.title}`, published);
  report(`published   ${event.title}, from ${amountText(event.tiers[0].price, event.currency)}`);
}

async function offer(
  who: Visitor,
  sale: Sale,
  known: Map<string, Ticket>,
  currency: string,
  report: (line: string) => void,
) {
  const count = { made: 0, there: 0 };
  let saleId = sale.map(({ title }) => known.get(title)?.saleId).find((id) => id !== undefined);
  for (const { seller: _, ...ticket } of sale) {
    if (known.has(ticket.title)) {
      count.there += 1;
      continue;
    }
    const offered = await who.post<Ticket>('/api/tickets', {
      ...ticket,
      price: priceIn(ticket.price, currency),
      ...(saleId && { saleId }),
    });
    if (offered.status !== 201) throw refusal(`putting ${ticket.title} on sale`, offered);
    saleId ??= offered.body.saleId;
    count.made += 1;
    report(`on sale     ${ticket.title}, ${amountText(offered.body.price, offered.body.currency)}`);
  }
  return count;
}

/** Everything that somebody has on sale or sold, by title. */
async function ticketsOf(who: Visitor): Promise<Map<string, Ticket>> {
  const { body } = await who.get<{ currentUser: { id: string } }>('/api/users/currentuser');
  const found = new Map<string, Ticket>();
  let path: string | undefined = `/api/tickets?limit=200&sellerId=${body.currentUser.id}`;
  while (path !== undefined) {
    const page: Answer<Ticket[]> = await who.get<Ticket[]>(path);
    if (page.status !== 200) throw refusal('listing tickets', page);
    for (const ticket of page.body) found.set(ticket.title, ticket);
    path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
  }
  return found;
}

const refusal = (what: string, { status, body }: Answer) =>
  new Error(
    `${what} was answered with ${status}: ${(body as { detail?: string } | undefined)?.detail ?? 'no reason given'}`,
  );
