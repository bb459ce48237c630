import { codeHash } from './codes.ts';
import type { CodeRule, EventState, Pool, Tier } from './contracts/event.ts';
import type { OrderState } from './contracts/order.ts';
import { placeId } from './places.ts';
import { systemIds } from './runtime.ts';
import { TEST_KEYS } from './testing.ts';

const HOUR = 3600_000;
const pool = () => systemIds.next().slice(0, 8) + Math.random().toString(16).slice(2, 10).padEnd(8, '0');

/** A pool of rows with so many seats each. */
export const rows = (...seats: number[]): Pool => ({
  id: 'a'.repeat(16),
  capacity: seats.reduce((sum, n) => sum + n, 0),
  blocks: [{ name: 'A', rows: seats.map((n, row) => ({ label: `${row + 1}`, seats: n })) }],
});

export interface Given extends Partial<Omit<EventState, 'internal' | 'tiers'>> {
  tiers?: Partial<Tier>[];
  capacity?: number;
  codes?: (Partial<CodeRule> & { code: string })[];
  held?: { from: number; to: number }[];
  team?: EventState['internal']['team'];
}

/** An event with one pool, of which its tiers sell; the first tier is general, at 25.00. */
export function eventWith({
  tiers = [{}],
  capacity = 4,
  codes = [],
  held = [],
  team = [],
  ...given
}: Given = {}): EventState {
  const id = given.id ?? systemIds.next();
  const pools = given.pools ?? [{ id: pool(), capacity }];
  const poolId = pools[0]?.id ?? pool();
  const at = new Date();
  const ownerId = team.find(({ role }) => role === 'owner')?.userId ?? systemIds.next();
  return {
    version: 0,
    status: 'published',
    title: 'Evening of songs',
    category: 'music',
    organizer: { name: 'The hall' },
    venue: { name: 'Hall', city: 'Bern' },
    zone: 'Europe/Zurich',
    startsAt: new Date(at.getTime() + 24 * HOUR),
    endsAt: new Date(at.getTime() + 27 * HOUR),
    currency: 'usd',
    createdAt: at,
    updatedAt: at,
    pools,
    ...given,
    tiers: tiers.map((tier) => ({ id: systemIds.next(), name: 'Standing', poolId, price: 2500, ...tier })),
    id,
    internal: {
      ownerId,
      team: [{ userId: ownerId, role: 'owner' }, ...team.filter(({ role }) => role !== 'owner')],
      held: held.map((range) => ({ poolId, ...range })),
      codes: codes.map(({ code, ...rule }) => ({
        id: systemIds.next(),
        hash: codeHash(TEST_KEYS.CODE_KEY, id, code),
        ...rule,
      })),
    },
  };
}

/** A complete order of so many places of the first tier of an event, from the `first` on, as `orders` tells of it. */
export function orderOf(
  { id: saleId, title, internal, tiers }: EventState,
  userId: string,
  count: number,
  given: Partial<OrderState> = {},
  first = 0,
): OrderState {
  const [tier] = tiers;
  if (!tier) throw new Error('An order needs a tier');
  const now = given.completedAt ?? new Date();
  return {
    id: systemIds.next(),
    version: 1,
    userId,
    saleId,
    status: 'complete',
    items: Array.from({ length: count }, (_, n) => ({
      ticketId: placeId(tier.poolId, first + n),
      ticketVersion: 0,
      title,
      price: tier.price,
      sellerId: internal.ownerId,
      kind: 'place' as const,
      tierId: tier.id,
      ...(tier.taxRate !== undefined && { taxRate: tier.taxRate }),
    })),
    total: count * tier.price,
    currency: 'usd',
    expiresAt: now,
    completedAt: now,
    createdAt: now,
    updatedAt: now,
    ...given,
  };
}
