import { ANYBODY, forgetTyped, keepValues, typedBefore } from '../session/typed.ts';
import { type Basket, isEmpty } from './basket.ts';
import type { Glimpse } from './glimpse.ts';

/** How a choice is kept: one that another release wrote in another way is let go. */
const FORM = '1';

/** What somebody has chosen of an event, with which code, and what they had looked at. */
export interface Chosen {
  basket: Basket;
  /** Empty without one. */
  code: string;
  seen: Glimpse;
}

const nameOf = (eventId: string) => `event ${eventId}`;

export const forgetChoice = (eventId: string): void => forgetTyped(nameOf(eventId));

/** Keeps it in this tab alone, in no address and no history; as long as nobody has signed in, for who does. */
export function keepChoice(eventId: string, by: string | undefined, chosen: Chosen): void {
  if (!isEmpty(chosen.basket) || chosen.code !== '')
    keepValues(nameOf(eventId), by ?? ANYBODY, { form: FORM, chosen: JSON.stringify(chosen) });
  // What somebody chose whose session has ended waits for them.
  else if (choiceBefore(eventId, by)) forgetChoice(eventId);
}

export function choiceBefore(eventId: string, by: string | undefined): Chosen | undefined {
  const { form, chosen } = typedBefore(nameOf(eventId), by) ?? {};
  return form === FORM && chosen !== undefined ? (JSON.parse(chosen) as Chosen) : undefined;
}
