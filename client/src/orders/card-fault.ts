interface Fault {
  /** The field of the form that it is about. */
  field?: 'number' | 'expiry' | 'cvc';
  message: string;
}

const NUMBER = {
  field: 'number',
  message: 'This is not the number of a card. Look at the card again.',
} as const;
const EXPIRY = { field: 'expiry', message: 'This is not a date to come.' } as const;
const CVC = { field: 'cvc', message: 'This is not the code of the card.' } as const;
const BANK: Fault = { message: 'Your bank has not confirmed the payment.' };
const LATER: Fault = { message: 'The payment provider does not answer. Try again in a moment.' };

/** Stripe's codes for what a browser is told; why a bank declined a card, `payments` says. */
const FAULTS = new Map<string, Fault>(
  Object.entries({
    incorrect_number: NUMBER,
    invalid_number: NUMBER,
    incomplete_number: NUMBER,
    invalid_expiry_month: EXPIRY,
    invalid_expiry_month_past: EXPIRY,
    invalid_expiry_year: EXPIRY,
    invalid_expiry_year_past: EXPIRY,
    incomplete_expiry: EXPIRY,
    expired_card: { field: 'expiry', message: 'This card has expired.' },
    incorrect_cvc: CVC,
    invalid_cvc: CVC,
    incomplete_cvc: CVC,
    incorrect_zip: { message: 'The postal code is not the one that the bank has.' },
    incomplete_zip: { message: 'The postal code is not complete.' },
    incorrect_address: { message: 'The address is not the one that the bank has.' },
    payment_intent_authentication_failure: BANK,
    setup_intent_authentication_failure: BANK,
    authentication_required: BANK,
    payment_intent_payment_attempt_expired: { message: 'Your bank was not answered in time.' },
    processing_error: LATER,
    rate_limit: LATER,
    lock_timeout: LATER,
    api_connection_error: LATER,
    card_declined: { message: 'Your bank has declined the card.' },
  }),
);

/** What to say of a code of Stripe's, in our own words; of one that we do not know, that the card was not accepted. */
export const cardFault = (code: string | undefined): Fault =>
  FAULTS.get(code ?? '') ?? { message: 'The card was not accepted. Look at it again, or take another.' };
