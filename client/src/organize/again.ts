import { api } from '../api/browser.ts';
import type { EventView } from '../api/types.ts';

/** Hands on an event as it is now, where it can be had. */
export async function readAgain(id: string, onChange: (now: EventView) => void): Promise<void> {
  const now = await api<EventView>('GET', `/api/events/${id}`);
  if (now.ok) onChange(now.body);
}
