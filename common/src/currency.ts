/**
 * What can be charged: ISO 4217 in Stripe's lower case, each with the least that Stripe charges, in the unit that it counts in
 * (docs.stripe.com/currencies, a copy of 2026). Where that names none, the least of the account's own currency counts after
 * conversion: here about half a US dollar (ADR 36).
 */
export const LEAST: Readonly<Record<string, number>> = {
  aed: 200,
  afn: 5000,
  all: 5000,
  amd: 25_000,
  aoa: 60_000,
  ars: 50,
  aud: 50,
  awg: 100,
  azn: 100,
  bam: 100,
  bbd: 100,
  bdt: 7000,
  bhd: 200,
  bif: 2000,
  bmd: 50,
  bnd: 70,
  bob: 400,
  brl: 50,
  bsd: 50,
  bwp: 800,
  byn: 200,
  bzd: 100,
  cad: 50,
  cdf: 150_000,
  chf: 50,
  clp: 500,
  cny: 400,
  cop: 50,
  crc: 30_000,
  cve: 5000,
  czk: 1500,
  djf: 100,
  dkk: 250,
  dop: 4000,
  dzd: 7000,
  egp: 3000,
  etb: 9000,
  eur: 50,
  fjd: 120,
  fkp: 40,
  gbp: 30,
  gel: 150,
  gip: 40,
  gmd: 4000,
  gnf: 5000,
  gtq: 400,
  gyd: 12_000,
  hkd: 400,
  hnl: 1500,
  htg: 7000,
  huf: 17_500,
  idr: 50,
  ils: 50,
  inr: 50,
  isk: 7000,
  jmd: 9000,
  jod: 400,
  jpy: 50,
  kes: 7000,
  kgs: 5000,
  khr: 220_000,
  kmf: 250,
  krw: 50,
  kwd: 160,
  kyd: 50,
  kzt: 30_000,
  lak: 1_200_000,
  lbp: 5_000_000,
  lkr: 17_000,
  lrd: 11_000,
  lsl: 1000,
  mad: 500,
  mdl: 1000,
  mga: 2500,
  mkd: 3000,
  mmk: 120_000,
  mnt: 200_000,
  mop: 500,
  mur: 2500,
  mvr: 900,
  mwk: 100_000,
  mxn: 1000,
  myr: 200,
  mzn: 3500,
  nad: 1000,
  ngn: 90_000,
  nio: 2000,
  nok: 300,
  npr: 8000,
  nzd: 50,
  omr: 200,
  pab: 50,
  pen: 200,
  pgk: 250,
  php: 50,
  pkr: 15_000,
  pln: 200,
  pyg: 4000,
  qar: 200,
  ron: 200,
  rsd: 6000,
  rub: 50,
  rwf: 800,
  sar: 200,
  sbd: 450,
  scr: 800,
  sek: 300,
  sgd: 50,
  shp: 40,
  sle: 1300,
  sos: 30_000,
  srd: 2200,
  szl: 1000,
  thb: 1000,
  tjs: 500,
  tnd: 1500,
  top: 130,
  try: 2500,
  ttd: 400,
  twd: 1700,
  tzs: 140_000,
  uah: 2300,
  ugx: 200_000,
  usd: 50,
  uyu: 2200,
  uzs: 700_000,
  vnd: 15_000,
  vuv: 70,
  wst: 150,
  xaf: 300,
  xcd: 150,
  xcg: 100,
  xof: 300,
  xpf: 60,
  yer: 13_000,
  zar: 50,
  zmw: 1300,
};

export const isCurrency = (code: string): boolean => Object.hasOwn(LEAST, code);

/** Stripe counts these whole. `Intl` is no source: browsers have fewer decimals for some, such as the forint, than are charged. */
const NONE = 'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf';
/** In thousandths, of which the last digit must be 0. */
const THREE = 'bhd jod kwd omr tnd';
/** Counted in hundredths as before, of which only whole ones can be charged. */
const WHOLE = 'isk ugx';

/** Of an amount's digits, how many are behind the point. */
export const decimalsOf = (currency: string): number =>
  NONE.includes(currency) ? 0 : THREE.includes(currency) ? 3 : 2;

/** How many of those are written. */
export const shownDecimalsOf = (currency: string): number =>
  WHOLE.includes(currency) ? 0 : decimalsOf(currency);

/** What every amount that is charged or given back is a multiple of. */
export const stepOf = (currency: string): number =>
  THREE.includes(currency) ? 10 : WHOLE.includes(currency) ? 100 : 1;

export const leastOf = (currency: string): number => LEAST[currency] ?? 1;

/** By the digits that Stripe takes; cards alone may have more. */
const MOST: Readonly<Record<string, number>> = { idr: 999_999_999_999, cop: 9_999_999_999, inr: 999_999_999 };
export const mostOf = (currency: string): number => {
  const most = MOST[currency] ?? 99_999_999;
  return most - (most % stepOf(currency));
};

/** `2500, 'usd'` → `25.00 USD`, for operators and refusals; pages write amounts as their language does. */
export const amountText = (amount: number, currency: string): string =>
  `${(amount / 10 ** decimalsOf(currency)).toFixed(shownDecimalsOf(currency))} ${currency.toUpperCase()}`;

/** Why an amount cannot be charged, as what follows its field's name; undefined when it can. */
export function wrongAmount(amount: number, currency: string): string | undefined {
  const [least, most, step] = [leastOf(currency), mostOf(currency), stepOf(currency)];
  const say = (bound: number) =>
    currency === 'usd' ? `${bound} cents` : `${bound} (${amountText(bound, currency)})`;
  if (amount < least) return `must be at least ${say(least)}`;
  if (amount > most) return `must be at most ${say(most)}`;
  return amount % step === 0 ? undefined : `must be a multiple of ${say(step)}`;
}
