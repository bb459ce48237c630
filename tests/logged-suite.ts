import { testHost } from '@ticketing/common/testing';
import { suite } from '@ticketing/suite/suite';

/** The monolith in a process of its own, so that a test can read all that it logs. Ends on a message. */
const host = await testHost(suite, {
  mongoUrl: process.env['TEST_MONGO_URL'] ?? '',
  env: {
    LOG_LEVEL: 'trace',
    STRIPE_KEY: 'sk_test_never_logged',
    STRIPE_WEBHOOK_SECRET: 'whsec_never_logged',
    STRIPE_URL: process.env['STRIPE_URL'],
  },
});
process.send?.(host.url);
process.once('message', () => {
  void host.destroy().then(() => process.exit(0));
});
