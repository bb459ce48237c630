import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Shape, SHAPES, START_LIMIT, type StartedSuite, startSuite } from '../suite.ts';

describe.each(Object.keys(SHAPES) as Shape[])('the suite as %s', (shape) => {
  let suite: StartedSuite;
  beforeAll(async () => {
    suite = await startSuite(shape, { RATE_LIMIT: 'on', SIGNIN_LIMIT_PER_ADDRESS: '4', LIMIT_DELAY_MS: '0' });
  }, START_LIMIT);
  afterAll(() => suite.destroy(), START_LIMIT);

  test('counts tries by the address that they come from, not by what they say of it', async () => {
    const guess = async (n: number) => {
      const reply = await fetch(`${suite.origin}/api/users/signin`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-forwarded-for': `203.0.113.${n}`,
          forwarded: `for=203.0.113.${n}`,
        },
        body: JSON.stringify({ email: `person-${n}@example.com`, password: 'difference' }),
      });
      return reply.status;
    };
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push(await guess(n));
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429]);
  });
});
