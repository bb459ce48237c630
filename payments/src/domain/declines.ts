/** Said of a card when no more may or can be said; Stripe asks that of what is lost, stolen or suspected. */
const GENERIC = 'Your card was declined.';

const ASK_BANK = 'Your bank has declined the card. It can tell you why.';
const NOT_FOR_THIS = 'This card cannot be used for a payment like this.';
const LIMIT = 'The card has reached its limit.';
const CONFIRM = 'Your bank wants you to confirm the payment. Try again, and answer what it asks.';
const LATER = 'The card could not be charged just now. Try again in a moment.';
const ONLY_THERE = 'This card asks for its PIN, which only works in a shop.';
const NUMBER = 'The number of the card is wrong.';
const EXPIRY = 'The expiry of the card is wrong.';
const CODE = 'The security code of the card is wrong.';
const ADDRESS = 'The address is not the one that your bank has.';

/** What a buyer can do something about, by the codes that Stripe documents (docs.stripe.com/declines/codes). */
const SENTENCES: Readonly<Record<string, string>> = {
  approve_with_id: ASK_BANK,
  authentication_not_handled: CONFIRM,
  authentication_required: CONFIRM,
  call_issuer: ASK_BANK,
  card_not_supported: NOT_FOR_THIS,
  card_velocity_exceeded: LIMIT,
  currency_not_supported: 'This card cannot be charged in this currency.',
  do_not_honor: ASK_BANK,
  do_not_try_again: ASK_BANK,
  duplicate_transaction:
    'Your bank saw the same payment a moment ago. Look at your orders before you try again.',
  expired_card: 'The card has expired.',
  incorrect_address: ADDRESS,
  incorrect_cvc: CODE,
  incorrect_number: NUMBER,
  incorrect_pin: ONLY_THERE,
  incorrect_zip: ADDRESS,
  insufficient_funds: 'There is not enough money on this card.',
  invalid_account: ASK_BANK,
  invalid_amount: 'The bank does not allow this amount on the card.',
  invalid_cvc: CODE,
  invalid_expiry_month: EXPIRY,
  invalid_expiry_year: EXPIRY,
  invalid_number: NUMBER,
  invalid_pin: ONLY_THERE,
  issuer_not_available: LATER,
  mobile_device_authentication_required: CONFIRM,
  new_account_information_available: ASK_BANK,
  no_action_taken: ASK_BANK,
  not_permitted: ASK_BANK,
  offline_pin_required: ONLY_THERE,
  online_or_offline_pin_required: ONLY_THERE,
  payment_intent_authentication_failure: CONFIRM,
  pin_try_exceeded: 'The card is locked, as its PIN was wrong too often.',
  processing_error: LATER,
  reenter_transaction: LATER,
  revocation_of_all_authorizations: ASK_BANK,
  revocation_of_authorization: ASK_BANK,
  service_not_allowed: ASK_BANK,
  stop_payment_order: ASK_BANK,
  test_mode_live_card: 'This is a real card, and only test cards are taken here.',
  testmode_decline: 'This is a test card, and only real ones are taken here.',
  transaction_not_allowed: ASK_BANK,
  try_again_later: LATER,
  withdrawal_count_limit_exceeded: LIMIT,
};

/** Why a card was declined, as its buyer is told. */
export const whyDeclined = (code: string): string =>
  Object.hasOwn(SENTENCES, code) ? (SENTENCES[code] ?? GENERIC) : GENERIC;
