import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { ask, need } from '../../../api/server.ts';
import type { EventSales, EventView } from '../../../api/types.ts';
import type { PlacesNews } from '../../../events/left.ts';
import type { EndingState } from '../../../organize/ending.tsx';
import { Manage } from '../../../organize/manage.tsx';
import { salesPath } from '../../../organize/places.ts';
import { signedIn } from '../../../session/visitor.ts';
import { Page } from '../../../ui/parts.tsx';

export const metadata: Metadata = { title: 'Your event' };

export default async function OwnEventPage({
  params,
}: {
  params: Promise<{ id: string }>;
}): Promise<ReactNode> {
  const id = encodeURIComponent((await params).id);
  const { id: me } = await signedIn(`/organize/${id}`);
  const { body: event, at } = await need<EventView>(`/api/events/${id}`, `/organize/${id}`);
  if (event.role === undefined) notFound();
  const [places, sales, ending] = await Promise.all([
    event.status === 'published' ? ask<PlacesNews>(`/api/orders/places?eventId=${id}`) : undefined,
    event.status === 'published' ? ask<EventSales>(salesPath(id)) : undefined,
    event.status === 'cancelled' ? ask<EndingState>(`/api/orders/endings/${id}`) : undefined,
  ]);
  return (
    <Page>
      <Manage
        key={event.id}
        first={event}
        places={places?.ok ? places.body : undefined}
        sales={sales?.ok ? sales : undefined}
        ending={ending?.ok ? ending.body : undefined}
        at={at}
        me={me}
      />
    </Page>
  );
}
