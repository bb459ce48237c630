import type { z } from 'zod';
import { ExpirationComplete } from '@ticketing/common/contracts/expiration';
import { defineService, type Ports } from '@ticketing/common/service';
import { handlers } from './handlers.ts';
import type { Timers } from './timers.ts';

/** Timers of unpaid orders. Keeps nothing but them, and says when one is due; `orders` decides what that means. */
export const expiration = <S extends z.ZodObject>(
  config: S,
  openTimers: (config: z.output<S>, ports: Pick<Ports, 'clock' | 'log'>) => Timers,
) =>
  defineService({
    name: 'expiration',
    config,
    database: false,
    setup({ config, publish, clock, log }) {
      const timers = openTimers(config, { clock, log });
      timers.start((orderId, expiresAt) => publish(ExpirationComplete({ orderId, expiresAt })));
      return {
        handlers: handlers(timers),
        degraded: () => (timers.connected ? [] : ['redis']),
        close: () => timers.close(),
      };
    },
  });
