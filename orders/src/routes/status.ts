import { z } from 'zod';
import { OrderStatus } from '@ticketing/common/contracts/order';
import { UNPAID } from '../domain.ts';

/** Which orders a list is of, by what became of them. */
export const statusIn = (held: 'tickets' | 'places') =>
  z
    .enum([...OrderStatus.options, 'unpaid'])
    .optional()
    .meta({
      description: `Only orders that are so; \`unpaid\` are those that hold ${held} and are to be paid`,
    });

/** The same as a filter. */
export const statusIs = (status: z.output<ReturnType<typeof statusIn>>) =>
  status === undefined ? {} : { status: status === 'unpaid' ? { $in: UNPAID } : status };
