import { expect, test } from '@jest/globals';
import { held, host, intents, list, ordered, pay, stripe, told } from './shop.ts';

/** As `orders` tells one that costs nothing: complete from the beginning. */
const free = () => ordered(900, 0, { first: 'complete' });
const FREE = { status: 409, body: { detail: 'The order is free: there is nothing to pay' } };

test('a free order is complete without a payment, and takes none', async () => {
  const sale = await free();
  const before = await stripe('/payment_intents?limit=1');
  expect(await pay(sale)).toMatchObject(FREE);
  expect(await pay(sale, 'pm_card_visa', `free-${sale.id}`)).toMatchObject(FREE);
  expect(await list(sale)).toEqual([]);
  expect(await stripe('/payment_intents?limit=1')).toEqual(before);
});

test('of a free order that is cancelled nothing goes back', async () => {
  const sale = await free();
  await sale.becomes('cancelled', { reason: 'seller' });
  expect(await pay(sale)).toMatchObject({ status: 409, body: { detail: 'The order is cancelled: seller' } });
  expect([await list(sale), await intents(sale), await held(sale), told(sale)]).toEqual([[], [], 0, []]);
  const payments = host.database('payments').connection!.collection('payments');
  expect(await payments.countDocuments({ orderId: sale.id })).toBe(0);
});

test('one that is not complete yet, by whatever mistake, is not charged either', async () => {
  const sale = await ordered(900, 0);
  expect(await pay(sale)).toMatchObject(FREE);
  expect(await list(sale)).toEqual([]);
});
