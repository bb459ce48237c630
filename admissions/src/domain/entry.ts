import type { Changes } from '@ticketing/common/record';
import type { Admission, Scan, ScanKind } from './record.ts';

/** What a door is told, online and off: `welcome` lets in, `goodbye` lets out, nothing else does. */
export const VERDICTS = [
  'welcome',
  'goodbye',
  'undone',
  'already-in',
  'not-in',
  'no-way-back',
  'returned',
  'revoked',
  'listed',
  'replaced',
  'other-event',
  'not-ours',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A code was shown, or a ticket was found by name. */
export interface Shown extends Scan {
  /** Of the code; without one the door found it by name. */
  generation?: number | undefined;
  /** The device had no network, and has already let them in or out. */
  done?: boolean | undefined;
}

export interface Entry {
  verdict: Verdict;
  /** Since when, and by which door: of who is in. */
  since?: Date;
  door?: string;
  /** Not all that happened with this ticket can have been right: look. */
  conflict?: true;
}

/** So many of one ticket are kept: more than a day of going out for air. */
const KEPT = 100;
const MEANT = { in: 'welcome', out: 'goodbye', undo: 'undone' } as const satisfies Record<ScanKind, Verdict>;

interface Walk {
  place: 'valid' | 'entered' | 'out';
  /** When they came in last, if they are in. */
  last?: Scan;
  /** A copy came in, or somebody who could not come again. */
  twice: boolean;
}

/** Who came and went, without what was undone. */
const standing = (scans: readonly Scan[]): Scan[] => {
  const undone = new Set(scans.flatMap(({ of }) => of ?? []));
  return scans.filter(({ id, kind }) => kind !== 'undo' && !undone.has(id));
};

/** Where somebody is after all that happened at the doors, in the order of its times, in whichever order it was heard. */
export function walk(scans: readonly Scan[], again: boolean): Walk {
  return standing(scans)
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .reduce<Walk>(
      (so, scan) => {
        if (scan.kind === 'out') return { place: 'out', twice: so.twice };
        if (so.place === 'entered') return { ...so, twice: true };
        return { place: 'entered', last: scan, twice: so.twice || (so.place === 'out' && !again) };
      },
      { place: 'valid', twice: false },
    );
}

/** When they came in first. */
export const firstIn = (scans: readonly Scan[]): Date | undefined => {
  const times = standing(scans).flatMap(({ kind, at }) => (kind === 'in' ? [at.getTime()] : []));
  return times.length > 0 ? new Date(Math.min(...times)) : undefined;
};

/** The last time that they came in. */
export const lastIn = (scans: readonly Scan[]): Scan | undefined =>
  scans
    .filter(({ kind }) => kind === 'in')
    .reduce<Scan | undefined>((last, scan) => (last && last.at > scan.at ? last : scan), undefined);

type Movable = Pick<Admission, 'status' | 'generation' | 'scans' | 'conflict'>;

/** What a door may do now with what it was shown; `again`: who went out may come in again. */
export function verdictOf(
  { status, generation, scans = [], conflict }: Movable,
  { id, kind, of, generation: shown }: Pick<Shown, 'id' | 'kind' | 'of' | 'generation'>,
  again: boolean,
): Entry {
  const look = conflict && ({ conflict } as const);
  if (scans.some((scan) => scan.id === id)) return { verdict: MEANT[kind], ...look };
  if (kind === 'undo')
    return { verdict: scans.some((scan) => scan.id === of) ? 'undone' : 'not-in', ...look };
  if (shown !== undefined && shown < generation) return { verdict: 'replaced' };
  switch (status) {
    case 'valid':
      return { verdict: kind === 'in' ? 'welcome' : 'not-in', ...look };
    case 'out':
      if (kind === 'out') return { verdict: 'not-in', ...look };
      return { verdict: again ? 'welcome' : 'no-way-back', ...look };
    case 'entered': {
      if (kind === 'out') return { verdict: 'goodbye', ...look };
      const { last } = walk(scans, again);
      return { verdict: 'already-in', ...(last && { since: last.at, door: last.door }), ...look };
    }
    case 'listed':
    case 'returned':
    case 'revoked':
      return { verdict: status, ...look };
  }
}

/**
 * One write decides: the first is welcome, and its repeat too. Whom a device without a network let in against what is
 * known here is noted with its conflict: nothing that happened is dropped.
 */
export const enter =
  (shown: Shown, again: boolean) =>
  (admission: Admission): Changes<Admission> => {
    const { scans = [], generation, status, reason } = admission;
    if (scans.some(({ id }) => id === shown.id)) return {};
    const granted = verdictOf(admission, shown, again).verdict === MEANT[shown.kind];
    if (!granted && !shown.done) return {};
    const { id, kind, of, at, door, by } = shown;
    const after = [...scans, { id, kind, ...(of !== undefined && { of }), at, door, by }].slice(-KEPT);
    const { place, twice } = walk(after, again);
    const isOut = status === 'returned' || status === 'revoked' || status === 'listed';
    const lost = reason !== undefined && place !== 'entered';
    return {
      scans: after,
      ...(!isOut && { status: lost ? 'revoked' : place }),
      ...((twice || isOut || !granted) && kind !== 'undo' && { conflict: true }),
      ...(shown.generation !== undefined &&
        shown.generation > generation && { generation: shown.generation }),
      ...(kind === 'in' && { claim: undefined }),
    };
  };
