import { expect, test } from '@jest/globals';
import { whyDeclined } from '../src/domain/declines.ts';

/** From docs.stripe.com/declines/codes, and the codes of card errors. */
const DOCUMENTED =
  'approve_with_id authentication_not_handled authentication_required call_issuer card_not_supported card_velocity_exceeded currency_not_supported do_not_honor do_not_try_again duplicate_transaction expired_card incorrect_address incorrect_cvc incorrect_number incorrect_pin incorrect_zip insufficient_funds invalid_account invalid_amount invalid_cvc invalid_expiry_month invalid_expiry_year invalid_number invalid_pin issuer_not_available mobile_device_authentication_required new_account_information_available no_action_taken not_permitted offline_pin_required online_or_offline_pin_required pin_try_exceeded processing_error reenter_transaction revocation_of_all_authorizations revocation_of_authorization service_not_allowed stop_payment_order testmode_decline transaction_not_allowed try_again_later withdrawal_count_limit_exceeded'.split(
    ' ',
  );
const GENERIC = whyDeclined('generic_decline');

test.each(DOCUMENTED)('%s is told in a sentence of our own', (code) => {
  expect(whyDeclined(code)).toMatch(/^[A-Z].*\.$/);
  expect(whyDeclined(code)).not.toBe(GENERIC);
});

test.each([
  'fraudulent',
  'generic_decline',
  'lost_card',
  'merchant_blacklist',
  'pickup_card',
  'restricted_card',
  'security_violation',
  'stolen_card',
  'of_tomorrow',
  'constructor',
])('%s is told as any decline', (code) => expect(whyDeclined(code)).toBe('Your card was declined.'));
