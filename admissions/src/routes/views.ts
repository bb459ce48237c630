import { AdmissionStatus } from '@ticketing/common/contracts/admission';
import { EventState } from '@ticketing/common/contracts/event';
import { Id, Instant, Version } from '@ticketing/common/contracts/message';
import { Money } from '@ticketing/common/contracts/money';
import { CancelReason, OrderItem } from '@ticketing/common/contracts/order';
import { z } from 'zod';
import { makeCode } from '../codes.ts';
import { firstIn } from '../domain/entry.ts';
import { refundable } from '../domain/holding.ts';
import type { Admission, KnownEvent } from '../domain/record.ts';
import type { CodeKeyPair } from '../keys.ts';

/** What a holder needs to know of the event. */
const EventOfTicket = EventState.pick({
  id: true,
  title: true,
  status: true,
  venue: true,
  zone: true,
  startsAt: true,
  endsAt: true,
  postponedFrom: true,
  organizer: true,
});

/** An admission as its holder sees it. */
export const AdmissionView = z.object({
  id: Id,
  version: Version,
  event: EventOfTicket,
  orderId: Id.optional().meta({ description: 'To who bought it' }),
  tier: z.string().meta({ description: 'The name of its kind of ticket' }),
  seat: OrderItem.shape.seat,
  price: Money,
  currency: z.string(),
  name: z.string().optional().meta({ description: 'Who will come' }),
  status: AdmissionStatus,
  reason: z.enum([...CancelReason.options, 'blocked']).optional(),
  note: z.string().optional().meta({ description: 'Why it was blocked, in words of the team' }),
  code: z.string().optional().meta({ description: 'What the door reads: to be shown as a QR code' }),
  generation: z.int().min(1),
  enteredAt: Instant.optional(),
  back: Money.optional().meta({ description: 'What went back, of one that was returned' }),
  offer: z
    .object({ back: Money, until: Instant })
    .optional()
    .meta({ description: 'What goes back to who paid, if it is given back now, and until when it can be' }),
  offered: Instant.optional().meta({ description: 'Since when a way to hand it on is open' }),
});
export type AdmissionView = z.output<typeof AdmissionView>;

interface Seeing {
  signing: CodeKeyPair;
  now: Date;
  regretSeconds: number;
}

const CODED: readonly AdmissionStatus[] = ['valid', 'entered', 'out'];
export const hasCode = (status: AdmissionStatus): boolean => CODED.includes(status);

export const viewOf = (
  admission: Admission,
  event: KnownEvent,
  { signing, now, regretSeconds }: Seeing,
): AdmissionView => {
  const { _id: id, version, orderId, buyerId, holderId, tierId, generation, status, eventId } = admission;
  const { seat, price, currency, name, reason, note, back, claim, scans = [] } = admission;
  const enteredAt = firstIn(scans);
  const offer =
    status === 'valid' && event.status === 'published' && event.endsAt > now
      ? refundable(admission, event, now, regretSeconds)
      : undefined;
  return {
    id,
    version,
    event: EventOfTicket.parse(z.encode(EventOfTicket, { ...event, id: eventId })),
    ...(buyerId === holderId && { orderId }),
    tier: event.tiers.find((tier) => tier.id === tierId)?.name ?? '',
    ...(seat && { seat }),
    price,
    currency,
    ...(name !== undefined && { name }),
    status,
    ...(reason && { reason }),
    ...(note !== undefined && { note }),
    ...(hasCode(status) && { code: makeCode({ admissionId: id, eventId, generation }, signing) }),
    generation,
    ...(enteredAt && { enteredAt }),
    ...(back !== undefined && { back }),
    ...(offer && { offer }),
    ...(claim && { offered: claim.at }),
  };
};
