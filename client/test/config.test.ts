import { expect, test } from '@jest/globals';
import { config } from '../src/config.ts';

test.each(['http://example.com/terms', 'javascript:alert(1)', 'terms', '//example.com'])(
  'a footer does not lead to %s',
  (address) => {
    process.env['TERMS_URL'] = address;
    try {
      expect(config).toThrow(
        'TERMS_URL must be the https address of a page, such as https://example.com/terms',
      );
    } finally {
      delete process.env['TERMS_URL'];
    }
  },
);

test.each(['xyz', 'us dollars', 'constructor'])('a market is not in %s', (currency) => {
  process.env['CURRENCY'] = currency;
  try {
    expect(config).toThrow('CURRENCY must be the code of a currency that can be charged, such as usd');
  } finally {
    delete process.env['CURRENCY'];
  }
});
