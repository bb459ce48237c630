import type { Ticket } from '../api/types.ts';

/** Takes the newer of two states of a ticket: a hold changes it without a new version, so its time tells. */
export const newer = (known: Ticket | undefined, news: Ticket): Ticket =>
  known && known.updatedAt > news.updatedAt ? known : news;
