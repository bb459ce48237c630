import type { OrderItem } from '@ticketing/common/contracts/order';
import { searchedFor, searchKeys } from '@ticketing/common/search';
import type { User } from '@ticketing/common/user';

/** Who placed an order, as the account called itself then: for its event's team alone, and gone with the account. */
export interface Buyer {
  name?: string;
  email: string;
}

/** An account that is gone, for as long as a token of it may still be good. */
export interface Departure {
  _id: string;
  knownAt: Date;
}

/** Who asks for an order. */
export interface Customer {
  userId: string;
  buyer: Buyer;
}

export const customer = ({ id, name, email }: Pick<User, 'id' | 'name' | 'email'>): Customer => ({
  userId: id,
  buyer: { ...(name !== undefined && { name }), email },
});

/** What an order of places keeps of its buyer, and by which words its event's team finds it; of others nobody is told. */
export const boughtBy = (
  buyer: Buyer,
  { items }: { items: readonly Pick<OrderItem, 'kind'>[] },
): { buyer?: Buyer; words?: string[] } =>
  items.some(({ kind }) => kind === 'place') ? { buyer, words: wordsOf(buyer) } : {};

/** Of an address, the words before the `@` by their beginnings too; where it is at has too many with it for that. */
const wordsOf = ({ name = '', email }: Buyer): string[] => {
  const at = email.lastIndexOf('@');
  const own = searchKeys({ title: `${name} ${email.slice(0, at)}` });
  return [...new Set([...own, ...searchedFor(email.slice(at))])];
};
