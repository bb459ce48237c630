import { expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import { PASSWORD } from '@ticketing/local/samples';
import { inBrowser, type Person, sees, seesNo } from './harness.ts';

/** What the header shows of somebody who is signed in. */
const account = ({ page, email }: Pick<Person, 'page' | 'email'>) =>
  page.getByRole('link', { name: `Account of ${email}` });

const enter = async (
  { page, email }: Pick<Person, 'page' | 'email'>,
  button: string,
  password = PASSWORD,
) => {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: button }).click();
};

inBrowser(
  'an account',
  (world) => {
    /** The access token that somebody's browser has now; `over` waits until the server takes it no more. */
    const accessToken = async ({ context }: Person) => {
      const cookie = (await context.cookies()).find(({ name }) => name === 'session')!;
      const over = () =>
        eventually(async () => {
          const headers = { cookie: `session=${cookie.value}` };
          const answer = await fetch(`${world.suite.origin}/api/users/sessions`, { headers });
          expect(answer.status).toBe(401);
        });
      return { cookie, over };
    };

    test('is made by a form, which then leads to where one was', async () => {
      const somebody = await world.stranger();
      const { page } = somebody;
      await page.goto('/?q=jazz');
      await page.getByRole('link', { name: 'Sell', exact: true }).click();
      await page.waitForURL('**/signin?to=*');
      await page.getByRole('link', { name: 'Make an account' }).click();
      await sees(page.getByRole('heading', { name: 'Make an account' }));
      await enter(somebody, 'Make an account');
      await page.waitForURL('**/sell');
      await sees(account(somebody), page.getByRole('heading', { name: 'Sell a ticket' }));
    });

    test('a form that is refused says why beside the field, and keeps what was typed', async () => {
      const [known, somebody] = [await world.person(), await world.stranger()];
      const { page } = somebody;
      somebody.tolerates(/40[019] .*\/api\/users\/sign(in|up)/);
      await page.goto('/signup');
      await enter(somebody, 'Make an account', 'short');
      await sees(page.getByText('The password must'));
      expect(await page.getByLabel('Password').inputValue()).toBe('short');
      expect(await page.getByLabel('E-mail address').inputValue()).toBe(somebody.email);
      expect(await page.locator(':focus').getAttribute('name')).toBe('password');

      await enter({ page, email: known.email }, 'Make an account');
      await sees(page.getByText('The e-mail address'));
      await page.getByRole('link', { name: 'Sign in', exact: true }).last().click();
      await sees(page.getByRole('heading', { name: 'Sign in' }));
      await enter({ page, email: known.email }, 'Sign in', 'not the password');
      await sees(page.getByRole('alert').filter({ hasText: 'password' }));
      expect(await page.getByLabel('E-mail address').inputValue()).toBe(known.email);
      await enter({ page, email: known.email }, 'Sign in');
      await sees(account({ page, email: known.email }));
    });

    test('signing in and out shows in every tab', async () => {
      const somebody = await world.person();
      const { page, context } = somebody;
      const other = await context.newPage();
      await Promise.all([page.goto('/account'), other.goto('/')]);
      await sees(account({ ...somebody, page: other }));
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await page.waitForURL(`${world.suite.origin}/`);
      await seesNo(account(somebody), account({ ...somebody, page: other }));
      await other.getByRole('link', { name: 'Sign in' }).click();
      await enter({ ...somebody, page: other }, 'Sign in');
      await sees(account(somebody), account({ ...somebody, page: other }));
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
      somebody.tolerates(/401 .*\/api\/tickets$/);
      const { cookie, over } = await accessToken(somebody);
      await over();
      await page.goto('/sell');
      await page.getByLabel('What is it a ticket for?').fill('Late show');
      await page.getByLabel('Price').fill('12');
      await context.addCookies([cookie]);
      await page.getByRole('button', { name: 'Put on sale' }).click();
      await sees(page.getByRole('link', { name: 'Late show' }));
      await context.addCookies([cookie]);
      await page.getByRole('link', { name: 'Orders' }).click();
      await sees(page.getByRole('heading', { name: 'Your orders' }), account(somebody));
    });

    test('a page that stays open keeps its session over many access tokens', async () => {
      const somebody = await world.person();
      const { page } = somebody;
      await page.goto('/account');
      for (let times = 1; times <= 2; times++) await (await accessToken(somebody)).over();
      await page.getByRole('link', { name: 'My tickets' }).click();
      await sees(page.getByRole('heading', { name: 'You have nothing on sale' }), account(somebody));
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
      await sees(there.page.getByRole('link', { name: 'Sign in' }), account(here));
      await seesNo(account({ ...here, page: there.page }));
    });

    test('signing out everywhere ends all of them', async () => {
      const [here, there] = [await world.person(), await world.stranger()];
      there.tolerates(/401 .*\/api\/users\/refresh$/);
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
  { settings: () => ({ TOKEN_SECONDS: '5' }) },
);
