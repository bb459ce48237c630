import type { Environment } from '@ticketing/common/config';

/** What every process reads, and what Node itself does. */
const EVERY = [
  'HOST',
  'PORT',
  'OPERATIONAL_PORT',
  'OPERATIONAL_HOST',
  'TOKEN_PUBLIC_KEYS',
  'JWT_KEY',
  'JWT_KEY_BEFORE',
  'REQUEST_SECONDS',
  'MAX_BODIES_MB',
  'PUBLIC_ORIGIN',
  'TRUST_PROXY_HOPS',
  'LOG_LEVEL',
  'DRAIN_SECONDS',
  'SWEEP_SECONDS',
  'MAX_REQUESTS',
  'MAX_STREAMS',
];
export const OF_NODE = ['NODE_ENV', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_COMPILE_CACHE', 'TZ'];
const BROKER = ['NATS_URL', 'NATS_CLUSTER_ID'];

/** Of those who stream. */
const STREAMS = ['STREAM_HEARTBEAT_SECONDS'];

/** Of those who make something that costs, or show what does. */
export const MARKET = ['CURRENCY'];

/** Of those who bound tries. */
const LIMITS = ['RATE_LIMIT'];

const AUTH = [
  'TOKEN_PRIVATE_KEYS',
  'REFRESH_KEYS',
  'SESSION_MAX_SECONDS',
  'SESSION_SHARED_LIMIT',
  'TOKEN_SECONDS',
  'SESSION_SECONDS',
  'RATE_LIMIT_WINDOW_SECONDS',
  'SIGNIN_LIMIT_PER_ADDRESS',
  'SIGNUP_LIMIT_PER_ADDRESS',
  'SIGNIN_LIMIT_PER_NETWORK',
  'SIGNUP_LIMIT_PER_NETWORK',
  'PROFILE_LIMIT_PER_ACCOUNT',
  'SIGNIN_LIMIT_PER_ACCOUNT_AND_ADDRESS',
  'SIGNIN_LIMIT_PER_ACCOUNT',
  'SIGNIN_LIMIT_PER_DEVICE',
  'LIMIT_DELAY_MS',
];
/** Of those who take organizers' codes. */
const CODES = ['CODE_KEY', 'CODE_TRIES_WINDOW_SECONDS', 'CODE_TRIES_PER_USER', 'CODE_TRIES_PER_ADDRESS'];

const EVENTS = [
  'FREE_TIER_LIMIT',
  'DRAFTS_LIMIT',
  'PICTURE_MEGAPIXELS',
  'PICTURE_SECONDS',
  'PICTURES_PER_HOUR',
];
const ORDERS = [
  'SEEN_REQUIRED',
  'ORDER_HOLD_SECONDS',
  'PAYMENT_GRACE_SECONDS',
  'CHALLENGE_SECONDS',
  'UNPAID_ORDERS_LIMIT',
  'UNPAID_ORDERS_OF_SALE_LIMIT',
  'UNPAID_TICKETS_LIMIT',
  'HOLD_AGAIN_PAUSE_SECONDS',
  'BUYER_CANCEL_SECONDS',
];
const PAYMENTS = [
  'STRIPE_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'STRIPE_URL',
  'PAYMENT_BEGIN_SECONDS',
  'PAYMENT_GRACE_SECONDS',
  'PAYMENT_RECOVERY_SECONDS',
  'REFUND_PAUSE_SECONDS',
  'PROVIDER_SWEEP_SECONDS',
  'CARD_TRIES_PER_ORDER',
  'CARD_TRIES_PER_USER',
  'CARD_TRIES_PER_ADDRESS',
  'CARD_TRIES_PER_CARD',
  'CARD_TRIES_WINDOW_SECONDS',
];

const ADMISSIONS = ['ADMISSION_KEYS', 'BUYER_CANCEL_SECONDS'];

/** Pages of whoever runs the market, for the footer. */
export const FOOTER = ['TERMS_URL', 'PRIVACY_URL', 'IMPRINT_URL', 'HELP_URL'];

/** The names of the variables that a process reads: no other of this machine's environment reaches it. */
export const SETTINGS = {
  auth: [...EVERY, ...BROKER, 'MONGO_URL', ...LIMITS, ...AUTH],
  events: [...EVERY, ...BROKER, 'MONGO_URL', ...STREAMS, ...MARKET, ...LIMITS, ...CODES, ...EVENTS],
  tickets: [...EVERY, ...BROKER, 'MONGO_URL', ...STREAMS, ...MARKET],
  orders: [...EVERY, ...BROKER, 'MONGO_URL', ...STREAMS, ...MARKET, ...LIMITS, ...CODES, ...ORDERS],
  payments: [...EVERY, ...BROKER, 'MONGO_URL', ...LIMITS, ...PAYMENTS],
  expiration: [...EVERY, ...BROKER, 'REDIS_URL'],
  admissions: [...EVERY, ...BROKER, 'MONGO_URL', ...STREAMS, ...ADMISSIONS],
  client: ['TOKEN_PUBLIC_KEYS', 'JWT_KEY_BEFORE', ...MARKET, ...FOOTER],
  monolith: [
    ...new Set([
      ...EVERY,
      'MONGO_URL',
      ...STREAMS,
      ...MARKET,
      ...LIMITS,
      ...AUTH,
      ...CODES,
      ...EVENTS,
      ...ORDERS,
      ...PAYMENTS,
      ...ADMISSIONS,
    ]),
    'CLIENT_URL',
    'SANDBOX_URL',
  ],
} as const satisfies Record<string, readonly string[]>;

/** Of an environment, what this process reads. */
export const settingsOf = (process: keyof typeof SETTINGS, env: Environment): Record<string, string> => {
  const known = new Set<string>([...OF_NODE, ...SETTINGS[process]]);
  return Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => known.has(pair[0]) && Boolean(pair[1])),
  );
};

/** What `payments` asks Stripe to tell, as docs/configuration.md says. */
export const WEBHOOK_TYPES = [
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
  'payment_intent.processing',
  'payment_intent.requires_action',
  'charge.refunded',
  'charge.refund.updated',
  'refund.*',
  'charge.dispute.*',
  'radar.early_fraud_warning.created',
];
