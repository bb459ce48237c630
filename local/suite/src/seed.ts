import { amountText } from '@ticketing/common/currency';
import { type Answer, refusal, type Visitor, visitor } from './api.ts';
import { organize } from './organize.ts';
import { PASSWORD, priceIn, type Sale, SALES, SELLERS, USERS } from './samples.ts';
import { SEASON } from './season.ts';

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
    const does = SELLERS.some((one) => one === email) ? 'sells and organizes' : 'buys';
    report(`${isNew ? 'signed up  ' : 'was there  '} ${email}, password ${PASSWORD}: ${does}`);
  }
  const season = { made: 0, there: 0 };
  for (const sample of SEASON)
    season[await organize(people.get(sample.organizer) as Visitor, sample, report)] += 1;
  report(`${season.made} events put on, ${season.there} were there already`);
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
