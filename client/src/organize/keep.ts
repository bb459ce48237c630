import { forgetTyped, keepValues, typedBefore } from '../session/typed.ts';
import { blank, type Draft } from './draft.ts';

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
  if (form !== FORM || typing === undefined) return undefined;
  const { draft, base, version } = JSON.parse(typing) as Typing;
  return { draft: whole(draft), base: whole(base), version };
}

/** With what a release before did not ask for. */
const whole = (draft: Draft): Draft => ({ ...draft, plain: { ...blank('', '').plain, ...draft.plain } });

export const forgetTyping = (eventId: string | undefined): void => forgetTyped(nameOf(eventId));
