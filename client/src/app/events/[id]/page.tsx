import type { Metadata } from 'next';
import { cache, type ReactNode } from 'react';
import { ask, need } from '../../../api/server.ts';
import type { EventView } from '../../../api/types.ts';
import { config } from '../../../config.ts';
import { Description } from '../../../events/description.ts';
import { EventPage } from '../../../events/event.tsx';
import { after, type PlacesNews } from '../../../events/left.ts';
import { previewOf } from '../../../events/preview.ts';
import { structured } from '../../../events/structured.ts';
import { spanText, zoneCalled } from '../../../events/times.ts';
import { tabTitleOf } from '../../../events/title.ts';
import { placeOf, standingOf } from '../../../events/words.ts';
import { isolated } from '../../../ui/format.ts';
import { Page } from '../../../ui/parts.tsx';

interface Props {
  params: Promise<{ id: string }>;
}

const eventOf = cache((id: string) =>
  need<EventView>(`/api/events/${encodeURIComponent(id)}`, `/events/${encodeURIComponent(id)}`),
);

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { body: event, at } = await eventOf((await params).id);
  const { zone } = event;
  const title = isolated(event.title);
  const description = `${spanText(event, zone)} ${zoneCalled(zone)}, ${placeOf(event)}`;
  const url = `/events/${event.id}`;
  return {
    title: tabTitleOf(event, standingOf(event, at)),
    description,
    alternates: { canonical: url },
    openGraph: { title, description, url, siteName: 'Ticketing', images: [previewOf(event, title)] },
  };
}

export default async function EventsPage({ params }: Props): Promise<ReactNode> {
  const { body: event, at } = await eventOf((await params).id);
  const answer = await ask<PlacesNews>(`/api/orders/places?eventId=${event.id}`);
  const places = answer.ok ? answer.body : undefined;
  const hall = places ? after(new Map(), places) : new Map();
  const url = new URL(`/events/${event.id}`, config().PUBLIC_ORIGIN).href;
  return (
    <Page>
      <EventPage
        key={event.id}
        first={event}
        places={places}
        description={event.description ? <Description text={event.description} /> : undefined}
        at={at}
      />
      {event.status !== 'draft' && (
        <script
          type="application/ld+json"
          dangerouslySetInnerHTML={{ __html: structured(event, hall, url, at) }}
        />
      )}
    </Page>
  );
}
