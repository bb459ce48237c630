import { type Card, cardByToken, type CardForm, readCard } from './cards.ts';
import { isApiError } from './errors.ts';
import { idFrom, type Store } from './store.ts';

/** A documented token, or a payment method that a card form made. */
export const findCard = async ({ methods }: Store, method: string): Promise<Card | undefined> =>
  cardByToken(method) ?? (await methods.findOne({ _id: method }))?.card;

export const createMethod = async ({ methods }: Store, form: CardForm, key: string, now: number) => {
  const card = readCard(form, new Date(now));
  if (isApiError(card)) return card;
  const id = idFrom('pm', key);
  await methods.updateOne({ _id: id }, { $setOnInsert: { card } }, { upsert: true });
  return {
    id,
    object: 'payment_method',
    type: 'card',
    livemode: false,
    card: { brand: card.brand, last4: card.last4 },
  };
};
