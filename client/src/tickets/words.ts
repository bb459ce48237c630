import type { Ticket } from '../api/types.ts';
import { isolated } from '../ui/format.ts';

export const WORDS = {
  available: { label: 'On sale', tone: 'good', hint: 'Choose what to reserve.' },
  reserved: {
    label: 'Reserved',
    tone: 'warn',
    hint: 'Somebody is about to pay. It is on sale again if they do not.',
  },
  sold: { label: 'Sold', tone: 'plain', hint: 'Somebody has bought it.' },
  withdrawn: { label: 'Withdrawn', tone: 'plain', hint: 'Its seller has taken it back.' },
} as const;

type Shown = Pick<Ticket, 'status' | 'deleted' | 'title'>;

export const stateOf = ({ status, deleted }: Pick<Shown, 'status' | 'deleted'>): keyof typeof WORDS =>
  deleted ? 'withdrawn' : status;

/** What a tab of the browser calls it. */
export const tabTitleOf = (ticket: Shown): string => {
  const state = stateOf(ticket);
  const title = isolated(ticket.title);
  return state === 'available' ? title : `${WORDS[state].label} · ${title}`;
};
