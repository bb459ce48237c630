import type { Change } from '../plant.ts';

/** A defect that somebody could plant: the simulation must find each. */
export interface Mutant extends Change {
  name: string;
  /** Where it shows soonest; any workload without it. */
  workload?: string;
  /** A second place in the same file. */
  also?: { old: string; new: string };
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the unique index is dropped',
    file: 'orders/src/model.ts',
    old: '{ unique: true, partialFilterExpression: { status: { $in: [...LIVE] } } }',
    new: '{ partialFilterExpression: { status: { $in: [...LIVE] } } }',
  },
  {
    name: 'replicate takes a duplicate key for older',
    file: 'common/src/replicate.ts',
    old: 'if (last) return false;',
    new: 'return last && false;',
  },
  {
    name: 'a lock toggles instead of deriving',
    file: 'tickets/src/commands.ts',
    old: 'branches: [',
    new: "branches: [{ case: { $literal: holdOf(status) === 'reserved' }, then: 'reserved' }, { case: { $literal: holdOf(status) === false }, then: 'available' },",
  },
  {
    name: 'a held ticket shows an edit that came after what was bought',
    file: 'tickets/src/commands.ts',
    old: "const slipped = { $lt: [{ $ifNull: ['$held.bought.ticketVersion', '$version'] }, '$version'] };",
    new: 'const slipped = { $lt: [1, 0] };',
  },
  {
    name: 'an edit that slipped in is forgotten by the next news of the order',
    file: 'tickets/src/commands.ts',
    old: "own: { $ifNull: ['$edited', { title: '$title', price: '$price' }] },",
    new: "own: { title: '$title', price: '$price' },",
  },
  {
    name: 'publish before write',
    file: 'common/src/record.ts',
    old: '    await records.insert(document);',
    new: '    if (told) records.outbox.relay(document._id, told.pending, told.event);\n    await records.insert(document);',
  },
  {
    name: 'a missed update is counted as done',
    file: 'common/src/record.ts',
    old: 'if (matched === 0) return null;',
    new: 'if (matched < 0) return null;',
  },
  {
    name: 'no sweeper',
    file: 'common/src/assemble.ts',
    old: 'run: () => box.sweep(sweepMs * 2)',
    new: 'run: () => Promise.resolve(box)',
  },
  {
    name: 'a marker is taken away by its document alone',
    file: 'common/src/outbox.ts',
    old: "{ _id: { $in: [...batch.values()] }, 'pending.id': { $in: [...batch.keys()] } },",
    new: '{ _id: { $in: [...batch.values()] } },',
  },
  {
    name: 'a sweep takes away the marker of the state that it told, not the one that it found',
    file: 'common/src/outbox.ts',
    old: 'if (event) return publish(_id, pending, event);',
    new: 'if (event) return publish(_id, { ...pending, id: `${_id}:${(event.data as { version: number }).version}` }, event);',
  },
  {
    name: 'what may be told later is kept in memory alone',
    file: 'common/src/record.ts',
    old: 'if (told) document.pending = told.pending;',
    new: 'if (told && !after) document.pending = told.pending;',
  },
  {
    name: 'a payment that stays open is never announced',
    file: 'payments/src/domain.ts',
    old: '< 60_000 ? 0 : 300;',
    new: '< 60_000 ? 0 : 300_000_000;',
  },
  {
    name: 'what is quiet takes the place of what is to be told',
    file: 'common/src/record.ts',
    old: '$set: without({ ...changes, ...marked, updatedAt: now }, gone),',
    new: '$set: without({ ...changes, pending: undefined, ...marked, updatedAt: now }, gone),',
  },
  {
    name: 'expiry ignores a payment in progress',
    file: 'orders/src/domain.ts',
    old: "if (order.extended) return cancelled('expired');",
    new: "return cancelled('expired');",
  },
  {
    name: 'a challenged payment gets no more than the grace',
    file: 'orders/src/domain.ts',
    old: '...(waits && until > order.expiresAt && { expiresAt: until, atBank: true }),',
    new: '...(waits && until > order.expiresAt && { atBank: true }),',
  },
  {
    name: 'the limit is counted before the insert alone',
    file: 'orders/src/commands/place.ts',
    old: 'refusal: tooMuch(order, held, deps.clock.now(), deps.limits),',
    new: 'refusal: tooMuch(order, NOTHING, deps.clock.now(), deps.limits),',
  },
  {
    name: 'the places of an account in a sale are not unique',
    file: 'orders/src/model.ts',
    old: 'unique: true, partialFilterExpression: { slot:',
    new: 'unique: false, partialFilterExpression: { slot:',
  },
  {
    name: 'allowances are not unique',
    workload: 'organizing',
    file: 'orders/src/model.ts',
    old: 'unique: true,\n    partialFilterExpression: { allowances',
    new: 'partialFilterExpression: { allowances',
  },
  {
    name: 'what seems taken is taken for truth',
    workload: 'organizing',
    file: 'orders/src/commands/places.ts',
    old: 'if (isRejection(order) && !hall.isFresh) {',
    new: 'if (isRejection(order) && hall.used.size < 0) {',
  },
  {
    name: 'uses of a code are counted before the write alone',
    workload: 'organizing',
    file: 'orders/src/domain/places.ts',
    old: '...(allowances.length > 0 && { allowances: [...allowances] }),',
    new: "...(allowances.length > 0 && { allowances: allowances.filter((one) => one.split('/').length > 2) }),",
  },
  {
    name: 'a place that is held back is sold',
    workload: 'organizing',
    file: 'orders/src/domain/choice.ts',
    old: '!taken[place] && ((whom[place] ?? 0) & forWhom) !== 0',
    new: '!taken[place] && forWhom >= FOR_ALL',
  },
  {
    name: 'the job of a cancelled event ends after one pass',
    workload: 'organizing',
    file: 'orders/src/domain/endings.ts',
    old: 'const over = done && began > until;',
    new: 'const over = began <= until || done;',
  },
  {
    name: 'an organizer’s edit does not look at the version that it was made from',
    workload: 'organizing',
    file: 'events/src/domain/team.ts',
    old: 'if (expected === undefined || [expected].flat().includes(event.version)) return undefined;',
    new: 'if (event) return undefined;',
  },
  {
    name: 'a charge is recorded without looking at the order afterwards',
    file: 'payments/src/commands/intents.ts',
    old: 'return returnIfOwed(payment, `payment:${payment._id}:charged`);',
    new: 'return payment;',
  },
  {
    name: 'place does not look at its tickets again after a deletion',
    workload: 'teasing',
    file: 'orders/src/commands/place.ts',
    old: 'withdrawn: now.some(({ deletedAt }) => deletedAt),',
    new: 'withdrawn: false,',
  },
  {
    name: "the idempotency key is looked up after the ticket's index",
    file: 'orders/src/commands/place.ts',
    old: 'if (isRejection(order)) return unlessRepeated(order);',
    new: 'if (isRejection(order)) return order;',
  },
  {
    name: 'no republication after the broker came back empty',
    file: 'common/src/republish.ts',
    old: 'restoring = republish(withMargin(lastHealthy))',
    new: 'restoring = Promise.resolve()',
  },
  {
    name: 'an inbox entry is marked done before its effect',
    workload: 'stubborn',
    file: 'common/src/inbox.ts',
    old: 'await handle(entry.subject, entry.message);',
    new: "await store.updateOne({ _id: entry._id }, { $set: { status: 'done' } });\n      await handle(entry.subject, entry.message);",
  },
  {
    name: "a refund without the event's id in the same write",
    file: 'payments/src/domain/refunds.ts',
    old: 'const decision = { cause, reason,',
    new: 'const decision = { cause: "", reason,',
  },
  {
    name: 'the last item leaves a live order',
    workload: 'organizing',
    file: 'orders/src/domain/returns.ts',
    old: 'if (rest.length === 0) {',
    new: 'if (rest.length < 0) {',
  },
  {
    name: 'a repeated request is refused when its ticket was withdrawn since',
    file: 'orders/src/commands/place.ts',
    workload: 'teasing',
    old: 'if (!earlier) return refusal;',
    new: "if (!earlier || earlier.reason === 'ticket-withdrawn') return refusal;",
  },
  {
    name: 'a failed refund is forgotten',
    workload: 'regretful',
    file: 'payments/src/domain/refunds.ts',
    old: "payment.status !== 'succeeded' && payment.status !== 'refunded'",
    new: "payment.status !== 'succeeded'",
  },
  {
    name: 'a retried refund ignores what the provider says is left',
    workload: 'regretful',
    file: 'payments/src/domain/refunds.ts',
    old: "closed - lost - sum(refunds.filter((made) => made.status !== 'failed'));",
    new: 'closed - lost;',
  },
  {
    name: 'an order is cancelled while its payment is disputed',
    workload: 'regretful',
    file: 'orders/src/domain.ts',
    old: "if (order.dispute?.status === 'open') return DISPUTED;",
    new: "if (order.dispute?.status === 'won') return DISPUTED;",
  },
  {
    name: 'a refund does not wait for the bank to decide a dispute',
    workload: 'regretful',
    file: 'payments/src/domain/refunds.ts',
    old: "refund?.status !== 'pending' || dispute?.status === 'open') return undefined;",
    new: "refund?.status !== 'pending' || (dispute && !dispute.status)) return undefined;",
  },
  {
    name: 'a lost dispute is not money that went back',
    workload: 'regretful',
    file: 'payments/src/domain/refunds.ts',
    old: 'Math.min(payment.amount, sum(standing) + lost)',
    new: 'Math.min(payment.amount, sum(standing))',
  },
  {
    name: 'a charge is retried under a new key',
    file: 'payments/src/gateway.ts',
    old: '`payment:${paymentId}:${step}`',
    new: '`payment:${paymentId}:${step}:${(globalThis as { tries?: number }).tries = ((globalThis as { tries?: number }).tries ?? 0) + 1}`',
  },
  {
    name: 'a key that was used for another request fails the payment',
    workload: 'hasty',
    file: 'payments/src/commands/intents.ts',
    old: "if (made !== 'key-used') return made;",
    new: "if (made === 'key-used') return { refused: made };\n    if (made) return made;",
  },
  {
    name: 'a lost answer to a refresh ends the session',
    file: 'auth/src/domain.ts',
    old: "presented === generation - 1 ? 'same-successor' : 'reuse'",
    new: "'reuse'",
  },
];
