import type { Metadata } from 'next';
import { notFound, redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { need } from '../../../../api/server.ts';
import type { Ticket } from '../../../../api/types.ts';
import { Edit } from '../../../../selling/edit.tsx';
import { Poster } from '../../../../selling/poster.tsx';
import { signedIn } from '../../../../session/visitor.ts';
import { Page } from '../../../../ui/parts.tsx';
import ui from '../../../../ui/ui.module.css';

export const metadata: Metadata = { title: 'Edit a ticket' };

export default async function EditPage({ params }: { params: Promise<{ id: string }> }): Promise<ReactNode> {
  const id = encodeURIComponent((await params).id);
  const who = await signedIn(`/tickets/${id}/edit`);
  const { body: ticket } = await need<Ticket>(`/api/tickets/${id}`, `/tickets/${id}/edit`);
  if (ticket.sellerId !== who.id) notFound();
  if (ticket.status !== 'available') redirect(`/tickets/${id}`);
  return (
    <Page narrow>
      <div className={ui['head']}>
        <h1>Edit your ticket</h1>
      </div>
      <Poster seed={ticket.saleId} />
      <Edit key={ticket.id} first={ticket} />
    </Page>
  );
}
