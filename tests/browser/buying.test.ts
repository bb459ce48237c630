import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import { inBrowser, type Person, sees, seesNo, sell } from './harness.ts';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const reserve = (page: Page) => page.getByRole('button', { name: /^Reserve/ });
const pay = (page: Page) => page.getByRole('button', { name: /^Pay / });
const refusal = (page: Page, text: string | RegExp) => page.getByRole('alert').filter({ hasText: text });
const isPaid = (page: Page) => sees(page.getByRole('heading', { name: 'It is yours' }));

inBrowser('buying and selling', (world) => {
  /** Somebody at the payment of a ticket that costs 25 dollars. */
  const atPayment = async () => {
    const [buyer, seller] = [await world.person(), await world.elsewhere()];
    const ticket = await sell(seller);
    await buyer.page.goto(`/tickets/${ticket.id}`);
    await reserve(buyer.page).click();
    await sees(pay(buyer.page));
    return { ...buyer, ticket };
  };
  const paymentsOf = async ({ page, context }: Person) => {
    const orderId = page.url().split('/').at(-1);
    return (await context.request.get(`/api/payments?orderId=${orderId}`)).json();
  };

  test('somebody sells, another buys, and a third sees it happen', async () => {
    const [seller, buyer, third] = [await world.person(), await world.person(), await world.stranger()];
    await third.page.goto('/?q=moonlight');
    await sees(third.page.getByRole('heading', { name: 'No ticket fits' }));

    await seller.page.goto('/sell');
    await seller.page.getByLabel('What is it a ticket for?').fill('Moonlight Sonata');
    await seller.page.getByLabel('Description').fill('Row 7, on the left.');
    await seller.page.getByLabel('Price').fill('25.50');
    await button(seller.page, 'Put on sale').click();
    const own = seller.page.getByRole('listitem').filter({ hasText: 'Moonlight Sonata' });
    await sees(own.getByText('On sale'), own.getByText('$25.50'));

    await sees(third.page.getByRole('heading', { name: 'Moonlight Sonata' }));
    await buyer.page.goto('/?q=moonlight');
    await buyer.page.getByRole('link', { name: 'Moonlight Sonata' }).click();
    await sees(buyer.page.getByText('Row 7, on the left.'));
    await reserve(buyer.page).click();
    await sees(buyer.page.getByRole('timer'));
    await sees(own.getByText('Reserved'), third.page.getByText('Reserved', { exact: true }));
    await pay(buyer.page).click();
    await isPaid(buyer.page);
    await sees(own.getByText('Sold'), third.page.getByText('Sold', { exact: true }));
    await sees(seller.page.getByRole('region', { name: 'Earned' }).getByText('$25.50').first());
    await buyer.page.getByRole('link', { name: 'Orders' }).click();
    await sees(buyer.page.getByRole('link', { name: 'Moonlight Sonata' }).getByText('Paid'));
  });

  test('several tickets of a sale go into one order', async () => {
    const { page } = await world.person();
    const seller = await world.elsewhere();
    const first = await sell(seller, { title: 'Stall 1' });
    for (const title of ['Stall 2', 'Stall 3']) await sell(seller, { title, saleId: first.id });
    await page.goto(`/tickets/${first.id}`);
    await page.getByLabel('Stall 2').check();
    await page.getByLabel('Stall 3').check();
    await page.getByLabel('Stall 2').uncheck();
    await button(page, 'Reserve 2 tickets for $50.00').click();
    await sees(page.getByRole('link', { name: 'Stall 1' }), page.getByRole('link', { name: 'Stall 3' }));
    await button(page, 'Pay $50.00').click();
    await isPaid(page);
  });

  test('of two who reserve at once one holds the ticket, the other is told', async () => {
    const [buyers, seller] = [[await world.person(), await world.person()], await world.elsewhere()];
    const ticket = await sell(seller);
    for (const buyer of buyers) {
      buyer.tolerates(/409 .*\/api\/orders$/);
      await buyer.page.goto(`/tickets/${ticket.id}`);
      await eventually(() => reserve(buyer.page).isEnabled());
      await reserve(buyer.page).focus();
    }
    // By key: a click would wait for a button that the other's reservation takes away.
    await Promise.all(buyers.map(({ page }) => page.keyboard.press('Enter')));
    const outcomes = await Promise.all(
      buyers.map(({ page }) =>
        Promise.any([
          page
            .getByRole('timer')
            .waitFor()
            .then(() => 'holds it'),
          page
            .getByText(/Somebody was faster|Somebody is about to pay/)
            .first()
            .waitFor()
            .then(() => 'told'),
        ]),
      ),
    );
    expect(outcomes.sort()).toEqual(['holds it', 'told']);
  });

  test('a declined card keeps the order, and another card pays it', async () => {
    const buyer = await atPayment();
    const { page } = buyer;
    buyer.tolerates(/402 .*\/api\/payments$/);
    await button(page, 'Declined').click();
    await pay(page).click();
    await sees(refusal(page, 'The tickets are still yours'));
    await button(page, 'Insufficient funds').click();
    await pay(page).click();
    await sees(refusal(page, 'insufficient funds'), page.getByRole('timer'));
    await button(page, 'Success').click();
    await pay(page).click();
    await isPaid(page);
  });

  test('a card whose bank asks is refused by a no, and pays by a yes', async () => {
    const { page } = await atPayment();
    await button(page, 'Authentication').click();
    await pay(page).click();
    await button(page, 'No, refuse').click();
    await sees(refusal(page, 'The tickets are still yours'), page.getByRole('timer'));
    await pay(page).click();
    await button(page, 'Yes, I pay').click();
    await isPaid(page);
  });

  test('a card that cannot be one is refused beside the field', async () => {
    const { page } = await atPayment();
    await page.getByLabel('Expires').fill('soon');
    await pay(page).click();
    await sees(page.getByText('The expiry must be a month and a year such as 12 / 34'));
    expect(await page.getByLabel('Expires').inputValue()).toBe('soon');
  });

  test('a double click pays once', async () => {
    const buyer = await atPayment();
    await pay(buyer.page).dblclick();
    await isPaid(buyer.page);
    expect(await paymentsOf(buyer)).toHaveLength(1);
  });

  test("a price that changes under the buyer's finger is shown and asked again", async () => {
    const [{ page }, seller] = [await world.person(), await world.elsewhere()];
    const ticket = await sell(seller);
    await page.goto(`/tickets/${ticket.id}`);
    await sees(button(page, 'Reserve for $25.00'));
    await seller.patch(`/api/tickets/${ticket.id}`, { price: 3000 });
    await sees(refusal(page, 'is now $30.00. It was $25.00.'));
    expect(await button(page, 'Reserve for $30.00').isDisabled()).toBe(true);
    await button(page, 'I have seen it').click();
    await button(page, 'Reserve for $30.00').click();
    await sees(button(page, 'Pay $30.00'));
  });

  test('a price that changed before the page could hear of it is never charged', async () => {
    const [buyer, seller] = [await world.person(), await world.elsewhere()];
    const { page } = buyer;
    const ticket = await sell(seller);
    await page.route('**/api/tickets/stream', (route) => route.abort());
    buyer.tolerates(/\/api\/tickets\/stream/, /409 .*\/api\/orders$/);
    await page.goto(`/tickets/${ticket.id}`);
    await sees(button(page, 'Reserve for $25.00'));
    await seller.patch(`/api/tickets/${ticket.id}`, { price: 3000 });
    await eventually(async () => {
      const seen = [{ ticketId: ticket.id, price: 1 }];
      const { body } = await seller.post('/api/orders', { ticketIds: [ticket.id], seen });
      expect(body.detail).toBe('A ticket has changed since you saw it');
      expect(body.errors[0].message).toContain('now costs 3000');
    });
    await reserve(page).click();
    await sees(refusal(page, 'is now $30.00. It was $25.00.'));
    await button(page, 'I have seen it').click();
    await button(page, 'Reserve for $30.00').click();
    await sees(button(page, 'Pay $30.00'));
  });

  test('the back button leads back, to what is true by now', async () => {
    const [{ page }, seller] = [await world.person(), await world.elsewhere()];
    const ticket = await sell(seller, { title: 'There and back' });
    await page.goto('/?q=there+and');
    await page.getByRole('link', { name: 'There and back' }).click();
    await reserve(page).click();
    await sees(pay(page));
    await page.goBack();
    await page.waitForURL(`**/tickets/${ticket.id}`);
    await sees(page.getByText('Somebody is about to pay.'), page.getByText('Reserved', { exact: true }));
    await page.goBack();
    await sees(page.getByRole('link', { name: 'There and back' }).getByText('Reserved'));
    await page.goForward();
    await page.goForward();
    await pay(page).click();
    await isPaid(page);
    await page.goBack();
    await sees(page.getByText('Sold', { exact: true }));
    await page.goForward();
    await isPaid(page);
  });

  test('an order is cancelled after a question, and its ticket is on sale again for everybody', async () => {
    const [{ page, ticket }, third] = [await atPayment(), await world.stranger()];
    await third.page.goto(`/tickets/${ticket.id}`);
    await sees(third.page.getByText('Reserved', { exact: true }));
    await button(page, 'Cancel the order').click();
    await button(page, 'Keep it').click();
    await sees(page.getByRole('timer'));
    await button(page, 'Cancel the order').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the order' }).click();
    await sees(page.getByText('Cancelled', { exact: true }));
    await sees(third.page.getByText('On sale', { exact: true }));
    await button(page, 'Reserve again for $25.00').click();
    await sees(pay(page));
  });

  test('a paid order is given back, and the money too', async () => {
    const { page } = await atPayment();
    await pay(page).click();
    await button(page, 'Give it back').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Give it back' }).click();
    await sees(page.getByText('Money back', { exact: true }), page.getByText('went back to the card'));
  });

  test('what a seller typed stays when it is refused, and what is on sale is changed and withdrawn', async () => {
    const seller = await world.person();
    const { page } = seller;
    seller.tolerates(/400 .*\/api\/tickets\//);
    await page.goto('/sell');
    await page.getByLabel('What is it a ticket for?').fill('Tuba recital');
    await page.getByLabel('Price').fill('a lot');
    await button(page, 'Put on sale').click();
    await sees(page.getByText('The price must be an amount such as 25 or 25.50'));
    expect(await page.getByLabel('What is it a ticket for?').inputValue()).toBe('Tuba recital');
    expect(await page.getByLabel('Price').inputValue()).toBe('a lot');
    await page.getByLabel('Price').fill('7');
    await page.getByLabel('How many?').fill('2');
    await button(page, 'Put on sale').click();
    await eventually(async () =>
      expect(await page.getByRole('link', { name: 'Tuba recital' }).count()).toBe(2),
    );

    await page.getByRole('link', { name: 'Tuba recital' }).first().click();
    await page.getByRole('link', { name: 'Edit or withdraw' }).click();
    await page.getByLabel('Title').fill('');
    await button(page, 'Save').click();
    await sees(page.getByText('The title must'));
    await page.getByLabel('Title').fill('Tuba concert');
    await button(page, 'Save').click();
    await sees(page.getByRole('heading', { name: 'Tuba concert', level: 1 }));
    await page.getByRole('link', { name: 'Edit or withdraw' }).click();
    await button(page, 'Withdraw').click();
    await button(page, 'Withdraw it').click();
    await page.waitForURL('**/tickets');
    await sees(page.getByRole('link', { name: 'Tuba recital' }));
    await seesNo(page.getByRole('link', { name: 'Tuba concert' }));
  });

  test("another's order, and what there is not, is not found", async () => {
    const [buyer, other] = [await atPayment(), await world.person()];
    other.tolerates(/404 /);
    for (const path of [new URL(buyer.page.url()).pathname, '/tickets/none', '/nothing/here']) {
      await other.page.goto(path);
      await sees(other.page.getByRole('heading', { name: 'There is nothing here' }));
    }
  });
});
