import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { account, enter, inBrowser, type Person, sees, sell, type World } from './harness.ts';

const MINUTES = 60_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, '../faults/clock.ts')).href;

/** Tests of a suite in which the clocks of some processes are so many minutes ahead. */
const ahead = (names: string, minutes: number, tests: (world: World) => void) =>
  inBrowser(`where the clock of ${names} is ${minutes} minutes ahead`, tests, {
    shapes: ['services'],
    settings: () => ({
      LOG_LEVEL: 'warn',
      NODE_OPTIONS: `--import=${PRELOAD}?${names
        .split(', ')
        .map((name) => `${name}=${minutes * MINUTES}`)
        .join('&')}`,
    }),
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

/** Somebody is at the payment of a ticket. */
const reserves = async ({ page }: Person, world: World) => {
  const ticket = await sell(await world.elsewhere());
  await page.goto(`/tickets/${ticket.id}`);
  await page.getByRole('button', { name: /^Reserve/ }).click();
  await sees(page.getByRole('button', { name: /^Pay / }));
};
/** That service's own line, by its own comparison. */
const told = ({ suite }: World, name: string, seconds: RegExp) =>
  expect(suite.output()).toMatch(
    new RegExp(`"service":"${name}","seconds":${seconds.source},"msg":"clocks differ`),
  );

ahead('client', 10, (world) => {
  test('one stays signed in, each page is sent to exchange once at most, and the operator is told', async () => {
    const somebody = await world.stranger();
    const { page } = somebody;
    await page.goto('/signup');
    await enter(somebody, 'Make an account');
    await sees(account(somebody), page.getByText(DIFFER));
    for (const path of ['/', '/orders', '/selling', '/']) {
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

ahead('tickets', 10, (world) => {
  test('nobody can sell, and is told why at the form; the market is there, and the operator is told', async () => {
    const somebody = await world.person();
    const { page } = somebody;
    somebody.tolerates(/401 .*\/api\//);
    await page.goto('/sell');
    await page.getByLabel('What is it a ticket for?').fill('Moonlight Sonata');
    await page.getByLabel('Price').fill('25.50');
    await page.getByRole('button', { name: 'Put on sale', exact: true }).click();
    await sees(page.getByText(`${DIFFER}, so`), account(somebody));
    expect(await exchanges(somebody, '/')).toBe(0);
    await sees(account(somebody), page.getByRole('heading', { level: 1 }));
    told(world, 'tickets', /(599|60\d)/);
  });
});

ahead('payments', 10, (world) => {
  test('nobody can pay, and is told why, without going round; the order stays, and the operator is told', async () => {
    const somebody = await world.person();
    const { page } = somebody;
    somebody.tolerates(/401 .*\/api\//);
    await reserves(somebody, world);
    let asked = 0;
    page.on('request', (request) => void (asked += Number(request.method() === 'POST')));
    await page.getByRole('button', { name: /^Pay / }).click();
    await sees(page.getByRole('alert').filter({ hasText: `${DIFFER}, so` }), account(somebody));
    // The card, the payment twice, and an exchange for it; the page itself asks for its payments, with another. A busy
    // machine may tell each to come again; who goes round asks without end.
    expect(asked).toBeLessThanOrEqual(10);
    expect(await exchanges(somebody, page.url())).toBeLessThanOrEqual(1);
    await sees(page.getByRole('timer'));
    told(world, 'payments', /(599|60\d)/);
  });
});

for (const [names, minutes] of [
  ['auth', 10],
  ['tickets, orders, payments', -10],
] as const)
  ahead(names, minutes, (world) => {
    test('one buys as ever, no page is sent anywhere, and the operator is told', async () => {
      const somebody = await world.person();
      const { page } = somebody;
      await reserves(somebody, world);
      await page.getByRole('button', { name: /^Pay / }).click();
      await sees(page.getByRole('heading', { name: 'It is yours' }));
      for (const path of ['/', '/orders', '/account']) expect(await exchanges(somebody, path)).toBe(0);
      await sees(account(somebody));
      for (const name of names.split(', ')) told(world, name, /-?(599|60\d)/);
    });
  });
