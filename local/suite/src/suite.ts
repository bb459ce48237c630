import { admissions } from '@ticketing/admissions/service';
import { auth } from '@ticketing/auth/service';
import type { Service } from '@ticketing/common/service';
import { events } from '@ticketing/events/service';
import { expiration } from '@ticketing/expiration/service';
import { memoryTimers } from '@ticketing/expiration/timers-memory';
import { orders } from '@ticketing/orders/service';
import { payments } from '@ticketing/payments/service';
import { openStripe } from '@ticketing/payments/stripe';
import { tickets } from '@ticketing/tickets/service';
import { z } from 'zod';

/** The modular monolith: the same services as the pods, a longer list, timers of this process. */
export const suite: readonly Service[] = [
  auth(),
  events,
  tickets,
  orders,
  payments(openStripe),
  expiration(z.object({}), (_config, { clock }) => memoryTimers(clock)),
  admissions,
];
