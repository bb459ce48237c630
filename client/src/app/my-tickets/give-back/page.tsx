import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { GiveBack } from '../../../admissions/give-back.tsx';
import { COMING, ofOrder } from '../../../admissions/paths.ts';
import { inOrder } from '../../../admissions/words.ts';
import { need } from '../../../api/server.ts';
import type { Admission } from '../../../api/types.ts';
import { signedIn } from '../../../session/visitor.ts';
import { Page } from '../../../ui/parts.tsx';
import ui from '../../../ui/ui.module.css';

export const metadata: Metadata = { title: 'Give tickets back' };

interface Props {
  searchParams: Promise<{ ticket?: string | string[]; order?: string | string[] }>;
}

/** Of an order, or of the event of a ticket, which then is chosen already. */
export default async function GiveBackPage({ searchParams }: Props): Promise<ReactNode> {
  const { ticket, order } = await searchParams;
  const [name, value] = typeof order === 'string' ? ['order', order] : ['ticket', ticket];
  if (typeof value !== 'string') notFound();
  const here = `/my-tickets/give-back?${name}=${encodeURIComponent(value)}`;
  await signedIn(here);
  const path = name === 'order' ? ofOrder(encodeURIComponent(value)) : COMING;
  const { body: held } = await need<Admission[]>(path, here);
  const eventId = held.find(({ id }) => id === value)?.event.id;
  const there = name === 'order' ? held : held.filter(({ event }) => event.id === eventId);
  return (
    <Page narrow>
      <div className={ui['head']}>
        <h1>Give tickets back</h1>
      </div>
      <GiveBack first={there.sort(inOrder)} chosen={name === 'order' ? [] : [value]} />
    </Page>
  );
}
