import { storage } from './storage.ts';

/** A ticket as it is shown where there is no network: in words, as `public/offline.js` only puts them where they belong. */
export interface KeptTicket {
  id: string;
  eventId: string;
  title: string;
  when: string;
  where: string;
  /** Its kind, its seat, and who will come. */
  lines: string[];
  /** The squares of its code, as the path of a picture of so many by so many. */
  code: string;
  size: number;
  /** When it was kept. */
  kept: string;
}

interface Kept {
  by: string;
  tickets: KeptTicket[];
}

/** As `public/offline.js` calls it. */
const KEY = 'tickets';

const read = (): Kept | undefined => {
  try {
    return (JSON.parse(storage('localStorage')?.getItem(KEY) ?? 'null') as Kept | null) ?? undefined;
  } catch {
    return undefined;
  }
};

const write = (kept: Kept) => {
  try {
    storage('localStorage')?.setItem(KEY, JSON.stringify(kept));
  } catch {
    // it is full: then a network is needed
  }
};

/** Keeps the tickets of whom this browser shows; those that are replaced by it, it names. */
export function keepTickets(
  by: string,
  tickets: readonly KeptTicket[],
  replaces: (one: KeptTicket) => boolean,
): void {
  const before = read();
  const others = before?.by === by ? before.tickets.filter((one) => !replaces(one)) : [];
  write({ by, tickets: [...others, ...tickets] });
}

/** Forgets one that is theirs no more, or not good any more. */
export function forgetTicket(id: string): void {
  const kept = read();
  if (kept) write({ ...kept, tickets: kept.tickets.filter((one) => one.id !== id) });
}

/** Forgets the tickets of anybody else; all of them where nobody is signed in. */
export function forgetTicketsBut(by: string | undefined): void {
  if (by === undefined || read()?.by !== by) storage('localStorage')?.removeItem(KEY);
}
