import { type ApiError, invalidRequest } from './errors.ts';

// As docs.stripe.com/currencies has it, on purpose not from `common`: what the suite believes of it is held against this.

const CHARGED = new Set(
  (
    'usd aed afn all amd aoa ars aud awg azn bam bbd bdt bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve ' +
    'czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr ' +
    'kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab ' +
    'pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd szl thb tjs tnd top try ttd twd tzs uah ugx ' +
    'uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw'
  ).split(' '),
);
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
const THREE_DECIMAL = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd']);
/** Their amounts have two decimals, always `00`. */
const WHOLE = new Set(['isk', 'ugx']);

/** The least of an account in that currency; of others, what it is worth after conversion, which is not known here. */
const LEAST: Readonly<Record<string, number>> = {
  ...{ usd: 50, aed: 200, ars: 50, aud: 50, brl: 50, cad: 50, chf: 50, cop: 50, czk: 1500, dkk: 250 },
  ...{ eur: 50, gbp: 30, hkd: 400, huf: 17_500, idr: 50, ils: 50, inr: 50, jpy: 50, krw: 50, mxn: 1000 },
  ...{ myr: 200, nok: 300, nzd: 50, php: 50, pln: 200, ron: 200, rub: 50, sek: 300, sgd: 50, thb: 1000 },
  zar: 50,
};
const DIGITS: Readonly<Record<string, number>> = { idr: 12, cop: 10, inr: 9 };

const written = (amount: number, currency: string) => {
  const decimals = ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : 2;
  return `${(amount / 10 ** decimals).toFixed(decimals)} ${currency}`;
};
const wrong = (message: string, code = 'parameter_invalid', param = 'amount') =>
  invalidRequest(400, message, { param, code });

/** Why an amount is no amount of this currency. */
export const fraction = (amount: number, currency: string): ApiError | undefined => {
  const step = THREE_DECIMAL.has(currency) ? 10 : WHOLE.has(currency) ? 100 : 1;
  return amount % step === 0
    ? undefined
    : wrong(`Invalid amount: in ${currency} it must be a multiple of ${step}`);
};

/** Why Stripe charges no such amount. */
export const uncharged = (amount: number, currency: string): ApiError | undefined => {
  if (!CHARGED.has(currency))
    return wrong(
      `Invalid currency: ${currency}. Stripe currently supports these currencies: ${[...CHARGED].join(', ')}`,
      'parameter_invalid',
      'currency',
    );
  const least = LEAST[currency] ?? 1;
  if (amount < least) return wrong(`Amount must be at least ${written(least, currency)}`, 'amount_too_small');
  const most = 10 ** (DIGITS[currency] ?? 8) - 1;
  if (amount > most)
    return wrong(`Amount must be no more than ${written(most, currency)}`, 'amount_too_large');
  return fraction(amount, currency);
};
