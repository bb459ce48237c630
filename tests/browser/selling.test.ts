import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { mostOf } from '@ticketing/common/currency';
import { eventually } from '@ticketing/common/testing';
import { orderFor } from '@ticketing/suite/api';
import { account, enter, inBrowser, type Person, sees, seesNo, sell, type Ticket } from './harness.ts';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const alert = (page: Page, text: string | RegExp) => page.getByRole('alert').filter({ hasText: text });
const entry = (page: Page, title: string) => page.getByRole('listitem').filter({ hasText: title });

const dollars = (cents: number) =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: 'usd' }).format(cents / 100);

/** Types into a field, and leaves it. */
const types = async (page: Page, label: string, text: string) => {
  const field = page.getByLabel(label);
  await field.fill(text);
  await field.blur();
  return field.inputValue();
};
const offers = async (page: Page, title: string, price: string) => {
  await page.goto('/sell');
  await page.getByLabel('What is it a ticket for?').fill(title);
  await types(page, 'Price', price);
  await button(page, 'Put on sale').click();
};

inBrowser(
  'a seller',
  (world) => {
    /** A ticket of this seller that somebody has bought, and its order. */
    const sold = async (seller: Person, title: string) => {
      const answer = await seller.context.request.post('/api/tickets', { data: { title, price: 2500 } });
      const { id } = (await answer.json()) as Ticket;
      const buyer = await world.elsewhere();
      const orderId = await eventually(async () => {
        const { status, body } = await buyer.post<{ id: string }>('/api/orders', orderFor([id]));
        expect(status).toBe(201);
        return body.id;
      });
      await eventually(async () => {
        const { status } = await buyer.post('/api/payments', { orderId, paymentMethod: 'pm_card_visa' });
        expect(status).toBe(201);
      });
      return eventually(async () => {
        const { body } = await buyer.get<{ id: string; completedAt: string }>(`/api/orders/${orderId}`);
        expect(body.completedAt).toBeDefined();
        return body;
      });
    };

    test('types an amount as at home, and sees how it was understood', async () => {
      const [{ page }, german] = [await world.person(), await world.person({ locale: 'de-DE' })];
      await page.goto('/sell');
      expect(await types(page, 'Price', '$1,000.00')).toBe('$1,000.00');
      expect(await types(page, 'Price', '1.000,00')).toBe('$1,000.00');
      expect(await types(page, 'Price', '٢٥')).toBe('$25.00');
      expect(await types(page, 'Price', '1.000')).toBe('1.000');
      await german.page.goto('/sell');
      expect(await types(german.page, 'Price', '1.000')).toBe('$1,000.00');
      expect(await types(german.page, 'Price', '25,5')).toBe('$25.50');
    });

    test('is told all that is wrong at once, in money, and asked once about what is unlikely', async () => {
      const { page } = await world.person();
      await page.goto('/sell');
      await page.getByLabel('Price').fill('1000000');
      await page.getByLabel('How many?').fill('0');
      await button(page, 'Put on sale').click();
      await sees(
        page.getByText('The title must not be empty'),
        page.getByText(`The price must be at most ${dollars(mostOf('usd'))}`),
        page.getByText('The number must be a whole number from 1 to 10'),
      );
      await page.getByLabel('How many?').fill('1');
      await offers(page, 'Comma night', '25,5');
      await sees(page.getByText('The price is read as $25.50. If that is right, press “Put on sale” again.'));
      await button(page, 'Put on sale').click();
      await sees(entry(page, 'Comma night').getByText('$25.50'));
      await offers(page, 'Dear night', '2550');
      await sees(page.getByText('The price is $2,550.00, far more than your $25.50 of before.'));
      await button(page, 'Put on sale').click();
      await sees(entry(page, 'Dear night').getByText('$2,550.00'));
    });

    test('says of which event a ticket is, when and where; buyers see it, and find it by that', async () => {
      const { page, tolerates } = await world.person();
      tolerates(/400 .*\/api\/tickets$/);
      await page.goto('/sell');
      await page.getByLabel('What is it a ticket for?').fill('Row 7, seat 12');
      await page.getByLabel('Event').fill('Festival of kites');
      await page.getByLabel('Place').fill('Beach, Hamamatsu');
      await page.getByLabel('Time zone there').selectOption('Asia/Tokyo');
      await page.getByLabel('Date and time').fill('2020-05-05T19:30');
      await types(page, 'Price', '25');
      await button(page, 'Put on sale').click();
      await sees(page.getByText('The date is over'));
      await page.getByLabel('Date and time').fill('2095-05-05T19:30');
      await button(page, 'Put on sale').click();
      await sees(entry(page, 'Row 7, seat 12'));
      const { page: buyer } = await world.stranger();
      await buyer.goto('/market?q=kites+hamamatsu');
      await buyer.getByRole('link').filter({ hasText: 'Row 7, seat 12' }).click();
      await sees(
        buyer.getByText('Festival of kites', { exact: true }),
        buyer.getByText('May 5, 2095, 7:30 PM Asia/Tokyo', { exact: true }),
        buyer.getByText('Beach, Hamamatsu', { exact: true }),
      );
      await page.goto(`${new URL(buyer.url()).pathname}/edit`);
      const values = ['Event', 'Place', 'Time zone there', 'Date and time'].map((label) =>
        page.getByLabel(label).inputValue(),
      );
      expect(await Promise.all(values)).toEqual([
        'Festival of kites',
        'Beach, Hamamatsu',
        'Asia/Tokyo',
        '2095-05-05T19:30',
      ]);
      await page.getByLabel('Event').fill('');
      await button(page, 'Save').click();
      await seesNo(buyer.getByText('Festival of kites', { exact: true }));
    });

    test('or a buyer types prices that cross, and what an address says is the same to everybody', async () => {
      const { page } = await world.stranger({ locale: 'de-DE' });
      await page.goto('/market');
      await page.getByLabel('Price to').fill('20');
      await page.getByLabel('Price from').fill('1.000,5');
      await sees(page.getByText('Price from must not be above Price to'));
      await page.waitForURL('**/market?min=1000.50&max=20');
      await page.reload();
      await sees(page.getByText('Price from must not be above Price to'));
      expect(await page.getByLabel('Price from').inputValue()).toBe('$1,000.50');
    });

    test('is called on tickets as they chose, and nothing where they chose nothing', async () => {
      const seller = await world.person();
      const offered = await seller.context.request.post('/api/tickets', {
        data: { title: 'Named', price: 2500 },
      });
      const { id } = (await offered.json()) as { id: string };
      const { page } = seller;
      const name = page.getByLabel('Name that buyers see');
      await page.goto('/account');
      await name.fill(' Ada’s friend ');
      await name.press('Enter');
      await sees(page.getByText('Buyers see Ada’s friend'));
      const buyer = await world.stranger();
      await buyer.page.goto(`/tickets/${id}`);
      // At once, or by the stream.
      await sees(buyer.page.getByText('Sold by Ada’s friend'));
      await page.goto('/account');
      expect(await name.inputValue()).toBe('Ada’s friend');
    });

    test('counts by the days of one time zone, wherever the device is', async () => {
      const here = await world.person({ timezoneId: 'Pacific/Kiritimati' });
      const { id, completedAt } = await sold(here, 'Far away');
      const day = (zone: string, more: Intl.DateTimeFormatOptions = {}) =>
        new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', timeZone: zone, ...more }).format(
          new Date(completedAt),
        );
      const [home, away] = [day('Pacific/Kiritimati'), day('Pacific/Pago_Pago')];
      expect(home).not.toBe(away);
      await here.page.goto('/selling');
      await here.page.getByRole('rowheader', { name: home }).waitFor({ state: 'attached' });
      expect(await here.page.getByLabel('Your time zone').inputValue()).toBe('Pacific/Kiritimati');
      await button(here.page, 'Keep this time zone').click();
      await sees(here.page.getByText('Days in Pacific/Kiritimati.'));

      const there = await world.stranger({ timezoneId: 'Pacific/Pago_Pago' });
      await there.page.goto('/signin?to=/selling');
      await enter({ page: there.page, email: here.email }, 'Sign in');
      await sees(there.page.getByText('Days in Pacific/Kiritimati.'));
      await there.page.getByRole('rowheader', { name: home }).waitFor({ state: 'attached' });
      await there.page.goto(`/orders/${id}`);
      const receipt = there.page.getByRole('region', { name: 'Sold' });
      await sees(receipt.getByText(day('Pacific/Kiritimati', { year: 'numeric' })));

      const days = there.page.getByRole('slider', { name: 'Day' });
      await there.page.goto('/selling');
      const today = await days.getAttribute('aria-valuetext');
      await days.focus();
      await days.press('ArrowLeft');
      expect(await days.getAttribute('aria-valuetext')).not.toBe(today);
      await days.press('Home');
      await sees(there.page.locator('output').filter({ hasText: ': $0.00, 0 sold' }));
    });

    test('sees today change at the turn of the day', async () => {
      const seller = await world.person({ timezoneId: 'UTC' });
      await sold(seller, 'Late show');
      const { page } = seller;
      const DAY = 24 * 3600_000;
      let later = 0;
      await page.clock.install();
      await page.route(/\/api\/(?!.*stream)/, async (route) => {
        const response = await route.fetch();
        const date = new Date(Date.now() + later).toUTCString();
        await route.fulfill({ response, headers: { ...response.headers(), date } });
      });
      await page.goto('/selling');
      const days = page.getByRole('slider', { name: 'Day' });
      const today = await days.getAttribute('aria-valuetext');
      expect(today).toContain('$25.00, 1 sold');
      later = DAY;
      await page.clock.fastForward(DAY);
      await eventually(async () => {
        await page.clock.runFor(1000);
        expect(await days.getAttribute('aria-valuetext')).toContain('$0.00, 0 sold');
      });
      await days.press('ArrowLeft');
      await eventually(async () => expect(await days.getAttribute('aria-valuetext')).toBe(today));
    });

    test('whose session was ended elsewhere is told so, and finds again what they typed; nobody else does', async () => {
      const [seller, other] = [await world.person(), await world.person()];
      const { page, context } = seller;
      seller.tolerates(/401 /);
      const title = page.getByLabel('What is it a ticket for?');
      const endsElsewhere = async () => {
        await eventually(async () => {
          const all = await context.request.delete('/api/users/sessions');
          expect(all.status()).toBe(204);
        });
      };
      await page.goto('/sell');
      await title.fill('A long story');
      await types(page, 'Price', '12');
      await endsElsewhere();
      await button(page, 'Put on sale').click();
      const dialog = page.getByRole('dialog');
      await sees(dialog.getByText('Your session is over. Please sign in again.'));
      expect(page.url()).toMatch(/\/sell$/);
      await dialog.getByRole('link', { name: 'Sign in' }).click();
      await sees(page.getByText('Your session is over. Please sign in again, to go on where you were.'));
      await enter(seller, 'Sign in');
      await page.waitForURL('**/sell');
      await sees(account(seller), page.getByText('What you typed before is here again.'));
      expect([await title.inputValue(), await page.getByLabel('Price').inputValue()]).toEqual([
        'A long story',
        '$12.00',
      ]);

      await endsElsewhere();
      await button(page, 'Put on sale').click();
      await dialog.getByRole('link', { name: 'Sign in' }).click();
      await enter({ page, email: other.email }, 'Sign in');
      await page.waitForURL('**/sell');
      await sees(account({ page, email: other.email }));
      expect(await title.inputValue()).toBe('');
      expect(
        await page.evaluate('Object.keys(sessionStorage).filter((key) => key.startsWith("typed"))'),
      ).toEqual([]);
    });

    test('who signs out in one tab leaves nothing that they typed in another', async () => {
      const seller = await world.person();
      const { page, context } = seller;
      const other = await context.newPage();
      await other.goto('/sell');
      await other.getByLabel('What is it a ticket for?').fill('A secret gig');
      const typed = () => other.evaluate('JSON.stringify(sessionStorage)');
      expect(await typed()).toContain('A secret gig');
      await page.goto('/account');
      await button(page, 'Sign out').click();
      await sees(other.getByRole('heading', { name: 'Sign in' }));
      await eventually(async () => expect(await typed()).not.toContain('A secret gig'));
    });

    test('who has an account already is offered to sign in, and may look at a password', async () => {
      const [known, { page, tolerates }] = [await world.person(), await world.stranger()];
      tolerates(/409 .*\/api\/users\/signup/);
      await page.goto('/signup');
      const [password, show] = [page.getByLabel('Password'), button(page, 'Show password')];
      await page.getByLabel('E-mail address').fill(known.email);
      await password.fill('correct horse');
      await show.click();
      expect([await password.getAttribute('type'), await show.getAttribute('aria-pressed')]).toEqual([
        'text',
        'true',
      ]);
      await button(page, 'Make an account').click();
      await sees(page.getByText('The e-mail address is taken'));
      expect(await password.getAttribute('type')).toBe('password');
      expect(String(await page.evaluate('JSON.stringify(sessionStorage)'))).not.toContain('correct horse');
      await page.getByRole('link', { name: 'Sign in with this address' }).click();
      await sees(page.getByRole('heading', { name: 'Sign in' }));
      await eventually(async () =>
        expect(await page.getByLabel('E-mail address').inputValue()).toBe(known.email),
      );
    });

    test('edits from the list, and sees what another tab changes before it is overwritten', async () => {
      const seller = await world.person();
      const { page, context } = seller;
      await offers(page, 'Row 10', '40');
      await page.getByRole('link', { name: 'Edit Row 10' }).click();
      await page.waitForURL('**/edit');
      const path = page.url().replace(/.*(\/tickets\/.*)\/edit/, '/api$1');
      await types(page, 'Price', '45');
      const data = { price: 5000, description: 'By the aisle.' };
      expect((await context.request.patch(path, { data })).status()).toBe(200);
      await sees(
        alert(page, 'the price is now $50.00. It was $40.00.'),
        alert(page, 'the description is now “By the aisle.”.'),
      );
      expect(await page.getByLabel('Price').inputValue()).toBe('$45.00');
      expect(await page.getByLabel('Description').inputValue()).toBe('By the aisle.');
      await button(page, 'Save').click();
      await sees(page.getByRole('heading', { name: 'Row 10', level: 1 }), page.getByText('$45.00'));

      await page.getByRole('link', { name: 'Add seats beside it' }).click();
      await page.getByLabel('What is it a ticket for?').fill('Row 2');
      await button(page, 'Put on sale').click();
      await sees(entry(page, 'Row 2'));
      expect(await page.getByRole('heading', { level: 2, name: /^Row/ }).allTextContents()).toEqual([
        'Row 2',
        'Row 10',
      ]);
      await page.getByRole('link', { name: 'Edit Row 10' }).click();
      await page.waitForURL('**/edit');
      const buyer = await world.elsewhere();
      const id = path.split('/').at(-1)!;
      await eventually(async () =>
        expect((await buyer.post('/api/orders', orderFor([id], 4500))).status).toBe(201),
      );
      await sees(alert(page, 'Somebody has just reserved it.'));
      expect(await button(page, 'Save').isDisabled()).toBe(true);
    });

    test('and everybody reads which seats are beside it in rising order, and what the footer leads to', async () => {
      const [{ page }, seller] = [await world.stranger(), await world.elsewhere()];
      const { id } = await sell(seller, { title: 'Box 1' });
      for (const title of ['Box 10', 'Box 9', 'Box 2']) await sell(seller, { title, saleId: id });
      await page.goto(`/tickets/${id}`);
      const beside = page.getByRole('group', { name: 'Add seats beside it' });
      await sees(beside.getByText('Box 9'));
      expect(
        (await beside.getByRole('listitem').allTextContents()).map((text) => text.split('$')[0]),
      ).toEqual(['Box 2', 'Box 9', 'Box 10']);
      const links = page.getByRole('contentinfo').getByRole('link');
      expect(
        await links.evaluateAll((all) => all.map((a) => [a.textContent, a.getAttribute('href')])),
      ).toEqual([
        ['Terms', 'https://example.com/terms'],
        ['Help', 'https://example.com/help'],
      ]);
      await seesNo(page.getByRole('link', { name: 'Imprint' }));
    });
  },
  {
    shapes: ['monolith'],
    settings: () => ({ TERMS_URL: 'https://example.com/terms', HELP_URL: 'https://example.com/help' }),
  },
);
