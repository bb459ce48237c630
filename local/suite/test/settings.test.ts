import { describe, expect, test } from '@jest/globals';
import { variablesOf } from '@ticketing/common/host';
import { cluster, embedded } from '@ticketing/common/platform';
import { frontService } from '../src/front.ts';
import { OF_NODE, SETTINGS, settingsOf } from '../src/settings.ts';
import { suite } from '../src/suite.ts';

/** `NODE_ENV` is read by everybody's packages as well. */
const own = (names: readonly string[]) => names.filter((name) => !OF_NODE.includes(name)).sort();

describe('of the environment a process gets what it reads, and nothing else', () => {
  test.each(suite.map((service) => [service.name, service] as const))('%s', (name, service) => {
    // `expiration` keeps timers where the others keep documents.
    const engine = service.database ? [] : ['REDIS_URL'];
    const reads = variablesOf([service], cluster).filter((one) => service.database || one !== 'MONGO_URL');
    expect(own(SETTINGS[name as keyof typeof SETTINGS])).toEqual(own([...reads, ...engine]));
  });

  test('the monolith', () => {
    expect(own(SETTINGS.monolith)).toEqual(own(variablesOf([...suite, frontService], embedded)));
  });

  test('neither the secrets of others nor those of whoever started it', () => {
    const env = { STRIPE_KEY: 'sk', AWS_SECRET_ACCESS_KEY: 'aws', LOG_LEVEL: 'warn', PORT: '' };
    expect(settingsOf('tickets', env)).toEqual({ LOG_LEVEL: 'warn' });
    expect(settingsOf('payments', env)).toEqual({ LOG_LEVEL: 'warn', STRIPE_KEY: 'sk' });
  });
});
