import { forgetTyped, keepValues, typedBefore } from '../session/typed.ts';
import type { Draft } from './draft.ts';

/** How drafts are kept: one that another release wrote in another way is let go. */
const FORM = '1';

/** What somebody was typing, and from what: the event as they saw it, of which version. */
export interface Typing {
  draft: Draft;
  base: Draft;
  version: number | undefined;
}

/** The same after the page itself has changed the event beside it; where others did as well, they meet when it is saved. */
export const followed = (typing: Typing, version: number): Typing =>
  typing.version !== undefined && version === typing.version + 1 ? { ...typing, version } : typing;

const nameOf = (eventId: string | undefined) => `organize ${eventId ?? 'new'}`;

export const keepTyping = (eventId: string | undefined, by: string | undefined, typing: Typing): void =>
  keepValues(nameOf(eventId), by, { form: FORM, typing: JSON.stringify(typing) });

/** What the same person typed in this tab and did not save. */
export function typingBefore(eventId: string | undefined, by: string | undefined): Typing | undefined {
  const { form, typing } = typedBefore(nameOf(eventId), by) ?? {};
  return form === FORM && typing !== undefined ? (JSON.parse(typing) as Typing) : undefined;
}

export const forgetTyping = (eventId: string | undefined): void => forgetTyped(nameOf(eventId));
