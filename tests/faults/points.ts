import type { Change } from '../plant.ts';

/** Where a process can be told to die: the source in which it stands, and before which line. */
interface Point {
  file: string;
  before: string;
  services: readonly string[];
}

const OWNERS = ['events', 'tickets', 'orders', 'payments', 'admissions'];

export const POINTS = {
  'after a first write, before its publication': {
    file: 'common/src/record.ts',
    before: 'if (told) records.outbox.relay(document._id,',
    services: OWNERS,
  },
  'after a change, before its publication': {
    file: 'common/src/record.ts',
    before: 'if (told) records.outbox.relay(before._id,',
    services: OWNERS,
  },
  'after the publication, before the outbox knows': {
    file: 'common/src/outbox.ts',
    before: 'published.set(pending.id, documentId);',
    services: OWNERS,
  },
  'after many publications, before their markers are taken away': {
    file: 'common/src/outbox.ts',
    before: 'await store.updateMany(',
    services: OWNERS,
  },
  "after a handler's write, before its acknowledgement": {
    file: 'common/src/consume.ts',
    before: "metrics.count('events_handled_total', { service, subject, outcome });",
    services: ['tickets', 'orders', 'payments', 'expiration', 'admissions'],
  },
  'after the intent, before the charge': {
    file: 'payments/src/commands.ts',
    before: 'const since = (moment: Date) =>',
    services: ['payments'],
  },
  'after the charge, before its record': {
    file: 'payments/src/commands.ts',
    before: "return 'refused' in confirmed ? giveUp(begun",
    services: ['payments'],
  },
  'after the refund, before its record': {
    file: 'payments/src/commands/refunds.ts',
    before: "refusal = 'refused' in answer",
    services: ['payments'],
  },
} as const satisfies Record<string, Point>;

export type PointName = keyof typeof POINTS;

/** The file that a service's next process to pass a point takes away as it dies. */
export const orderOf = (service: string, point: string) =>
  `${service} ${point.replaceAll(/[^a-z]+/g, '-')}.order`;

export const plantedPoints: readonly Change[] = Object.entries(POINTS).map(([name, { file, before }]) => ({
  file,
  old: before,
  new: `diesAt(${JSON.stringify(name)}); ${before}`,
}));
