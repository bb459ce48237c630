import { setTimeout as delay } from 'node:timers/promises';
import { amountText } from '@ticketing/common/currency';
import { type Answer, refusal, type Visitor } from './api.ts';
import { paint } from './paint.ts';
import type { SampleEvent } from './season.ts';

interface Event {
  id: string;
  title: string;
  status: 'draft' | 'published' | 'cancelled';
  pictures?: unknown[];
  tiers: { id: string; price: number }[];
}

const DAY = 24 * 60 * 60 * 1000;
/** How long `orders` may take to hear of an event, in milliseconds. */
const PATIENCE = 60_000;

/** Puts an event on, as its organizer would, unless one of that title is to come; goes on where it was left. */
export async function organize(
  who: Visitor,
  sample: SampleEvent,
  report: (line: string) => void,
): Promise<'made' | 'there'> {
  const { title, currency, tiers } = sample.event;
  const now = Date.now();
  const path = `/api/events?as=team&limit=200&from=${new Date(now).toISOString()}`;
  const known = taken(`listing events`, await who.get<Event[]>(path));
  let event = known.find((one) => one.title === title);
  if (event && event.status !== 'draft') return 'there';
  event ??= taken(
    `drafting ${title}`,
    await who.post<Event>('/api/events', { ...sample.event, ...timesOf(sample, now) }),
  );
  const at = `/api/events/${event.id}`;
  if (sample.picture !== undefined && !event.pictures) {
    const headers = { 'content-type': 'image/png' };
    const picture = await paint(sample.picture);
    taken(`illustrating ${title}`, await who.put<Event>(`${at}/picture`, picture, { headers }));
  }
  taken(`publishing ${title}`, await who.post(`${at}/publish`));
  for (const { tier, ...places } of sample.sold ?? []) {
    const { id = '', price = 0 } = event.tiers[tier] ?? {};
    await sell(who, title, {
      eventId: event.id,
      for: 'box-office',
      lines: [{ tierId: id, price, ...places }],
    });
  }
  if (sample.cancelled) taken(`cancelling ${title}`, await who.post(`${at}/cancel`));
  const least = Math.min(...tiers.map(({ price }) => price));
  const cost = least === 0 ? 'free' : `from ${amountText(least, currency)}`;
  report(`${sample.cancelled ? 'cancelled  ' : 'published  '} ${title}, ${cost}`);
  return 'made';
}

/** Local times at the venue, with days as UTC has them. */
function timesOf({ day, from, to, lasts = 0 }: SampleEvent, now: number) {
  // Never today: its evening may be over where the event is.
  const untilSaturday = ((5 - new Date(now).getUTCDay() + 7) % 7) + 1;
  const first = now + (day === 'saturday' ? untilSaturday : day) * DAY;
  const on = (moment: number) => new Date(moment).toISOString().slice(0, 10);
  return { starts: `${on(first)}T${from}`, ends: `${on(first + lasts * DAY)}T${to}` };
}

/** By the box office; `orders` may not have heard of the event yet. */
async function sell(who: Visitor, title: string, order: object) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await who.post<unknown>('/api/orders', order);
    if (answer.status !== 404 || Date.now() > end) return taken(`selling places of ${title}`, answer);
    await delay(100);
  }
}

/** What was answered, unless it was refused. */
function taken<T>(what: string, answer: Answer<T>): T {
  if (answer.status >= 300) throw refusal(what, answer);
  return answer.body;
}
