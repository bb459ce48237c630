import type { Change } from '../plant.ts';

/** A defect that somebody could make: the verdict must see it. */
interface Mutant {
  /** What goes wrong meanwhile. */
  fault: string;
  /** The part of the verdict that it breaks. */
  breaks?: string;
  /** How long the suite may take to come to rest, in milliseconds, where it does in spite of the defect. */
  rest?: number;
  changes: readonly Change[];
}

export const MUTANTS: Record<string, Mutant> = {
  'no defect': { fault: 'a process is killed', changes: [] },
  'a ticket is sold again': {
    fault: 'a process is killed',
    breaks: 'a ticket is in one live order at most',
    changes: [
      {
        file: 'orders/src/model.ts',
        old: '{ unique: true, partialFilterExpression: { status: { $in: [...LIVE] } } }',
        new: '{ partialFilterExpression: { status: { $in: [...LIVE] } } }',
      },
      {
        file: 'orders/src/commands/tickets.ts',
        old: 'return holders.length > 0 ?',
        new: 'return holders.length > 1000 ?',
      },
    ],
  },
  'the money of a cancelled order is kept': {
    fault: 'a process is killed',
    breaks: 'money taken ends as a complete order or as a refund',
    changes: [
      {
        file: 'payments/src/service.ts',
        old: '() => sweepOwed(new Date(clock.now().getTime() - LOOK_BACK))',
        new: '() => Promise.resolve(0)',
      },
      {
        file: 'payments/src/handlers.ts',
        old: 'return stands ? undefined : endOrder(data.id, id);',
        new: 'return stands || data.status === "cancelled" ? undefined : endOrder(data.id, id);',
      },
    ],
  },
  'places that are held back are sold': {
    fault: 'a process is killed',
    breaks: 'places are sold as their event says',
    changes: [
      {
        file: 'orders/src/domain/places.ts',
        old: 'return over ? over.refusal : { event, lines, team, paidElsewhere, total, needs };',
        new: 'const open = { ...event, internal: { ...event.internal, held: [] } };\n  return over ? over.refusal : { event: open, lines, team, paidElsewhere, total, needs };',
      },
    ],
  },
  'no hold runs out': {
    fault: 'Redis comes back empty',
    breaks: 'an unpaid order ends in time',
    changes: [
      {
        file: 'orders/src/service.ts',
        old: "sweeper(metrics, 'expire-overdue', 2000, expireOverdue)",
        new: "sweeper(metrics, 'expire-overdue', 2000, () => Promise.resolve(0))",
      },
      {
        file: 'orders/src/handlers.ts',
        old: '({ data }) => expire(data.orderId)',
        new: '({ data }) => Promise.resolve(undefined)',
      },
    ],
  },
  'holds run out a minute late': {
    fault: 'a process is killed',
    breaks: 'an unpaid order ends in time',
    rest: 120_000,
    changes: [
      {
        file: 'orders/src/commands.ts',
        old: 'expiresAt: { $lte: clock.now() }',
        new: 'expiresAt: { $lte: new Date(clock.now().getTime() - 60_000) }',
      },
      {
        file: 'orders/src/handlers.ts',
        old: '({ data }) => expire(data.orderId)',
        new: '({ data }) => Promise.resolve(undefined)',
      },
    ],
  },
  'a replica misses an event in twenty': {
    fault: 'the broker is killed for a second',
    breaks: 'the services agree',
    changes: [
      {
        file: 'common/src/replicate.ts',
        old: '  const newer = () =>',
        new: '  if (Math.random() < 0.05) return false;\n  const newer = () =>',
      },
    ],
  },
  'an insert in ten is acknowledged and not made': {
    fault: 'a process is killed',
    breaks: 'an acknowledged write is never lost',
    changes: [
      {
        file: 'common/src/record.ts',
        old: '    await records.insert(document);',
        new: '    if (Math.random() < 0.9) await records.insert(document);',
      },
    ],
  },
  'a stream leaves out a change in ten': {
    fault: 'a process is killed',
    breaks: 'a stream tells every change',
    changes: [
      {
        file: 'common/src/http/stream.ts',
        old: 'const take = (token: string, document: T & Announced) => {',
        new: 'const take = (token: string, document: T & Announced) => {\n    if (Math.random() < 0.1) return;',
      },
    ],
  },
  'a bug throws': {
    fault: 'a process is killed',
    breaks: 'no answer is a bug',
    changes: [
      {
        file: 'orders/src/commands/tickets.ts',
        old: 'const onSale = await load(deps, ticketIds);',
        new: "if (Math.random() < 0.1) throw new Error('a bug'); const onSale = await load(deps, ticketIds);",
      },
    ],
  },
  'the bus connects once': {
    fault: 'the broker is killed for a second',
    breaks: 'the suite comes to rest',
    changes: [
      {
        file: 'common/src/bus/nats-streaming.ts',
        old: 'for (let failures = 0; isOpen();) {',
        new: 'for (let failures = 0; isOpen() && restoredSince === undefined;) {',
      },
    ],
  },
  'nobody is told that the broker is lost': {
    fault: 'the broker is killed for a second',
    breaks: 'an operator is told of it',
    changes: [
      {
        file: 'common/src/bus/nats-streaming.ts',
        old: "if (!stopping) log.warn({ err: reason, clientId }, 'lost the broker');",
        new: '',
      },
    ],
  },
};
