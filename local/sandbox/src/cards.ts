import { type ApiError, cardError, invalidRequest } from './errors.ts';

/** What a test card does when it is charged; the names are Stripe's. */
export interface Card {
  brand: string;
  last4: string;
  /** The buyer must pass a challenge before the charge. */
  challenge?: true;
  decline?: Decline;
  /** How a refund to this card ends, when not at once. */
  refund?: 'succeeds-later' | 'fails-later';
  /** What its owner tells the bank afterwards. */
  dispute?: 'fraudulent' | 'product_not_received' | 'inquiry';
  /** The bank warns of fraud before anybody disputes. */
  warning?: true;
}

const DECLINES = {
  generic_decline: ['card_declined', 'Your card was declined.'],
  insufficient_funds: ['card_declined', 'Your card has insufficient funds.'],
  lost_card: ['card_declined', 'Your card was declined.'],
  stolen_card: ['card_declined', 'Your card was declined.'],
  fraudulent: ['card_declined', 'Your card was declined.'],
  card_velocity_exceeded: ['card_declined', 'Your card was declined for exceeding its amount limit.'],
  expired_card: ['expired_card', 'Your card has expired.'],
  incorrect_cvc: ['incorrect_cvc', "Your card's security code is incorrect."],
  processing_error: [
    'processing_error',
    'An error occurred while processing your card. Try again in a little bit.',
  ],
} as const;

export type Decline = keyof typeof DECLINES;

export const declined = (decline: Decline): ApiError => {
  const [code, message] = DECLINES[decline];
  return cardError(code, message, code === 'card_declined' ? { decline_code: decline } : {});
};

type Row = readonly [number: string, token: string, behaviour?: Omit<Card, 'brand' | 'last4'>];

/** From docs.stripe.com/testing; `visa_` in a token may be left out, as Stripe's older names do. */
const TEST_CARDS: readonly Row[] = [
  ['4242424242424242', 'visa'],
  ['4000056655665556', 'visa_debit'],
  ['5555555555554444', 'mastercard'],
  ['5200828282828210', 'mastercard_debit'],
  ['5105105105105100', 'mastercard_prepaid'],
  ['378282246310005', 'amex'],
  ['6011111111111117', 'discover'],
  ['3056930009020004', 'diners'],
  ['3566002020360505', 'jcb'],
  ['6200000000000005', 'unionpay'],
  ['4000000000000002', 'visa_chargeDeclined', { decline: 'generic_decline' }],
  ['4000000000009995', 'visa_chargeDeclinedInsufficientFunds', { decline: 'insufficient_funds' }],
  ['4000000000009987', 'visa_chargeDeclinedLostCard', { decline: 'lost_card' }],
  ['4000000000009979', 'visa_chargeDeclinedStolenCard', { decline: 'stolen_card' }],
  ['4000000000000069', 'chargeDeclinedExpiredCard', { decline: 'expired_card' }],
  ['4000000000000127', 'chargeDeclinedIncorrectCvc', { decline: 'incorrect_cvc' }],
  ['4000000000000119', 'chargeDeclinedProcessingError', { decline: 'processing_error' }],
  ['4000000000006975', 'visa_chargeDeclinedVelocityLimitExceeded', { decline: 'card_velocity_exceeded' }],
  ['4100000000000019', 'radarBlock', { decline: 'fraudulent' }],
  ['4000002500003155', 'authenticationRequiredOnSetup', { challenge: true }],
  ['4000002760003184', 'authenticationRequired', { challenge: true }],
  [
    '4000008260003178',
    'authenticationRequiredChargeDeclinedInsufficientFunds',
    { challenge: true, decline: 'insufficient_funds' },
  ],
  ['4000000000003220', 'threeDSecure2Required', { challenge: true }],
  ['4000000000003063', 'threeDSecureRequired', { challenge: true }],
  ['4000008400001629', 'threeDSecureRequiredChargeDeclined', { challenge: true, decline: 'generic_decline' }],
  ['4000000000003055', 'threeDSecureOptional'],
  ['4000000000007726', 'pendingRefund', { refund: 'succeeds-later' }],
  ['4000000000005126', 'refundFail', { refund: 'fails-later' }],
  ['4000000000000259', 'createDispute', { dispute: 'fraudulent' }],
  ['4000000000002685', 'createDisputeProductNotReceived', { dispute: 'product_not_received' }],
  ['4000000000001976', 'createDisputeInquiry', { dispute: 'inquiry' }],
  ['4000000000005423', 'createIssuerFraudRecord', { warning: true }],
];

const BRANDS = { 3: 'amex', 4: 'visa', 5: 'mastercard', 6: 'discover' } as Record<string, string>;
const NAMED = ['diners', 'jcb', 'unionpay'];

const card = ([number, token, behaviour]: Row): Card => ({
  brand: NAMED.find((name) => name === token) ?? BRANDS[number.charAt(0)] ?? 'unknown',
  last4: number.slice(-4),
  ...behaviour,
});

const byNumber = new Map(TEST_CARDS.map((row) => [row[0], card(row)]));
const byToken = new Map<string, Card>(
  TEST_CARDS.flatMap((row) => [
    [`pm_card_${row[1]}`, card(row)] as const,
    [`pm_card_${row[1].replace(/^visa_(?=charge)/, '')}`, card(row)] as const,
  ]),
);

/** The card behind a documented token such as `pm_card_visa`. */
export const cardByToken = (token: string): Card | undefined => byToken.get(token);

const luhn = (number: string): boolean => {
  const sum = Array.from(number)
    .reverse()
    .reduce((total, digit, place) => {
      const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return /^\d{12,19}$/.test(number) && sum % 10 === 0;
};

export interface CardForm {
  number: string;
  exp_month: number;
  exp_year: number;
  cvc?: string | undefined;
}

/** What the card form finds wrong before any charge, in Stripe's words; numbers are never kept. */
export const readCard = (form: CardForm, now: Date): Card | ApiError => {
  const number = form.number.replace(/[\s-]/g, '');
  const year = form.exp_year < 100 ? 2000 + form.exp_year : form.exp_year;
  if (!luhn(number))
    return cardError('incorrect_number', 'Your card number is incorrect.', { param: 'number' });
  if (form.exp_month < 1 || form.exp_month > 12)
    return cardError('invalid_expiry_month', "Your card's expiration month is invalid.", {
      param: 'exp_month',
    });
  if (new Date(year, form.exp_month) <= now)
    return cardError('invalid_expiry_year', "Your card's expiration year is invalid.", { param: 'exp_year' });
  if (form.cvc !== undefined && !/^\d{3,4}$/.test(form.cvc))
    return cardError('invalid_cvc', "Your card's security code is invalid.", { param: 'cvc' });
  return (
    byNumber.get(number) ??
    cardError(
      'card_declined',
      'Your card was declined. Your request was in test mode, but used a non test card.',
      {
        decline_code: 'test_mode_live_card',
      },
    )
  );
};

export const noSuchMethod = (token: string): ApiError =>
  invalidRequest(400, `No such PaymentMethod: '${token}'`, {
    code: 'resource_missing',
    param: 'payment_method',
  });
