import { expect } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import { account, countNotices, enter, inBrowser, type Person, sees, seesNo, sell } from './harness.ts';

inBrowser(
  'what lasts for a while',
  (world) => {
    const test = world.beside;
    /** The access token that somebody's browser has now; `over` waits until the server takes it no more. */
    const accessToken = async ({ context }: Person) => {
      const cookie = (await context.cookies()).find(({ name }) => name === 'ticketing-session')!;
      const over = () =>
        eventually(async () => {
          const headers = { cookie: `ticketing-session=${cookie.value}` };
          const answer = await fetch(`${world.suite.origin}/api/users/sessions`, { headers });
          expect(answer.status).toBe(401);
        });
      return { cookie, over };
    };

    test('a hold that runs out is said, and its ticket offered again', async () => {
      const [{ page }, third] = [await world.person(), await world.stranger()];
      const ticket = await sell(await world.elsewhere());
      await page.goto(`/tickets/${ticket.id}`);
      await page.getByRole('button', { name: 'Reserve for $25.00' }).click();
      await sees(page.getByRole('timer'));
      await third.page.goto(`/tickets/${ticket.id}`);
      await sees(third.page.getByText('Reserved', { exact: true }));
      await page.getByText('The time to pay ran out.').waitFor({ timeout: 180_000 });
      await sees(third.page.getByText('On sale', { exact: true }));
      await page.getByRole('button', { name: 'Reserve again for $25.00' }).click();
      await page.getByRole('button', { name: 'Pay $25.00' }).click();
      await sees(page.getByRole('heading', { name: 'It is yours' }));
    });

    test('an access token that expired while one was away is exchanged on the way to a page', async () => {
      const somebody = await world.person();
      const { page, context } = somebody;
      await (await accessToken(somebody)).over();
      // Several at the same time, as a browser that is opened again does.
      const tabs = [page, await context.newPage(), await context.newPage()];
      await Promise.all(tabs.map((tab) => tab.goto('/orders')));
      for (const tab of tabs)
        await sees(tab.getByRole('heading', { name: 'Your orders' }), account({ ...somebody, page: tab }));
    });

    test('a form that is sent, and a link that is followed, with an expired access token go through', async () => {
      const somebody = await world.person();
      const { page, context } = somebody;
      const { cookie, over } = await accessToken(somebody);
      await over();
      await page.goto('/sell');
      await page.getByLabel('What is it a ticket for?').fill('Late show');
      await page.getByLabel('Price').fill('12');
      await context.addCookies([cookie]);
      await page.getByRole('button', { name: 'Put on sale' }).click();
      await sees(page.getByRole('link', { name: /^Late show/ }));
      await context.addCookies([cookie]);
      await page.getByRole('link', { name: 'Orders' }).click();
      await sees(page.getByRole('heading', { name: 'Your orders' }), account(somebody));
    });

    test('a page that stays open keeps its session over many access tokens', async () => {
      const somebody = await world.person();
      const { page } = somebody;
      await page.goto('/account');
      for (let times = 1; times <= 2; times++) await (await accessToken(somebody)).over();
      await page.getByRole('link', { name: 'Selling' }).click();
      await sees(page.getByRole('heading', { name: 'You have nothing on sale' }), account(somebody));
    });

    test('nothing is said of access tokens that are renewed, and nothing moves, while a card form is open', async () => {
      const somebody = await world.person();
      const { page } = somebody;
      const told = await countNotices(page);
      const ticket = await sell(await world.elsewhere());
      await page.goto(`/tickets/${ticket.id}`);
      await page.getByRole('button', { name: 'Reserve for $25.00' }).click();
      const pay = page.getByRole('button', { name: 'Pay $25.00' });
      await sees(pay);
      const place = await pay.boundingBox();
      for (let times = 1; times <= 2; times++) await (await accessToken(somebody)).over();
      expect(await pay.boundingBox()).toEqual(place);
      expect(await told()).toBe(0);
    });

    test('answers to refreshes that are lost while a card form is open end nothing', async () => {
      const somebody = await world.person();
      const { page, context } = somebody;
      somebody.tolerates(/net::ERR_(FAILED|CONNECTION_FAILED).*\/api\/users\/refresh$/);
      let lost = 0;
      const ticket = await sell(await world.elsewhere());
      await page.goto(`/tickets/${ticket.id}`);
      await page.getByRole('button', { name: 'Reserve for $25.00' }).click();
      await sees(page.getByRole('button', { name: 'Pay $25.00' }));
      await page.route('**/api/users/refresh', async (route) => {
        if (lost >= 3) return route.continue();
        // It reaches the server with the browser's cookies, and the browser sees nothing of what it says.
        const cookies = await context.cookies(route.request().url());
        const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
        const answer = await fetch(route.request().url(), { method: 'POST', headers: { cookie } });
        expect(answer.status).toBe(200);
        lost += 1;
        return route.abort('failed');
      });
      await eventually(() => expect(lost).toBe(3), { within: 120_000 });
      await (await accessToken(somebody)).over();
      await page.goto('/account');
      await sees(page.getByText('This device'), account(somebody));
    });

    test('another application’s cookie called session changes nothing, and is left alone', async () => {
      const [somebody, stranger] = [await world.person(), await world.stranger()];
      for (const { context } of [somebody, stranger])
        await context.addCookies([{ name: 'session', value: 'theirs', url: world.suite.origin }]);
      await somebody.page.goto('/orders');
      await sees(account(somebody), somebody.page.getByRole('heading', { name: 'Your orders' }));
      await (await accessToken(somebody)).over();
      await somebody.page.goto('/market');
      await sees(account(somebody));
      await stranger.page.goto('/market');
      await sees(stranger.page.getByRole('link', { name: 'Sign in', exact: true }));
      for (const { context } of [somebody, stranger])
        expect(await context.cookies(world.suite.origin)).toContainEqual(
          expect.objectContaining({ name: 'session', value: 'theirs' }),
        );
    });

    test('devices are listed; one that is signed out elsewhere is told as soon as its access token is over', async () => {
      const [here, there] = [await world.person(), await world.stranger()];
      there.tolerates(/401 .*\/api\/users\/refresh$/);
      await there.page.goto('/signin?to=/orders');
      await enter({ page: there.page, email: here.email }, 'Sign in');
      await sees(there.page.getByRole('heading', { name: 'Your orders' }));
      await here.page.goto('/account');
      await sees(here.page.getByText('This device'));
      await here.page.getByRole('button', { name: /^Sign out Chrome/ }).click();
      await sees(here.page.getByText('That device is signed out'));
      await sees(there.page.getByText('Your session is over. Please sign in again.'));
      await sees(there.page.getByRole('dialog').getByRole('link', { name: 'Sign in' }), account(here));
      await seesNo(account({ ...here, page: there.page }));
    });

    test('signing out everywhere ends all of them', async () => {
      const [here, there] = [await world.person(), await world.stranger()];
      for (const one of [here, there]) one.tolerates(/401 .*\/api\/users\/refresh$/);
      await there.page.goto('/signin');
      await enter({ page: there.page, email: here.email }, 'Sign in');
      await sees(account({ ...here, page: there.page }));
      await here.page.goto('/account');
      await here.page.getByRole('button', { name: 'Sign out everywhere' }).click();
      await sees(
        here.page.getByRole('link', { name: 'Sign in' }),
        there.page.getByRole('link', { name: 'Sign in' }),
      );
    });
  },
  {
    // So long that a form to pay is there before its end while the other tests go on, too, and on a busy machine.
    settings: () => ({ TOKEN_SECONDS: '12', ORDER_HOLD_SECONDS: '45', PAYMENT_BEGIN_SECONDS: '0' }),
    // On a busy machine a token may be over before its page is there; the page then exchanges it.
    tolerates: [/401 .*\/api\/(?!users\/(refresh|sign))/],
  },
);
