import { expect, test } from '@jest/globals';
import { clock, host, list, metric, newest, ordered, pay, type Sale, stored } from './shop.ts';

const HOUR = 3600_000;
const declined = (sale: Pick<Sale, 'id' | 'headers'>, card = 'pm_card_chargeDeclined') =>
  pay(sale, card).then(({ status }) => status);
/** Another order of the same buyer. */
const another = async ({ userId, headers }: Sale) => {
  const sale = await ordered();
  await sale.becomes('created', { userId });
  return { ...sale, userId, headers };
};
const times = async (count: number, work: () => Promise<number>) => {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) statuses.push(await work());
  return statuses;
};

test('a buyer with three bad cards gets through with the fourth', async () => {
  clock.forward(HOUR);
  const sale = await ordered();
  for (const card of ['Declined', 'DeclinedExpiredCard', 'DeclinedIncorrectCvc'])
    expect(await declined(sale, `pm_card_charge${card}`)).toBe(402);
  await pay(sale).expect(201);
  const { id } = await newest(sale);
  expect(await stored(id)).not.toHaveProperty('tried');
});

test('the tenth decline is the last try of an order: it says so, and nothing more is tried', async () => {
  clock.forward(HOUR);
  const before = [await metric('cards_declined_total'), await metric('card_tests_total{by="order"}')];
  const sale = await ordered();
  expect(await times(12, () => declined(sale))).toEqual([...Array<number>(9).fill(402), 409, 409, 409]);
  const { body } = await pay(sale).expect(409);
  expect(body.detail).toBe(
    'Too many cards were declined for this order: it is over, and its tickets go back on sale',
  );
  expect(await list(sale)).toHaveLength(10);
  expect(await newest(sale)).toMatchObject({ status: 'failed', lastTry: true });
  expect([await metric('cards_declined_total'), await metric('card_tests_total{by="order"}')]).toEqual([
    before[0]! + 10,
    before[1]! + 1,
  ]);
});

test('of forty tries at once an order takes few more than ten', async () => {
  clock.forward(HOUR);
  const sale = await ordered();
  await Promise.all(Array.from({ length: 40 }, () => declined(sale)));
  const tried = await host
    .database('payments')
    .connection!.collection('payments')
    .countDocuments({ orderId: sale.id, 'tried.declinedAt': { $exists: true } });
  expect(tried).toBeGreaterThan(0);
  // Only one at a time is under way, and each that is declined before the tenth is counted is one more.
  expect(tried).toBeLessThan(20);
});

test('twenty declines of a user are refused anywhere, until the first is an hour old', async () => {
  clock.forward(HOUR);
  const first = await ordered();
  const cards = ['chargeDeclined', 'chargeDeclinedExpiredCard', 'chargeDeclinedIncorrectCvc'];
  for (let order = 0; order < 3; order++) {
    const sale = await another(first);
    await times(order < 2 ? 9 : 2, () => declined(sale, `pm_card_${cards[order]}`));
  }
  const later = await another(first);
  const { body, headers } = await pay(later).expect(429);
  expect(body.detail).toMatch(/^Too many cards were declined; you can try again in (59|60) minutes$/);
  expect(Number(headers['retry-after'])).toBeGreaterThan(3500);
  await pay(await ordered()).expect(201);
  clock.forward(HOUR);
  await pay(await another(first)).expect(201);
});

test('one card that is declined twenty times ends the orders of those who try it on', async () => {
  clock.forward(HOUR);
  const card = 'pm_card_visa_chargeDeclinedStolenCard';
  for (let user = 0; user < 3; user++) {
    const sale = await ordered();
    expect(await times(user < 2 ? 9 : 1, () => declined(sale, card))).not.toContain(409);
  }
  const sale = await ordered();
  expect(await declined(sale, card)).toBe(409);
  await pay(await ordered()).expect(201);
});

test('after sixty declines behind one address whoever had one there is refused, and who had none pays on', async () => {
  clock.forward(HOUR);
  const suspect = await ordered();
  expect(await declined(suspect)).toBe(402);
  const cards = [
    '',
    'ExpiredCard',
    'IncorrectCvc',
    'ProcessingError',
    'InsufficientFunds',
    'LostCard',
    'StolenCard',
  ];
  for (const kind of cards) {
    const sale = await ordered();
    await times(9, () =>
      declined(sale, `pm_card_${/Lost|Stolen|Funds/.test(kind) ? 'visa_' : ''}chargeDeclined${kind}`),
    );
  }
  await pay(suspect).expect(429);
  await pay(await ordered()).expect(201);
});
