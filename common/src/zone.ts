import { z } from 'zod';

const WRONG = 'must be the name of a time zone, such as Europe/Berlin';
/** Names of the IANA database, not offsets, which know nothing of a change of clocks. */
const NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;

const isKnown = (timeZone: string) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
};

/** The IANA name of a time zone, as this Node knows them: what every service takes for one. */
export const Zone = z
  .string(WRONG)
  .max(64, { error: WRONG, abort: true })
  .regex(NAME, { error: WRONG, abort: true })
  .refine(isKnown, WRONG)
  .meta({ description: 'The IANA name of a time zone, such as `Europe/Berlin`' });

/** What `times.ts` calls one. */
export const LocalTime = z
  .string()
  .regex(
    /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?:[+-](?:0\d|1[0-4]):[0-5]\d)?$/,
    'must be a local time such as 2026-06-01T20:00',
  )
  .meta({
    description:
      'What clocks show in `zone`; where they show it twice, as they are put back, with its offset: `2026-10-25T02:30+01:00`',
  });
