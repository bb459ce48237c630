import type {
  CodeRule,
  EventState,
  EventStatus,
  Places,
  Pool,
  TeamRole,
  Tier,
} from '@ticketing/common/contracts/event';
import type { Recorded } from '@ticketing/common/record';
import type { LocalTime } from '@ticketing/common/times';

/** An event as it is kept: what the contract tells, beside it what was meant by the moments that it tells, and what is told to nobody. */
export interface EventRecord extends Recorded {
  status: EventStatus;
  title: string;
  description?: string;
  category: string;
  organizer: EventState['organizer'];
  venue: EventState['venue'];
  zone: string;
  starts: LocalTime;
  startsAt: Date;
  ends: LocalTime;
  endsAt: Date;
  currency: string;
  pools: Pool[];
  tiers: SoldTier[];
  marks?: Mark[];
  /** One picture in several widths, smallest first, each by what it holds; beside it how large each is. */
  pictures?: string[];
  pictureSizes?: Size[];
  returns?: Returns;
  reentry?: boolean;
  postponedFrom?: Date;
  internal: Internal;
  publishedAt?: Date;
  /** The version that was the first to be told. */
  publishedVersion?: number;
  /** How others join the team. */
  links: Link[];
  /** What lists find it by: words of title, description and venue, its city, and the prices that are no secret. */
  words: string[];
  cityKey: string;
  prices: number[];
  idempotencyKey?: string;
  requestHash?: string;
}

export type SoldTier = Tier & { opens?: LocalTime; closes?: LocalTime };
/** In pixels. */
export type Size = { width: number; height: number };
export type Pictures = Pick<EventRecord, 'pictures' | 'pictureSizes'>;
export type Mark = Places & { mark: 'accessible' | 'companion' };
export type Returns = { until: Date; local: LocalTime; feePercent: number };
export type Internal = { ownerId: string; team: Member[]; held: Places[]; codes: CodeRule[] };
export type Member = { userId: string; role: TeamRole };

/** A way into the team: whoever has what it is the hash of, so many times and so long. */
export interface Link {
  id: string;
  hash: string;
  role: Exclude<TeamRole, 'owner'>;
  expiresAt: Date;
  uses: number;
  used: number;
}

/** What an organizer asks for. */
export interface Wanted {
  title: string;
  description?: string | undefined;
  category: string;
  organizer: { name: string; address?: string | undefined; taxNumber?: string | undefined };
  venue: { name: string; address?: string | undefined; city: string; country?: string | undefined };
  zone: string;
  starts: LocalTime;
  ends: LocalTime;
  currency?: string | undefined;
  pools: readonly WantedPool[];
  tiers: readonly WantedTier[];
  returns?: WantedReturns | undefined;
  reentry?: boolean | undefined;
}

export interface Range {
  from: number;
  to: number;
}

export interface WantedPool {
  id?: string | undefined;
  capacity?: number | undefined;
  blocks?: readonly WantedBlock[] | undefined;
  held?: readonly Range[] | undefined;
  marks?: readonly (Range & { mark: Mark['mark'] })[] | undefined;
}

export interface WantedBlock {
  name: string;
  rows: readonly { label: string; seats: number; names?: readonly string[] | undefined }[];
}

export interface WantedTier {
  id?: string | undefined;
  name: string;
  /** Its pool by its id, or by where it stands among `pools`, from 0. */
  poolId?: string | undefined;
  pool?: number | undefined;
  price: number;
  taxRate?: number | undefined;
  hidden?: boolean | undefined;
  opens?: LocalTime | undefined;
  closes?: LocalTime | undefined;
  /** `null` is none, also where one is usual. */
  limit?: number | null | undefined;
}

export interface WantedReturns {
  until: LocalTime;
  feePercent?: number | undefined;
}

/** The version that a change was made from, or any of several. */
export type Expected = number | readonly number[] | undefined;
