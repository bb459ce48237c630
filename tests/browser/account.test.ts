import { expect, test } from '@jest/globals';
import { account, enter, inBrowser, sees, seesNo } from './harness.ts';

inBrowser('an account', (world) => {
  test('is made by a form, which then leads to where one was', async () => {
    const somebody = await world.stranger();
    const { page } = somebody;
    await page.goto('/market?q=jazz');
    await page.getByRole('link', { name: 'Selling' }).click();
    await page.waitForURL('**/signin?to=*');
    await page.getByRole('link', { name: 'Make an account' }).click();
    await sees(page.getByRole('heading', { name: 'Make an account' }));
    await enter(somebody, 'Make an account');
    await page.waitForURL('**/selling');
    await sees(account(somebody), page.getByRole('heading', { name: 'Selling' }));
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

  test('what could not be ended is said until it is', async () => {
    const [here, there] = [await world.person(), await world.stranger()];
    const { page } = here;
    here.tolerates(/503 /);
    await there.page.goto('/signin');
    await enter({ page: there.page, email: here.email }, 'Sign in');
    await sees(account({ ...here, page: there.page }));
    await page.route('**/api/users/sessions/*', (route) => route.fulfill({ status: 503 }), { times: 1 });
    await page.goto('/account');
    const signOut = page.getByRole('button', { name: /^Sign out Chrome/ });
    await signOut.click();
    await sees(page.getByRole('alert').filter({ hasText: 'The server answered 503' }));
    await signOut.click();
    await sees(page.getByText('That device is signed out'));
    await seesNo(page.getByRole('alert').filter({ hasText: 'The server answered 503' }));
  });

  test('shows a session that somebody uses elsewhere, in step with this browser', async () => {
    const { page, context } = await world.person();
    const cookies = await context.cookies(`${world.suite.origin}/api/users/refresh`);
    const stolen = cookies.find(({ name }) => name === 'ticketing-refresh')!.value;
    const thief = await fetch(`${world.suite.origin}/api/users/refresh`, {
      method: 'POST',
      headers: {
        cookie: `ticketing-refresh=${stolen}`,
        'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0',
      },
    });
    expect(thief.status).toBe(200);
    // As when the access token has run out: a fresh one is not exchanged.
    await context.clearCookies({ name: 'ticketing-session' });
    expect((await context.request.post('/api/users/refresh')).status()).toBe(200);
    await page.goto('/account');
    await sees(page.getByText('Used in two places'));
    await sees(page.getByText(/^Firefox on Windows and Chrome on Linux use it/));
  });

  test('signing in and out shows in every tab', async () => {
    const somebody = await world.person();
    const { page, context } = somebody;
    const other = await context.newPage();
    await Promise.all([page.goto('/account'), other.goto('/market')]);
    await sees(account({ ...somebody, page: other }));
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.waitForURL(`${world.suite.origin}/`);
    await seesNo(account(somebody), account({ ...somebody, page: other }));
    await other.getByRole('link', { name: 'Sign in' }).click();
    await enter({ ...somebody, page: other }, 'Sign in');
    await sees(account(somebody), account({ ...somebody, page: other }));
  });
});
