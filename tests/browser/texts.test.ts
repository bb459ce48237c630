import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { Page } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import { orderFor } from '@ticketing/suite/api';
import { inBrowser, sees, seesNo, sell } from './harness.ts';

const SCREENSHOTS = join(import.meta.dirname, '../../.local/screenshots');
const HEBREW = 'קונצרט בהיכל, שורה 7';
const ARABIC = 'حفلة الأوركسترا، مقعد 12';
/** As a release kept it that refused nothing. */
const TURNED = '\u202Ewor tnorF';

const card = (page: Page, title: string) => page.getByRole('listitem').filter({ hasText: title });

/** The prices on a page whose letters do not stand from the left to the right. */
const turnedPrices = (page: Page) =>
  page.evaluate(`(() => {
    const turned = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode())
      for (const { index, 0: price } of texts.currentNode.data.matchAll(/\\$[\\d.,]*\\d/g)) {
        const lefts = Array.from(price, (_, at) => {
          const range = document.createRange();
          range.setStart(texts.currentNode, index + at);
          range.setEnd(texts.currentNode, index + at + 1);
          return range.getBoundingClientRect().left;
        });
        if (lefts.some((left, at) => at > 0 && left < lefts[at - 1])) turned.push(texts.currentNode.data);
      }
    return turned;
  })()`);

/** In which direction the innermost element that holds just this text, or the field in which it was typed, reads it. */
const directionOf = (page: Page, text: string) =>
  page.evaluate(`(() => {
    const fits = (element) => (element.value ?? element.textContent) === ${JSON.stringify(text)};
    const [found] = [...document.querySelectorAll('main *')].filter(fits).reverse();
    return found && getComputedStyle(found).direction;
  })()`);

const picture = async (page: Page, name: string) => {
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [390, 'dark'],
    [320, 'light'],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    expect([name, width, await turnedPrices(page)]).toEqual([name, width, []]);
    await page.screenshot({ path: join(SCREENSHOTS, `texts-${name}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
};

inBrowser(
  "people's words",
  (world) => {
    test('are found by their beginnings, and in titles without spaces: what comes by the stream is there after a reload', async () => {
      const [{ page }, seller] = [await world.stranger(), await world.elsewhere()];
      for (const [q, title, other] of [
        ['analyt eng', 'The Analytical Engine, live', 'Paralytic engineers'],
        ['公演', '東京ドーム公演', '公園で演奏'],
        ['lodz', 'Wieczór w Łodzi, Łódź', 'Łomża'],
      ] as const) {
        await page.goto(`/market?q=${encodeURIComponent(q)}`);
        await sees(page.getByRole('heading', { name: 'No ticket fits' }));
        await sell(seller, { title: other });
        await sell(seller, { title });
        await sees(card(page, title));
        expect(await card(page, other).count()).toBe(0);
        await page.reload();
        await sees(card(page, title));
        expect(await card(page, other).count()).toBe(0);
      }
      await page.goto('/market?q=a');
      await sees(page.getByText('Words are found from their second letter on.'));
    });

    test('are not looked for while an input method still composes them', async () => {
      const [{ page, context }, seller] = [await world.stranger(), await world.elsewhere()];
      await sell(seller, { title: '京都の夜' });
      await sell(seller, { title: 'Something else' });
      await page.goto('/market');
      await sees(card(page, 'Something else'));
      const asked: string[] = [];
      page.on('request', (request) => {
        const q = new URL(request.url()).searchParams.get('q');
        if (q !== null) asked.push(q);
      });
      const keyboard = await context.newCDPSession(page);
      await page.getByLabel('Search').focus();
      for (const text of ['k', 'きょ', 'きょうと', '京都']) {
        const selection = { selectionStart: text.length, selectionEnd: text.length };
        await keyboard.send('Input.imeSetComposition', { text, ...selection });
        // Longer than the page waits for the next key, and begun later.
        await page.evaluate('new Promise((done) => setTimeout(done, 400))');
      }
      await keyboard.send('Input.insertText', { text: '京都' });
      await seesNo(card(page, 'Something else'));
      await sees(card(page, '京都の夜'));
      expect([...new Set(asked)]).toEqual(['京都']);
    });

    test('stand in their own direction on every page, and turn no price around', async () => {
      const [{ page, context }, seller] = [await world.person(), await world.elsewhere()];
      const first = await sell(seller, {
        title: HEBREW,
        description: 'הדלתות נפתחות ב-19:00.',
        price: 123_450,
      });
      const { saleId } = first;
      const arabic = await sell(seller, { title: ARABIC, price: 4400, saleId });
      const turned = await sell(seller, { title: 'turned', price: 2500, saleId });
      const mongo = await MongoClient.connect(world.suite.running.mongoUrl);
      try {
        const replica = mongo.db('orders').collection<{ _id: string }>('tickets');
        await eventually(async () => expect(await replica.countDocuments({ saleId })).toBe(3));
        for (const service of ['tickets', 'orders'])
          await mongo
            .db(service)
            .collection<{ _id: string }>('tickets')
            .updateOne({ _id: turned.id }, { $set: { title: TURNED } });
      } finally {
        await mongo.close();
      }

      const alone = { event: HEBREW, place: ARABIC, price: 4400 };
      await sell(seller, { title: `${ARABIC}!`, ...alone });
      await page.goto('/market?sort=dearest&min=25');
      const shown = card(page, HEBREW).first();
      await sees(shown.getByText('3 left'), shown.getByText('From $25.00'), card(page, `${ARABIC}!`));
      expect([await directionOf(page, HEBREW), await directionOf(page, `${ARABIC}!`)]).toEqual([
        'rtl',
        'rtl',
      ]);
      await page.goto('/market?sort=cheapest&min=25');
      await sees(card(page, TURNED), card(page, `${ARABIC}!`));
      await picture(page, 'market');

      await page.goto(`/tickets/${first.id}`);
      await page.getByLabel(ARABIC).check();
      await page.getByLabel(TURNED).check();
      expect([await directionOf(page, HEBREW), await directionOf(page, ARABIC)]).toEqual(['rtl', 'rtl']);
      expect(await page.title()).toBe(`\u2068${HEBREW}\u2069 · Ticketing`);
      for (const { id } of [first, arabic, turned]) await seller.patch(`/api/tickets/${id}`, { price: 6600 });
      await sees(page.getByText(/It was \$44\.00\.$/), page.getByText(/It was \$25\.00\.$/));
      await picture(page, 'ticket');
      await page.goto(`/tickets/${turned.id}`);
      expect(await page.title()).toBe('\u2068wor tnorF\u2069 · Ticketing');

      const orderId = await eventually(async () => {
        const data = orderFor([first.id, arabic.id, turned.id], 6600);
        const answer = await context.request.post('/api/orders', { data });
        expect(answer.status()).toBe(201);
        return ((await answer.json()) as { id: string }).id;
      });
      await page.goto(`/orders/${orderId}`);
      await sees(page.getByRole('timer'));
      expect(await directionOf(page, ARABIC)).toBe('rtl');
      await picture(page, 'order');
      await page.goto('/orders');
      await sees(page.getByRole('listitem'));
      await picture(page, 'orders');
      await context.request.delete(`/api/orders/${orderId}`);
      await page.goto(`/orders/${orderId}`);
      await sees(page.getByRole('heading', { name: 'Still on sale' }));
      await picture(page, 'again');
    });

    test('of a seller too, and what is being typed stands in its own', async () => {
      const { page } = await world.person();
      await page.goto('/sell');
      const title = page.getByLabel('What is it a ticket for?');
      await title.fill('\u200B');
      await page.getByLabel('Price').fill('25');
      await page.getByRole('button', { name: 'Put on sale' }).click();
      await sees(page.getByText('The title must not be empty'));
      await title.fill(ARABIC);
      await page.getByLabel('Description').fill(HEBREW);
      expect([await directionOf(page, HEBREW), await directionOf(page, ARABIC)]).toEqual(['rtl', 'rtl']);
      await picture(page, 'sell');
      await page.getByRole('button', { name: 'Put on sale' }).click();
      await sees(page.getByRole('heading', { name: ARABIC }));
      expect(await directionOf(page, ARABIC)).toBe('rtl');
      await picture(page, 'mine');
    });
  },
  { shapes: ['monolith'], tolerates: [/400 .*\/api\/tickets$/] },
);
