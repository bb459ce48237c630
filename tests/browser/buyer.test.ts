import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import { orderFor } from '@ticketing/suite/api';
import { inBrowser, type Person, sees, seesNo, sell } from './harness.ts';

const PHONE = { width: 390, height: 844 };
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const reserve = (page: Page) => button(page, /^Reserve/);
const pay = (page: Page) => button(page, /^Pay /);
const isPaid = (page: Page) => sees(page.getByRole('heading', { name: 'It is yours' }));
const unpaid = (page: Page) => page.getByRole('complementary', { name: 'Not paid yet' });

/** Whether it can be touched where it is, without scrolling. */
const inReach = async (what: Locator): Promise<boolean> => {
  const { x, y, width, height } = (await what.boundingBox())!;
  const there = `document.elementFromPoint(${x + width / 2}, ${y + height / 2})?.textContent`;
  return (await what.page().evaluate(there)) === (await what.textContent());
};

/** As a browser's translation does: each text makes room for a `<font>` with another. */
const translate = (page: Page) =>
  page.evaluate(`(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) found.push(texts.currentNode);
    for (const text of found) {
      if (!text.data.trim() || text.parentElement.closest('script, style, noscript, svg')) continue;
      const font = document.createElement('font');
      font.append(text.data);
      text.replaceWith(font);
    }
  })()`);

/** What no window is high enough for at 400 %: all that has stayed at its edges. */
const STUCK = `[...document.querySelectorAll('header, nav, button')].filter((one) => {
  const { top, bottom, height } = one.getBoundingClientRect();
  return height > 0 && bottom > 0 && top < innerHeight;
}).length`;

inBrowser(
  'a buyer',
  (world) => {
    const order = (buyer: Person, ids: readonly string[], price = 2500) =>
      eventually(async () => {
        const answer = await buyer.context.request.post('/api/orders', { data: orderFor([...ids], price) });
        expect(answer.status()).toBe(201);
        return (await answer.json()) as { id: string };
      });

    test('is told on the page of a ticket until when it is theirs, and that they bought it; others are not', async () => {
      const [buyer, third] = [await world.person(), await world.stranger()];
      const ticket = await sell(await world.elsewhere());
      const other = await buyer.context.newPage();
      for (const page of [buyer.page, other, third.page]) await page.goto(`/tickets/${ticket.id}`);
      await reserve(buyer.page).click();
      await sees(pay(buyer.page));
      const held = other.getByText(/^You hold it until \d+:\d\d [AP]M\.$/);
      await sees(held, third.page.getByText('Somebody is about to pay.'));
      expect(await other.title()).toBe('Reserved · Front row · Ticketing');
      await other.reload();
      await sees(held);
      await other.getByRole('article').getByRole('link', { name: 'Pay now' }).click();
      await pay(other).click();
      await isPaid(other);
      expect(await other.title()).toBe('Paid · Front row · Ticketing');
      await isPaid(buyer.page);
      await buyer.page.goto(`/tickets/${ticket.id}`);
      await sees(buyer.page.getByText('You bought it.'), third.page.getByText('Somebody has bought it.'));
      await buyer.page.getByRole('link', { name: 'See your order' }).click();
      await isPaid(buyer.page);
    });

    test('is told until when a paid order can be given back, and no longer offered it afterwards', async () => {
      const buyer = await world.person();
      const { page } = buyer;
      const { id } = await order(buyer, [(await sell(await world.elsewhere())).id]);
      await page.goto(`/orders/${id}`);
      await pay(page).click();
      await isPaid(page);
      await sees(button(page, 'Give it back'), page.getByText(/^You can until \d+:\d\d [AP]M\.$/));
      await seesNo(button(page, 'Give it back'));
      await sees(page.getByText(/^It could be given back until/));
      expect(await page.getByRole('link', { name: 'Ask the marketplace' }).getAttribute('href')).toBe(
        'https://example.com/help',
      );
    });

    test('sees what ten seats are for, the time and the payment at once, and all seats on paper', async () => {
      const [buyer, seller] = [await world.person({ viewport: PHONE }), await world.person()];
      const { page } = buyer;
      const ids: string[] = [];
      for (let seat = 1; seat <= 10; seat++) {
        const data = {
          title: `Cup final, row 7, seat ${seat}`,
          price: 2500,
          ...(ids[0] && { saleId: ids[0] }),
        };
        const answer = await seller.context.request.post('/api/tickets', { data });
        ids.push(((await answer.json()) as { id: string }).id);
      }
      const { id } = await order(buyer, ids);
      const name = 'Cup final, row 7 · 10 tickets';
      await page.goto(`/orders/${id}`);
      await sees(page.getByRole('heading', { name, level: 1 }), page.getByRole('timer'), pay(page));
      for (const what of [page.getByRole('timer'), pay(page)]) await eventually(() => inReach(what));
      await seesNo(page.getByRole('link', { name: 'Cup final, row 7, seat 9' }));
      await button(page, 'Show all 10 tickets').click();
      await sees(page.getByRole('link', { name: 'Cup final, row 7, seat 9' }));
      await button(page, 'Show fewer').click();
      await pay(page).click();
      await isPaid(page);
      // Who moves by key, or listens, goes on at what came.
      expect(await page.evaluate('document.activeElement.textContent')).toBe('It is yours');
      await seesNo(page.getByText(buyer.email));
      await page.emulateMedia({ media: 'print' });
      await sees(
        page.getByText('Cup final, row 7, seat 10'),
        page.getByText(buyer.email),
        page.getByText('$250.00 USD'),
      );
      await seesNo(button(page, 'Give it back'), page.getByText(/^You can until/));
      await page.goto('/orders');
      await sees(page.getByRole('link', { name }));
      await seller.page.goto(`/orders/${id}`);
      await sees(seller.page.getByRole('heading', { name, level: 1 }));
    });

    test('reads out the number of an order, and its seller finds it by that; nobody else does', async () => {
      const [buyer, seller, other] = [await world.person(), await world.person(), await world.person()];
      other.tolerates(/404 /);
      const { context } = seller;
      const made = await context.request.post('/api/tickets', { data: { title: 'Read out', price: 2500 } });
      const { id } = await order(buyer, [((await made.json()) as { id: string }).id]);
      await buyer.page.goto(`/orders/${id}`);
      const number = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(
        await buyer.page.getByText(/^Order [0-9A-Z]{5}-/).innerText(),
      )![0];
      for (const { page } of [seller, other]) {
        await page.goto('/orders');
        await page
          .getByLabel('Find an order by its number')
          .fill(` ${number.toLowerCase().replace('-', ' ')}`);
        await button(page, 'Find').click();
      }
      await sees(
        seller.page.getByRole('heading', { name: 'Read out' }),
        other.page.getByRole('heading', { name: 'There is nothing here' }),
      );
    });

    test('who looks at a ticket that changes hands does not ask whose it is in the same moment as all others', async () => {
      const [watcher, buyer] = [await world.person(), await world.elsewhere()];
      const { page } = watcher;
      const ticket = await sell(await world.elsewhere());
      // The last of them.
      await page.addInitScript(`{
        Math.random = () => 0.99;
        const { fetch } = globalThis;
        globalThis.fetch = (path, init) => {
          if (String(path).includes('ticketId=')) globalThis.asked ??= performance.now();
          return fetch(path, init);
        };
        new MutationObserver(() => {
          if (document.querySelector('article[class] [aria-live]')?.textContent.includes('Reserved'))
            globalThis.shown ??= performance.now();
        }).observe(document, { subtree: true, childList: true, characterData: true });
      }`);
      await page.goto(`/tickets/${ticket.id}`);
      await sees(reserve(page));
      await eventually(async () =>
        expect((await buyer.post('/api/orders', orderFor([ticket.id]))).status).toBe(201),
      );
      await sees(page.getByText('Somebody is about to pay.'));
      expect(await page.evaluate('asked - shown')).toBeGreaterThan(1000);
    });

    test('whose browser keeps nothing for any page sees the market, what changes in it, and how to sign in', async () => {
      const { page } = await world.stranger();
      const [seller, title] = [await world.elsewhere(), 'Seen without cookies'];
      const ticket = await sell(seller, { title });
      // As browsers do that are to refuse all cookies.
      await page.addInitScript(`{
        function refuse() { throw new DOMException('The operation is insecure.', 'SecurityError'); }
        for (const name of ['localStorage', 'sessionStorage'])
          Object.defineProperty(globalThis, name, { get: refuse });
        globalThis.SharedWorker = refuse;
      }`);
      await page.goto(`/tickets/${ticket.id}`);
      await sees(page.getByRole('heading', { name: title }), button(page, 'Reserve for $25.00'));
      expect((await seller.patch(`/api/tickets/${ticket.id}`, { price: 3000 })).status).toBe(200);
      await sees(page.getByText('is now $30.00'));
      await page.goto('/signin');
      await sees(page.getByRole('heading', { name: 'Sign in' }));
      await page.getByLabel('E-mail address').fill('ann@example.com');
      expect(await page.getByLabel('E-mail address').inputValue()).toBe('ann@example.com');
    });

    test('has on every page what is not paid yet, with the time that is left', async () => {
      const buyer = await world.person({ viewport: PHONE });
      const { page } = buyer;
      const { id } = await order(buyer, [(await sell(await world.elsewhere(), { title: 'On hold' })).id]);
      for (const path of ['/', '/market', '/sell', '/account', '/selling', '/my-tickets']) {
        await page.goto(path);
        await sees(unpaid(page).getByText('On hold'), unpaid(page).getByText(/^Yours for 1[0-4]:\d\d$/));
      }
      const other = await buyer.context.newPage();
      await page.bringToFront();
      await unpaid(page).getByRole('link', { name: 'Pay now' }).click();
      await sees(page.getByRole('timer'));
      await seesNo(unpaid(page));
      await eventually(async () => expect(await page.title()).toMatch(/^1[0-4]:\d\d · On hold · Ticketing$/));
      await other.goto('/market');
      await sees(unpaid(other));
      expect((await buyer.context.request.delete(`/api/orders/${id}`)).status()).toBe(204);
      await sees(page.getByText('Cancelled', { exact: true }));
      await seesNo(unpaid(other));
    });

    test('who is refused reads why in plain words, never an old refusal beside a new one; and no field moves', async () => {
      const buyer = await world.person();
      const { page } = buyer;
      buyer.tolerates(/40[02] /);
      const { id } = await order(buyer, [(await sell(await world.elsewhere())).id]);
      await page.goto(`/orders/${id}`);
      await button(page, 'Insufficient funds').click();
      await pay(page).click();
      const refusal = page.getByRole('alert').filter({ hasText: 'There is not enough money on this card.' });
      await sees(refusal);
      await page.getByLabel('Card number').fill('4242 4242 4242 4241');
      await pay(page).click();
      await sees(
        page.getByText('This is not the number of a card. Look at the card again.', { exact: true }),
      );
      await seesNo(refusal);
      await page.getByLabel('Card number').fill('4242 4242 4242 4242');
      await page.getByLabel('Expires').fill('01 / 20');
      const places = () =>
        Promise.all(
          [page.getByLabel('Expires'), page.getByLabel('Security code'), pay(page)].map(async (what) =>
            Math.round((await what.boundingBox())!.y),
          ),
        );
      const before = await places();
      await pay(page).click();
      await sees(page.getByText('This is not a date to come.', { exact: true }));
      await seesNo(page.getByText('This is not the number of a card.'));
      const field = before[0]!;
      const [expires, code, paid] = await places();
      // Relative to each other: what stands above them may have gone.
      expect([code! - expires!, paid! - expires!]).toEqual([before[1]! - field, before[2]! - field]);
    });

    test('has what they came for within reach of a thumb, however long the title', async () => {
      const { page } = await world.stranger({ viewport: PHONE });
      const title = 'An evening of songs about the sea and other weather, '.repeat(3).slice(0, 138);
      const description = 'Row 7, on the left.\n'.repeat(90);
      const ticket = await sell(await world.elsewhere(), { title, description });
      await page.goto(`/tickets/${ticket.id}`);
      await sees(reserve(page));
      expect(await inReach(reserve(page))).toBe(true);
      expect(
        await page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)"),
      ).toBeLessThan(26);
      // A window of 1280 by 900 at 400 %: what one scrolls to has the window for itself.
      await page.setViewportSize({ width: 320, height: 225 });
      await page.evaluate('scrollTo(0, 700)');
      expect(await page.evaluate(STUCK)).toBe(0);
    });

    test('who has the pages translated sees what is true on each of them', async () => {
      const [buyer, third] = [await world.person(), await world.stranger()];
      const seller = await world.person();
      buyer.tolerates(/402 /);
      const sold = async (data: object) => {
        const answer = await seller.context.request.post('/api/tickets', { data });
        return ((await answer.json()) as { id: string }).id;
      };
      const id = await sold({ title: 'Translated', price: 2500 });
      await sold({ title: 'Beside it', price: 2500, saleId: id });
      const { page } = buyer;
      await page.goto(`/tickets/${id}`);
      await third.page.goto('/market?q=translated');
      await seller.page.goto('/selling');
      const watched = await third.context.newPage();
      await watched.goto(`/tickets/${id}`);
      await sees(reserve(page), reserve(watched));
      await seesNo(page.getByText('Not connected'));
      const pages = [page, third.page, seller.page, watched];
      await Promise.all(pages.map(translate));

      const patch = { data: { price: 4400 } };
      expect((await seller.context.request.patch(`/api/tickets/${id}`, patch)).status()).toBe(200);
      await button(page, 'I have seen it').click();
      await sees(button(page, 'Reserve for $44.00'), third.page.getByText('$44.00'));
      await page.getByLabel('Beside it').check();
      await button(page, 'Reserve 2 tickets for $69.00').click();
      await sees(page.getByRole('timer'));
      await translate(page);
      const time = await page.getByRole('timer').innerText();
      await sees(
        third.page.getByText('Reserved', { exact: true }),
        seller.page.getByText('Reserved', { exact: true }).first(),
      );
      await sees(watched.getByText('Somebody is about to pay.'));
      await seesNo(reserve(watched));
      await eventually(async () => (await page.getByRole('timer').innerText()) !== time);
      const orders = await buyer.context.newPage();
      await orders.goto('/orders');
      await sees(orders.getByText('Reserved', { exact: true }));
      const market = await buyer.context.newPage();
      await market.goto('/market');
      await sees(unpaid(market));
      await Promise.all([orders, market, watched].map(translate));

      await button(page, 'Declined').click();
      await pay(page).click();
      await sees(page.getByRole('alert').filter({ hasText: 'Your card was declined.' }));
      await translate(page);
      await button(page, 'Success').click();
      await button(page, 'Pay $69.00').click();
      await isPaid(page);
      await sees(page.getByText('Paid', { exact: true }).first(), orders.getByText('Paid', { exact: true }));
      await sees(third.page.getByText('Sold', { exact: true }), watched.getByText('Somebody has bought it.'));
      await sees(seller.page.getByText('$69.00').first());
      await seesNo(
        unpaid(market),
        orders.getByText('Reserved', { exact: true }),
        third.page.getByText('Reserved', { exact: true }),
      );
      await translate(page);
      await button(page, 'Give it back').click();
      await page.getByRole('dialog').getByRole('button', { name: 'Give it back' }).click();
      await sees(page.getByText('Money back', { exact: true }), page.getByText('went back to the card'));
      await sees(watched.getByText('On sale', { exact: true }), button(watched, 'Reserve for $44.00'));
      await seesNo(third.page.getByText('Sold', { exact: true }));
    });
  },
  {
    shapes: ['monolith'],
    settings: () => ({ BUYER_CANCEL_SECONDS: '45', HELP_URL: 'https://example.com/help' }),
  },
);
