import type { Metadata } from 'next';
import { notFound, redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { need } from '../../../../api/server.ts';
import type { EventView } from '../../../../api/types.ts';
import { Editor } from '../../../../organize/editor.tsx';
import { signedIn } from '../../../../session/visitor.ts';
import { Page } from '../../../../ui/parts.tsx';
import ui from '../../../../ui/ui.module.css';

export const metadata: Metadata = { title: 'Edit an event' };

export default async function EditEventPage({
  params,
}: {
  params: Promise<{ id: string }>;
}): Promise<ReactNode> {
  const id = encodeURIComponent((await params).id);
  await signedIn(`/organize/${id}/edit`);
  const { body: event } = await need<EventView>(`/api/events/${id}`, `/organize/${id}/edit`);
  if (event.role === undefined) notFound();
  if (event.role === 'door' || event.status === 'cancelled') redirect(`/organize/${id}`);
  return (
    <Page>
      <div className={ui['head']}>
        <h1 data-long={event.title.length > 40} dir="auto">
          {event.title}
        </h1>
      </div>
      <Editor key={event.id} event={event} currency={event.currency} />
    </Page>
  );
}
