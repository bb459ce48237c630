import { expect, test } from '@jest/globals';
import type { EventView, Tier } from '../../src/api/types.ts';
import { checklist, nextStep, stageOf } from '../../src/organize/checklist.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const tier = (more: Partial<Tier> = {}): Tier => ({
  id: 't',
  name: 'One',
  poolId: 'p',
  price: 2500,
  ...more,
});
const event = (more: Partial<EventView> = {}): EventView => ({
  id: 'e',
  version: 0,
  status: 'draft',
  title: 'Talk',
  category: 'other',
  organizer: { name: 'We' },
  venue: { name: 'Hall', city: 'Bath' },
  zone: 'Europe/London',
  starts: '2026-06-02T20:00',
  startsAt: '2026-06-02T19:00:00.000Z',
  ends: '2026-06-02T22:00',
  endsAt: '2026-06-02T21:00:00.000Z',
  currency: 'gbp',
  pools: [{ id: 'p', capacity: 10 }],
  tiers: [tier()],
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const missing = (more: Partial<EventView>) =>
  checklist(event(more), NOW)
    .filter(({ done }) => !done)
    .map(({ name, needed }) => (needed ? `${name}!` : name));

const GOOD: Partial<EventView> = {
  description: 'Well.',
  pictures: [{ href: '/a', width: 1, height: 1 }],
  venue: { name: 'Hall', city: 'Bath', address: 'Bath Street 1' },
  organizer: { name: 'We', address: 'Bath' },
  returns: { until: '2026-06-01T12:00:00.000Z', local: '2026-06-01T13:00', feePercent: 0 },
};

test.each<[string, Partial<EventView>, string[]]>([
  ['that has all', GOOD, []],
  ['without tickets', { ...GOOD, tiers: [] }, ['Tickets!']],
  ['that would be over', { ...GOOD, endsAt: '2026-06-01T11:00:00.000Z' }, ['A date that is to come!']],
  [
    'all of whose tickets are hidden',
    { ...GOOD, tiers: [tier({ hidden: true })] },
    ['A ticket that people see'],
  ],
  [
    'whose code shows a hidden one',
    { ...GOOD, tiers: [tier({ hidden: true })], codes: [{ id: 'c', tierIds: ['t'] }] },
    [],
  ],
  ['with tax', { ...GOOD, tiers: [tier({ taxRate: 1900 })] }, ['A tax number']],
  ['with seats', { ...GOOD, pools: [{ id: 'p', capacity: 1, blocks: [] }] }, ['Accessible places']],
  [
    'that is free',
    { ...GOOD, tiers: [tier({ price: 0 })], organizer: { name: 'We' }, returns: undefined },
    [],
  ],
  [
    'of which little is said',
    {},
    ['A description', 'A picture', 'The address of the venue', 'Who sells', 'When people may give back'],
  ],
] as [string, Partial<EventView>, string[]][])('an event %s', (_, more, names) =>
  expect(missing(more)).toEqual(names),
);

test.each<[Partial<EventView>, string, string]>([
  [{ tiers: [] }, 'draft', 'Add tickets'],
  [{}, 'draft', 'Look it over and publish it'],
  [{ endsAt: '2026-06-01T12:00:00.000Z' }, 'draft', 'Give it another date'],
  [{ status: 'published' }, 'sale', 'See how it sells'],
  [{ status: 'published', endsAt: '2026-06-01T12:00:00.000Z' }, 'over', 'Copy it for another date'],
  [{ status: 'cancelled' }, 'cancelled', 'See what went back'],
])('%j stands at %s: %s', (more, stage, next) =>
  expect([stageOf(event(more), NOW), nextStep(event(more), NOW)]).toEqual([stage, next]),
);
