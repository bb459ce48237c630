import { z } from 'zod';
import { defineMessage, Id, Instant, Version } from './message.ts';
import { Money } from './money.ts';

export const AdmissionStatus = z.enum(['valid', 'listed', 'entered', 'out', 'returned', 'revoked']);
export type AdmissionStatus = z.infer<typeof AdmissionStatus>;

/** The right of one person to enter an event, made when a place is paid: what services need of it. */
export const AdmissionState = z.object({
  id: Id,
  version: Version,
  eventId: Id,
  /** What it was bought with, and as which of its items. */
  orderId: Id,
  placeId: Id,
  tierId: Id,
  holderId: Id,
  status: AdmissionStatus,
  generation: z.int().min(1).meta({ description: 'Of its code: those of a lower one are dead' }),
  back: Money.optional().meta({ description: 'Of one that was returned: what goes back to who paid for it' }),
  createdAt: Instant,
  updatedAt: Instant,
});
export type AdmissionState = z.output<typeof AdmissionState>;

export const AdmissionIssued = defineMessage('admission:issued', AdmissionState);
export const AdmissionChanged = defineMessage('admission:changed', AdmissionState);
