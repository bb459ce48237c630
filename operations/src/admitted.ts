import type { AdmissionStatus } from '@ticketing/common/contracts/admission';
import type { Document } from 'mongodb';

type Stored = Document & { _id: string };

interface Issued extends Document {
  _id: string;
  orderId: string;
  placeId: string;
  status: AdmissionStatus;
  reason?: string;
}

interface Placed extends Document {
  _id: string;
  status: string;
  items: { ticketId: string; kind?: string }[];
  returned?: { ticketId: string }[];
}

const IN_FORCE: readonly AdmissionStatus[] = ['valid', 'listed', 'entered', 'out'];

/** One that lets in, has, or is only blocked; who lost the right to it inside is not asked out. */
const stands = ({ status, reason }: Issued) =>
  reason === 'blocked' || (IN_FORCE.includes(status) && reason === undefined);

/** Places that are kept and do not admit once, and admissions of what is not kept. */
export function* admittedWrongly(admissions: readonly Stored[], orders: readonly Stored[]) {
  const issued = Map.groupBy(
    admissions as readonly Issued[],
    ({ orderId, placeId }) => `${orderId} ${placeId}`,
  );
  const complete = (orders as readonly Placed[]).filter(({ status }) => status === 'complete');
  const kept = new Set<string>();
  for (const { _id, items } of complete) {
    for (const { ticketId } of items.filter(({ kind }) => kind === 'place')) {
      const place = `${_id} ${ticketId}`;
      kept.add(place);
      const found = issued.get(place) ?? [];
      if (found.length === 0) yield `order ${_id} keeps place ${ticketId}, for which there is no admission`;
      if (found.length > 1)
        yield `order ${_id} keeps place ${ticketId}, for which there are ${found.length} admissions`;
      for (const { _id: id, status } of found.filter((one) => !stands(one)))
        yield `admission ${id} is ${status}, but order ${_id} keeps its place`;
    }
  }
  const known = new Map((orders as readonly Placed[]).map((order) => [order._id, order]));
  for (const admission of admissions as readonly Issued[]) {
    const { _id, orderId, placeId, status } = admission;
    if (kept.has(`${orderId} ${placeId}`) || !(stands(admission) || status === 'returned')) continue;
    const order = known.get(orderId);
    if (!order) yield `admission ${_id} is ${status}, but nobody knows its order ${orderId}`;
    else if (order.status !== 'complete') {
      if (status !== 'returned')
        yield `admission ${_id} is ${status}, but its order ${orderId} is ${order.status}`;
    } else if (status !== 'returned' || !order.returned?.some(({ ticketId }) => ticketId === placeId))
      yield `admission ${_id} is ${status}, but order ${orderId} does not know its place so`;
  }
}
