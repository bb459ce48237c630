import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { account, enter, inBrowser, type Person, sees, type World } from './harness.ts';

const MINUTES = 60_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, '../faults/clock.ts')).href;

/** Tests of a suite in which the clock of one process is so many minutes ahead. */
const ahead = (name: string, minutes: number, tests: (world: World) => void) =>
  inBrowser(`where the clock of ${name} is ${minutes} minutes ahead`, tests, {
    shapes: ['services'],
    settings: () => ({ NODE_OPTIONS: `--import=${PRELOAD}?${name}=${minutes * MINUTES}` }),
  });

/** How often a page is sent to exchange its token until it is there. */
const exchanges = async ({ page }: Person, path: string) => {
  let times = 0;
  const count = (request: { url(): string }) => {
    if (request.url().includes('/api/users/refresh')) times += 1;
  };
  page.on('request', count);
  await page.goto(path);
  page.off('request', count);
  return times;
};

const DIFFER = 'The clocks of our servers differ';

ahead('client', 10, (world) => {
  test('one stays signed in, each page is sent to exchange once at most, and the operator is told', async () => {
    const somebody = await world.stranger();
    const { page } = somebody;
    await page.goto('/signup');
    await enter(somebody, 'Make an account');
    await sees(account(somebody), page.getByText(DIFFER));
    for (const path of ['/', '/orders', '/tickets', '/']) {
      expect(await exchanges(somebody, path)).toBeLessThanOrEqual(1);
      await sees(account(somebody), page.getByText(DIFFER));
    }
    expect(world.suite.output().match(/clocks differ: this clock is (59\d|60\d) s ahead/g)).toHaveLength(1);
    await page.goto('/account');
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await sees(page.getByRole('link', { name: 'Sign in', exact: true }));
  });
});

ahead('client', -10, (world) => {
  test('one is signed in, and no page is sent anywhere', async () => {
    const somebody = await world.person();
    for (const path of ['/', '/orders']) expect(await exchanges(somebody, path)).toBe(0);
    await sees(account(somebody), somebody.page.getByRole('heading', { name: 'Your orders' }));
  });
});

for (const [name, minutes] of [
  ['orders', 10],
  ['auth', -10],
] as const)
  ahead(name, minutes, (world) => {
    test('a page of a service that refuses new tokens says so after one exchange; the others are there', async () => {
      const somebody = await world.person();
      const { page } = somebody;
      somebody.tolerates(/500 /, /Server Components render|Minified React error #441/, /401 .*\/api\//);
      expect(await exchanges(somebody, '/orders')).toBe(1);
      await sees(page.getByText(`${DIFFER}, so`), account(somebody));
      expect(await exchanges(somebody, '/')).toBeLessThanOrEqual(1);
      await sees(account(somebody), page.getByRole('heading', { level: 1 }));
      await page.goto('/signup');
      await page.waitForURL('**/');
      expect(world.suite.output()).toMatch(/"service":"orders".*clocks differ/);
    });
  });
