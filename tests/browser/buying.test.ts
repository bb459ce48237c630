import { expect, test } from '@jest/globals';
import type { Page, Route } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import { orderFor } from '@ticketing/suite/api';
import { asksAlone, enter, inBrowser, type Person, sees, seesNo, sell } from './harness.ts';

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
    await third.page.goto('/market?q=moonlight');
    await sees(third.page.getByRole('heading', { name: 'No ticket fits' }));

    await seller.page.goto('/sell');
    await seller.page.getByLabel('What is it a ticket for?').fill('Moonlight Sonata');
    await seller.page.getByLabel('Description').fill('Row 7, on the left.');
    await seller.page.getByLabel('Price').fill('25.50');
    await button(seller.page, 'Put on sale').click();
    const own = seller.page.getByRole('listitem').filter({ hasText: 'Moonlight Sonata' });
    await sees(own.getByText('On sale'), own.getByText('$25.50'));

    await sees(third.page.getByRole('heading', { name: 'Moonlight Sonata' }));
    await buyer.page.goto('/market?q=moonlight');
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
    await page.getByRole('link', { name: 'Stall 1' }).click();
    await sees(page.getByText('You bought it.'));
  });

  test('what was chosen stays chosen while one makes an account', async () => {
    const [somebody, seller] = [await world.stranger(), await world.elsewhere()];
    const { page } = somebody;
    const first = await sell(seller, { title: 'Circle 1' });
    await sell(seller, { title: 'Circle 2', saleId: first.id });
    await page.goto(`/tickets/${first.id}`);
    await page.getByLabel('Circle 2').check();
    await button(page, 'Reserve 2 tickets for $50.00').click();
    await page.getByRole('link', { name: 'Make an account' }).click();
    await sees(page.getByRole('heading', { name: 'Make an account' }));
    await enter(somebody, 'Make an account');
    await button(page, 'Reserve 2 tickets for $50.00').click();
    await sees(button(page, 'Pay $50.00'));
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
    await sees(refusal(page, 'There is not enough money on this card.'), page.getByRole('timer'));
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

  test('a page that is loaded again during a challenge says so, and pays by another attempt', async () => {
    const { page } = await atPayment();
    await button(page, 'Authentication').click();
    await pay(page).click();
    await sees(button(page, 'Yes, I pay'));
    await page.reload();
    await sees(page.getByText('An earlier attempt to pay was not finished.'));
    await button(page, 'Cancel the order').click();
    await sees(page.getByText('If a payment goes through, you get it back.'));
    await button(page, 'Keep it').click();
    await pay(page).click();
    await isPaid(page);
  });

  test('a challenge that comes when the time is up is shown, and pays', async () => {
    const buyer = await atPayment();
    const { page } = buyer;
    buyer.tolerates(/503 .*\/api\/orders\/stream$/);
    // What the order's own stream would tell, the page has to find out.
    await asksAlone(page);
    await page.route('**/api/orders/stream', (route) => route.fulfill({ status: 503 }));
    await page.route(
      '**/api/payments',
      async (route) => {
        const response = await route.fetch();
        await page.clock.fastForward('20:00');
        await sees(page.getByText('Your time is up').first());
        await route.fulfill({ response });
      },
      { times: 1 },
    );
    await page.clock.install();
    await page.reload();
    await button(page, 'Authentication').click();
    await pay(page).click();
    await button(page, 'Yes, I pay').click();
    await isPaid(page);
  });

  test('a payment that fails while it is being confirmed is noticed, whoever tells of it', async () => {
    const { page } = await atPayment();
    let status = 'started';
    const payment = () => ({ id: 'p1', status, reason: 'The bank said no.' });
    await page.route('**/api/payments', (route) => route.fulfill({ status: 202, json: payment() }));
    await page.route('**/api/payments?*', (route) => route.fulfill({ json: [payment()] }));
    await pay(page).click();
    await sees(page.getByText('Thank you. The payment is being confirmed.'));
    status = 'failed';
    await sees(refusal(page, 'The bank said no. The tickets are still yours.'), pay(page));
  });

  test('a card that cannot be one is refused beside the field', async () => {
    const { page } = await atPayment();
    await page.getByLabel('Expires').fill('soon');
    await pay(page).click();
    await sees(page.getByText('Type month and year, such as 12 / 34.'));
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
    const looker = await world.elsewhere();
    const { page } = buyer;
    const ticket = await sell(seller);
    await asksAlone(page);
    await page.route('**/api/tickets/stream', (route) => route.abort());
    buyer.tolerates(/\/api\/tickets\/stream/, /409 .*\/api\/orders$/);
    await page.goto(`/tickets/${ticket.id}`);
    await sees(button(page, 'Reserve for $25.00'));
    await seller.patch(`/api/tickets/${ticket.id}`, { price: 3000 });
    await eventually(async () => {
      const seen = [{ ticketId: ticket.id, price: 1 }];
      const { body } = await looker.post('/api/orders', { ticketIds: [ticket.id], seen });
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
    await page.goto('/market?q=there+and');
    await page.getByRole('link', { name: 'There and back' }).click();
    await reserve(page).click();
    await sees(pay(page));
    await page.goBack();
    await page.waitForURL(`**/tickets/${ticket.id}`);
    await sees(page.getByText('You hold it until'), page.getByText('Reserved', { exact: true }));
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
      expect(await page.getByRole('link', { name: /^Tuba recital/ }).count()).toBe(2),
    );

    await page
      .getByRole('link', { name: /^Tuba recital/ })
      .first()
      .click();
    await page.getByRole('link', { name: 'Edit or withdraw' }).click();
    await page.getByLabel('Title').fill('');
    await button(page, 'Save').click();
    await sees(page.getByText('The title must'));
    await page.getByLabel('Title').fill('Tuba concert');
    await button(page, 'Save').click();
    await sees(
      page.getByRole('heading', { name: 'Tuba concert', level: 1 }),
      page.getByText('You cannot buy your own ticket.'),
    );
    await page.getByRole('link', { name: 'Edit or withdraw' }).click();
    await page.waitForURL('**/edit');
    const elsewhere = page.url().replace(/.*(\/tickets\/.*)\/edit/, '/api$1');
    const changed = await seller.context.request.patch(elsewhere, { data: { description: 'Row 9.' } });
    expect(changed.status()).toBe(200);
    await sees(refusal(page, 'the description is now'), refusal(page, 'Row 9.'));
    await button(page, 'Withdraw').click();
    await button(page, 'Withdraw it').click();
    await page.waitForURL('**/selling');
    await sees(page.getByRole('link', { name: /^Tuba recital/ }));
    await seesNo(page.getByRole('link', { name: /^Tuba concert/ }));
  });

  test('a page that could not read what it missed says so, and reads it when it can', async () => {
    const [seller, buyer] = [await world.person(), await world.person()];
    const post = (who: Person, path: string, data: object) =>
      eventually(async () => {
        const answer = await who.context.request.post(path, { data });
        expect(answer.status()).toBe(201);
        return ((await answer.json()) as { id: string }).id;
      });
    const ticketId = await post(seller, '/api/tickets', { title: 'Missed', price: 2500 });
    const orderId = await post(buyer, '/api/orders', orderFor([ticketId]));
    const refuse = (route: Route) => route.fulfill({ status: 503 });
    const reserved = (page: Page) => page.getByText(/^Reserved/);
    const notLive = (page: Page) => page.getByText('Not connected at the moment.');
    const open = async (who: Person, path: string) => {
      who.tolerates(/503 /);
      const page = await who.context.newPage();
      await asksAlone(page);
      await page.route('**/api/*/stream', refuse);
      await eventually(
        async () => {
          await page.goto(path);
          expect(await reserved(page).isVisible()).toBe(true);
        },
        { within: 120_000 },
      );
      return page;
    };
    const pages = await Promise.all([
      open(buyer, '/market?q=missed'),
      open(buyer, `/tickets/${ticketId}`),
      open(buyer, `/orders/${orderId}`),
      open(buyer, '/orders'),
      open(seller, '/selling'),
    ]);
    const reads = /\/api\/(tickets|orders)(?!.*stream)/;
    for (const page of pages) await page.route(reads, refuse);
    expect((await buyer.context.request.delete(`/api/orders/${orderId}`)).status()).toBe(204);
    await Promise.all(
      pages.map(async (page) => {
        await page.unroute('**/api/*/stream');
        await sees(reserved(page), notLive(page));
        await page.unroute(reads);
        await seesNo(reserved(page), notLive(page));
      }),
    );
  });

  test.each(['/market?q=unicorn', '/orders', '/selling'])(
    '%s says that it is not connected, though empty',
    async (path) => {
      const somebody = await world.person();
      const { page } = somebody;
      somebody.tolerates(/503 /);
      await asksAlone(page);
      await page.route('**/api/*/stream', (route) => route.fulfill({ status: 503 }));
      await page.goto(path);
      await sees(page.getByText('Not connected at the moment.'));
    },
  );

  test('earlier orders that cannot be read are asked for again, and what changed among them is seen', async () => {
    const [buyer, seller] = [await world.person(), await world.elsewhere()];
    const { page, context } = buyer;
    const placed: string[] = [];
    const cancel = async (id: string) =>
      expect((await context.request.delete(`/api/orders/${id}`)).status()).toBe(204);
    for (let number = 1; number <= 51; number++) {
      const { id } = await sell(seller, { title: `Night ${number}.` });
      await eventually(async () => {
        const answer = await context.request.post('/api/orders', { data: orderFor([id]) });
        expect(answer.status()).toBe(201);
        placed.push(((await answer.json()) as { id: string }).id);
      });
      // An account holds a few only without paying.
      if (number > 1) await cancel(placed.at(-1)!);
    }
    buyer.tolerates(/503 /);
    await asksAlone(page);
    await page.route('**/api/*/stream', (route) => route.fulfill({ status: 503 }));
    await page.route('**/api/orders?*cursor*', (route) => route.fulfill({ status: 503 }), { times: 1 });
    await page.goto('/orders');
    await button(page, 'Earlier orders').click();
    await sees(refusal(page, 'The server answered 503'));
    await button(page, 'Try again').click();
    await sees(page.getByRole('heading', { name: 'Night 1.' }), page.getByText(/^Reserved/));
    await seesNo(refusal(page, 'The server answered 503'));
    // What changed unseen is read as far back as it is shown.
    await cancel(placed[0]!);
    await page.unroute('**/api/*/stream');
    await seesNo(page.getByText(/^Reserved/));
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
