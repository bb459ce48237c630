import type { AdmissionStatus } from '@ticketing/common/contracts/admission';
import { seatName } from '@ticketing/common/places';
import type { Admission, KnownEvent } from './record.ts';

/** What is read for it. */
export const OF_SNAPSHOT = {
  generation: 1,
  status: 1,
  tierId: 1,
  seat: 1,
  name: 1,
  scans: 1,
  conflict: 1,
} as const;

/** A letter each, as a device keeps thousands. */
export const LETTERS = {
  valid: 'v',
  entered: 'e',
  out: 'o',
  listed: 'l',
  returned: 'r',
  revoked: 'x',
} as const satisfies Record<AdmissionStatus, string>;

/**
 * All admissions of an event for a device at a door that may have no network: column by column, in the order of their ids, some
 * 40 bytes for each. Texts come once each.
 */
export interface Snapshot {
  /** 12 bytes each, in Base64. */
  ids: string;
  /** Two bytes each, the greater first, in Base64. */
  generations: string;
  /** A letter each. */
  statuses: string;
  /** Of each, which of `tiers`. */
  tiers: { names: string[]; of: number[] };
  /** What is not there is null. */
  seats: (string | null)[];
  names: (string | null)[];
}

export function snapshotOf(admissions: readonly Admission[], { tiers }: Pick<KnownEvent, 'tiers'>): Snapshot {
  const ids = Buffer.alloc(admissions.length * 12);
  const generations = Buffer.alloc(admissions.length * 2);
  const index = new Map(tiers.map(({ id }, n) => [id, n]));
  for (const [n, { _id, generation }] of admissions.entries()) {
    ids.write(_id, n * 12, 'hex');
    generations.writeUInt16BE(generation, n * 2);
  }
  return {
    ids: ids.toString('base64'),
    generations: generations.toString('base64'),
    statuses: admissions.map(({ status }) => LETTERS[status]).join(''),
    tiers: {
      names: tiers.map(({ name }) => name),
      of: admissions.map(({ tierId }) => index.get(tierId) ?? -1),
    },
    seats: admissions.map(({ seat }) => (seat ? seatName(seat) : null)),
    names: admissions.map(({ name }) => name ?? null),
  };
}
