import { z } from 'zod';
import { Id } from '../contracts/message.ts';

/** Several ids as one parameter of a query, with commas between them. */
export const idsIn = (most: number, of: string) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(Id).min(1).max(most))
    .meta({
      description: `${of}: at most ${most} ids with commas between them`,
      type: 'string',
      pattern: `^[0-9a-f]{24}(,[0-9a-f]{24}){0,${most - 1}}$`,
    });
