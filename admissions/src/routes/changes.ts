import { LETTERS } from '../domain/snapshot.ts';
import type { Admission } from '../domain/record.ts';

/** Whom the stream tells of all tickets of an event: its doors. */
export const doorsOf = (eventId: string): string => `doors of ${eventId}`;

/**
 * What the stream tells: a door what its snapshot has of a ticket; a holder that it changed, and whether it is theirs: what of it,
 * they ask for.
 */
export const changeFor = (
  { _id: id, version, eventId, status, holderId, generation, name, scans, conflict }: Admission,
  reader: string | undefined,
): object =>
  reader === doorsOf(eventId)
    ? {
        id,
        version,
        status: LETTERS[status],
        generation,
        ...(name !== undefined && { name }),
        ...(scans && {
          scans: scans.map(({ at, door, ...scan }) => ({ id: scan.id, kind: scan.kind, at, door })),
        }),
        ...(conflict && { conflict }),
      }
    : { id, version, eventId, userId: reader, status: holderId === reader ? status : 'gone' };
