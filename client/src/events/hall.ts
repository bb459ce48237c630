'use client';

import { useRef, useState } from 'react';
import { api } from '../api/browser.ts';
import { useStream } from '../live/stream.ts';
import { after, type Hall, type PlacesNews } from './left.ts';

/** What is left of an event, live; and how to read it again. `first` is what the server sent with the page. */
export function useHall(
  eventId: string,
  first: PlacesNews | undefined,
): { hall: Hall; live: boolean; load(): Promise<void> } {
  const [hall, setHall] = useState<Hall>(() => (first ? after(new Map(), first) : new Map()));
  /** What came while all was read: the answer may be from before it. */
  const meanwhile = useRef<PlacesNews[]>(undefined);
  const { live, load } = useStream<PlacesNews>(`/api/orders/places/stream?eventId=${eventId}`, {
    changes(changes) {
      meanwhile.current?.push(...changes);
      setHall((now) => changes.reduce(after, now));
    },
    async load() {
      const came: PlacesNews[] = (meanwhile.current = []);
      const answer = await api<PlacesNews>('GET', `/api/orders/places?eventId=${eventId}`);
      if (meanwhile.current === came) meanwhile.current = undefined;
      if (answer.ok) setHall((now) => [answer.body, ...came].reduce(after, now));
      // Just published: `orders` hears of it in a moment.
      return answer.ok;
    },
  });
  return { hall, live, load };
}
