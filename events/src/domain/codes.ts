import type { CodeRule } from '@ticketing/common/contracts/event';
import { wrongDiscount } from '@ticketing/common/chargeable';
import { reject, type Rejection } from '@ticketing/common/rejection';
import type { Changes } from '@ticketing/common/record';
import { invalid } from './arrange.ts';
import { complaints } from './plan.ts';
import type { EventRecord, SoldTier } from './record.ts';
import { type Asker, EDITORS, refusal } from './team.ts';

/** A message carries them all. */
const MOST_CODES = 200;

/** A code by its keyed hash, with what it does. */
export const addCode =
  (user: Asker, code: CodeRule) =>
  (event: EventRecord): Changes<EventRecord> | Rejection => {
    const refused = refusal(user, event, EDITORS) ?? wrongCode(code, event);
    if (refused) return refused;
    const { codes } = event.internal;
    if (codes.some(({ hash }) => hash === code.hash))
      return reject('conflict', 'There is this code already', {
        errors: [{ field: 'code', message: 'must be another one' }],
      });
    if (codes.length >= MOST_CODES)
      return reject('conflict', `There are ${MOST_CODES} codes already: remove one`);
    return { internal: { ...event.internal, codes: [...codes, code] } };
  };

function wrongCode(
  { tierIds = [], amount }: CodeRule,
  { tiers, currency }: EventRecord,
): Rejection | undefined {
  const { errors, complain } = complaints();
  tierIds.forEach((id, at) => {
    if (!tiers.some((tier) => tier.id === id)) complain(`tierIds.${at}`, 'must be a tier of this event');
  });
  const amiss = amount === undefined ? undefined : wrongDiscount(amount, currency);
  if (amiss !== undefined) complain('amount', amiss);
  return invalid(errors);
}

export const removeCode =
  (user: Asker, codeId: string) =>
  ({ ...event }: EventRecord): Changes<EventRecord> | Rejection => {
    const refused = refusal(user, event, EDITORS);
    if (refused) return refused;
    const codes = event.internal.codes.filter(({ id }) => id !== codeId);
    if (codes.length === event.internal.codes.length)
      return reject('not-found', `There is no code ${codeId}`);
    return { internal: { ...event.internal, codes } };
  };

export const NO_CODE = reject('not-found', 'There is no such code', {
  errors: [{ field: 'code', message: 'is not known to this event' }],
});

/** What a code opens, for somebody who has it: the tiers that it is for, also hidden ones. */
export const codeOf = (
  { internal, tiers, status }: Pick<EventRecord, 'internal' | 'tiers' | 'status'>,
  hash: string,
): { rule: CodeRule; tiers: SoldTier[] } | Rejection => {
  const rule = internal.codes.find((one) => one.hash === hash);
  if (!rule || status === 'draft') return NO_CODE;
  const { tierIds } = rule;
  return { rule, tiers: tiers.filter(({ id, hidden }) => (tierIds ? tierIds.includes(id) : !hidden)) };
};
