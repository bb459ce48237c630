import { z } from 'zod';
import { defineMessage, Id, Instant, Version } from './message.ts';

/** What every service may know of an account (ADR 38): never its address, nor what lets somebody in. */
export const AccountState = z.object({
  id: Id,
  version: Version,
  /** As its owner wants to be called by others; until they say so, nobody knows. */
  name: z.string().optional(),
  /** In whose days its owner counts, as an IANA name. */
  zone: z.string().optional(),
  /** Present on a tombstone, which tells nothing else. */
  deletedAt: Instant.optional(),
});

export const AccountCreated = defineMessage('account:created', AccountState);
export const AccountChanged = defineMessage('account:changed', AccountState);
/** Nothing deletes accounts as yet: who hears of them can do so already. */
export const AccountDeleted = defineMessage('account:deleted', AccountState);

/** All that tells the state of an account. */
export const ACCOUNT_MESSAGES = [AccountCreated, AccountChanged, AccountDeleted] as const;
