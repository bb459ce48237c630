import type { EventSummary, EventView } from '../api/types.ts';

/** Something to do before an event is published. */
export interface Step {
  /** What it is, and what is missing of it. */
  name: string;
  missing: string;
  done: boolean;
  /** Without it nothing can be published. */
  needed: boolean;
  /** The field of the editor, or the part, that it is done in. */
  at: string;
}

type Sold = Pick<EventSummary, 'tiers' | 'endsAt' | 'status'>;

const hasTickets = ({ tiers }: Sold) => tiers.length > 0;
const isToCome = ({ endsAt }: Sold, now: number) => Date.parse(endsAt) > now;

/** What makes an event one that can be published, and one that people find good; at a moment, in milliseconds. */
export function checklist(event: EventView, now: number): Step[] {
  const { tiers, pools, codes = [], description, pictures = [], venue, organizer, returns } = event;
  const isShown = tiers.some(({ hidden }) => !hidden) || codes.some(({ tierIds }) => tierIds !== undefined);
  const isTaxed = tiers.some(({ taxRate }) => taxRate !== undefined);
  const isSeated = pools.some(({ blocks }) => blocks !== undefined);
  const isPaid = tiers.some(({ price }) => price > 0);
  const need = (name: string, missing: string, at: string, done: boolean): Step => ({
    ...{ name, missing, done, at },
    needed: true,
  });
  const may = (name: string, missing: string, at: string, done: boolean): Step => ({
    ...need(name, missing, at, done),
    needed: false,
  });
  return [
    need('Tickets', 'There is nothing to buy yet: add a ticket', 'tickets', hasTickets(event)),
    need(
      'A date that is to come',
      'It would be over already: give it another date',
      'starts',
      isToCome(event, now),
    ),
    ...(hasTickets(event)
      ? [may('A ticket that people see', 'All are hidden, and no code shows one', 'tickets', isShown)]
      : []),
    may('A description', 'Say what people can look forward to', 'description', (description ?? '') !== ''),
    may('A picture', 'Events with a picture are found more easily', 'picture', pictures.length > 0),
    may('The address of the venue', 'People look for the way', 'venue.address', venue.address !== undefined),
    ...(isPaid
      ? [
          may(
            'Who sells',
            'The address of the organizer stands on receipts',
            'organizer.address',
            organizer.address !== undefined,
          ),
          may(
            'When people may give back',
            'Say until when, or leave it to the rules of the market',
            'returns.until',
            returns !== undefined,
          ),
        ]
      : []),
    ...(isTaxed
      ? [
          may(
            'A tax number',
            'There is tax in the prices',
            'organizer.taxNumber',
            organizer.taxNumber !== undefined,
          ),
        ]
      : []),
    ...(isSeated
      ? [
          may(
            'Accessible places',
            'Mark the seats for people in wheelchairs',
            'tickets',
            pools.some(({ marks = [] }) => marks.length > 0),
          ),
        ]
      : []),
  ];
}

/** Where an event stands in a list of one's own. */
export type Stage = 'sale' | 'draft' | 'over' | 'cancelled';

export function stageOf(event: Sold, now: number): Stage {
  if (event.status === 'draft' || event.status === 'cancelled') return event.status;
  return isToCome(event, now) ? 'sale' : 'over';
}

/** What is to be done next with it. */
export function nextStep(event: Sold, now: number): string {
  switch (stageOf(event, now)) {
    case 'draft':
      if (!hasTickets(event)) return 'Add tickets';
      return isToCome(event, now) ? 'Look it over and publish it' : 'Give it another date';
    case 'sale':
      return 'See how it sells';
    case 'over':
      return 'Copy it for another date';
    case 'cancelled':
      return 'See what went back';
  }
}
