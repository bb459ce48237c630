import type { AdmissionStatus } from '@ticketing/common/contracts/admission';
import type { EventState } from '@ticketing/common/contracts/event';
import type { CancelReason } from '@ticketing/common/contracts/order';
import type { Recorded } from '@ticketing/common/record';
import type { Replica } from '@ticketing/common/replicate';

/** What `admissions` keeps of an event: all of it. */
export interface KnownEvent extends Replica, Omit<EventState, 'id' | 'version'> {}

/** The right of one person to enter an event. */
export interface Admission extends Recorded {
  eventId: string;
  orderId: string;
  placeId: string;
  tierId: string;
  seat?: { block: string; row: string; seat: string };
  /** What was paid for it, in minor units: nothing where that was elsewhere. */
  price: number;
  currency: string;
  /** The tax that was in it, in hundredths of a percent. */
  taxRate?: number;
  /** Who paid: whom the money goes back to. */
  buyerId: string;
  soldAt: Date;
  holderId: string;
  /** Who held it before: told that it is no longer theirs. */
  formerId?: string;
  /** Who will come, in the holder's words; for the holder and the door alone. */
  name?: string;
  /** By which the door finds it. */
  words?: string[];
  /** Of its code, from 1: handing on, resale and another issue raise it, and those of before are dead. */
  generation: number;
  status: AdmissionStatus;
  /** Why it was revoked: its order ended so, it was taken out of it, or the team blocked it. */
  reason?: CancelReason | 'blocked';
  note?: string;
  back?: number;
  /** The way to hand it on that is open: SHA-256 of its secret. */
  claim?: { hash: string; at: Date };
  /** Who came in and went out, by the time at which they did. */
  scans?: Scan[];
  /** Somebody came in who should not have, or twice, or lost the right to it inside: for the team to look at. */
  conflict?: boolean;
}

export type ScanKind = 'in' | 'out' | 'undo';

/** What happened at a door: whom it refused is not noted. */
export interface Scan {
  /** Made by the device: a repeat has the same. */
  id: string;
  kind: ScanKind;
  /** The one that it undoes. */
  of?: string;
  /** By the device's clock, corrected. */
  at: Date;
  door: string;
  by: string;
}
