import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { need } from '../../../../api/server.ts';
import type { EventView, PlacedOrder } from '../../../../api/types.ts';
import { addressWith, fromCursor, moreOf, type Params, wordsOf } from '../../../../finding/params.ts';
import { readSearch, sheetPath, placedPath } from '../../../../organize/placed.ts';
import { PlacedOrders } from '../../../../organize/orders.tsx';
import { signedIn } from '../../../../session/visitor.ts';
import { Page } from '../../../../ui/parts.tsx';

export const metadata: Metadata = { title: 'Orders of your event' };

interface Props {
  params: Promise<{ id: string }>;
  searchParams: Promise<Params>;
}

export default async function EventOrdersPage({ params, searchParams }: Props): Promise<ReactNode> {
  const id = encodeURIComponent((await params).id);
  const asked = await searchParams;
  const search = readSearch(asked, wordsOf(asked, 'q'));
  const here = `/organize/${id}/orders`;
  await signedIn(addressWith(here, { ...search }));
  const { body: event } = await need<EventView>(`/api/events/${id}`, here);
  if (event.role !== 'owner' && event.role !== 'manager') notFound();
  const orders = await need<PlacedOrder[]>(fromCursor(placedPath(id, search), asked, 'cursor'), here);
  return (
    <Page>
      <PlacedOrders
        event={event}
        search={search}
        orders={orders.body}
        sheet={sheetPath(id, search)}
        more={moreOf(here, asked, orders.next, 'cursor')}
      />
    </Page>
  );
}
