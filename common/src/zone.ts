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
