import { describe, expect, test } from '@jest/globals';
import { moneyBack } from '../src/orders/money-back.ts';

const order = { status: 'cancelled', total: 2500, currency: 'usd' } as const;
const said = (fields: Partial<Parameters<typeof moneyBack>[0]>, owed = true) =>
  moneyBack({ ...order, ...fields }, owed).map(({ text }) => text);
const refund = (status: 'pending' | 'succeeded' | 'failed' | 'closed', amount = 2500) => ({ status, amount });
const parted = { status: 'complete', returned: [{ back: 1000 }] } as const;
const WAY = ' is on its way back to the card.';

describe('the page of an order says what became of the money', () => {
  test.each([
    ['nothing was paid', {}, false, []],
    ['it was just cancelled', {}, true, [`$25.00${WAY}`]],
    ['the bank takes its time', { refund: refund('pending') }, true, [`$25.00${WAY}`]],
    ['it stands', { status: 'refunded', refundedAmount: 2500 }, true, ['$25.00 went back to the card.']],
    ['it stood before amounts were kept', { status: 'refunded' }, true, ['$25.00 went back to the card.']],
    ['a part went back', { status: 'complete', refundedAmount: 700 }, true, ['$7.00 went back to the card.']],
    [
      'a part went back, and the rest is under way',
      { refundedAmount: 700, refund: refund('pending', 1800) },
      true,
      ['$7.00 went back to the card.', `$18.00${WAY}`],
    ],
    [
      'a part went back, and the order was just cancelled',
      { refundedAmount: 700 },
      true,
      ['$7.00 went back to the card.', `$18.00${WAY}`],
    ],
    ['one of two was just taken back', parted, true, [`$10.00${WAY}`]],
    [
      'one of three is back, and another was taken back',
      {
        ...parted,
        returned: [{ back: 1000 }, { back: 700 }],
        refundedAmount: 1000,
        refund: refund('pending', 1000),
      },
      true,
      ['$10.00 went back to the card.', `$7.00${WAY}`],
    ],
    [
      'what was taken back is back',
      { ...parted, refundedAmount: 1000, refund: refund('succeeded', 1000) },
      true,
      ['$10.00 went back to the card.'],
    ],
    [
      'all was taken back one by one, for less than it cost',
      { reason: 'returned', returned: [{ back: 2000 }], refundedAmount: 2000 },
      true,
      ['$20.00 went back to the card.'],
    ],
    [
      'what was taken back is back, and then the rest was cancelled',
      { ...parted, status: 'cancelled', refundedAmount: 1000 },
      true,
      ['$10.00 went back to the card.', `$15.00${WAY}`],
    ],
  ] as const)('%s', (_what, fields, owed, text) => expect(said(fields, owed)).toEqual(text));

  test('one that failed is not promised, and one that was closed has its note', () => {
    const [failed] = moneyBack({ ...order, refund: refund('failed') }, true);
    expect(failed).toMatchObject({ tone: 'bad', text: expect.stringContaining('$25.00 did not go through') });
    expect(said({ refund: { ...refund('closed'), note: 'Write to us.' } })).toEqual([
      'The refund of $25.00 could not be made. Write to us.',
    ]);
  });

  test('who gave it back is named', () => {
    const all = { status: 'refunded', refundedAmount: 2500 } as const;
    expect(said({ ...all, refundedElsewhere: 2500 })[1]).toMatch(/^It was given back by the seller/);
    expect(said({ ...all, refundedElsewhere: 700 })[1]).toMatch(/^\$7\.00 of it was given back/);
  });

  test('a dispute is told while it is open, and how it ended', () => {
    const dispute = (status: 'open' | 'won' | 'lost') => ({ status, amount: 2500 });
    expect(said({ status: 'complete', dispute: dispute('open') })[0]).toMatch(/asked to take \$25\.00 back/);
    expect(said({ refund: refund('pending'), dispute: dispute('open') })).toHaveLength(1);
    expect(said({ status: 'complete', dispute: dispute('won') })[0]).toMatch(/for the seller/);
    expect(said({ status: 'refunded', refundedAmount: 2500, dispute: dispute('lost') })).toEqual([
      'The bank gave $25.00 back after a dispute.',
    ]);
  });
});
