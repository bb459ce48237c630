import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { MongoClient } from 'mongodb';
import { eventually } from '@ticketing/common/testing';
import { orderFor } from '@ticketing/suite/api';
import { idAt, seedTickets } from '../bench/data.ts';
import { asksAlone, countNotices, inBrowser, sees, seesNo, sell } from './harness.ts';

/** The titles in the market, from the top. */
const titles = (page: Page) => page.getByRole('main').getByRole('heading', { level: 3 }).allTextContents();

const card = (page: Page, title: string) => page.getByRole('listitem').filter({ hasText: title });

inBrowser('the market', (world) => {
  test('without tickets it invites to sell one', async () => {
    const { page } = await world.stranger();
    await page.goto('/market');
    await sees(
      page.getByRole('heading', { name: 'No tickets yet' }),
      page.getByRole('link', { name: 'Sell a ticket' }),
    );
  });

  test('shows what happens elsewhere without a reload', async () => {
    const [{ page }, seller, buyer] = [
      await world.stranger(),
      await world.elsewhere(),
      await world.elsewhere(),
    ];
    await page.goto('/market');
    const ticket = await sell(seller, { title: 'Seen live', price: 1234 });
    await sees(card(page, 'Seen live').getByText('$12.34'));
    await seller.patch(`/api/tickets/${ticket.id}`, { price: 4321 });
    await sees(card(page, 'Seen live').getByText('$43.21'));
    const order = await eventually(async () => {
      const { status, body } = await buyer.post('/api/orders', orderFor([ticket.id], 4321));
      expect(status).toBe(201);
      return body;
    });
    await sees(card(page, 'Seen live').getByText('Reserved'));
    await buyer.delete(`/api/orders/${order.id}`);
    await seesNo(card(page, 'Seen live').getByText('Reserved'));
    await seller.delete(`/api/tickets/${ticket.id}`);
    await seesNo(card(page, 'Seen live'));
  });

  test('shows what one seller offers together as one: what is left of it and from what price on, as it changes', async () => {
    const [{ page }, seller, buyer] = [
      await world.stranger(),
      await world.elsewhere(),
      await world.elsewhere(),
    ];
    await seller.patch('/api/users/currentuser', { name: 'Ada’s friend' });
    const said = {
      event: 'Cup final',
      place: 'Municipal Stadium',
      date: { local: '2096-06-02T20:00', zone: 'Europe/Berlin' },
    };
    const offer = (price: number, saleId?: string) =>
      sell(seller, { title: 'Block 12', price, ...said, ...(saleId !== undefined && { saleId }) });
    const first = await offer(7400);
    const dear = await offer(9900, first.saleId);
    const cheap = [first, await offer(7400, first.saleId)];
    await page.goto('/market?q=cup+final');
    const cards = card(page, 'Block 12');
    await sees(
      cards.getByText('3 left'),
      cards.getByText('From $74.00'),
      cards.getByText('Cup final, Municipal Stadium'),
      cards.getByText('Sat, Jun 2, 2096, 8:00 PM'),
      cards.getByText('Berlin time'),
      cards.getByText('From Ada’s friend'),
    );
    expect(await cards.count()).toBe(1);

    cheap.push(await offer(8000, first.saleId));
    await sees(cards.getByText('4 left'));
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('saleIds=')) asked.push(request.url());
    });
    const order = await eventually(async () => {
      const seen = cheap.map(({ id, price }) => ({ ticketId: id, price }));
      const { status, body } = await buyer.post('/api/orders', {
        ticketIds: cheap.map(({ id }) => id),
        seen,
      });
      expect(status).toBe(201);
      return body;
    });
    await sees(cards.getByText('1 left'), cards.getByText('$99.00', { exact: true }));
    // Three changes are one question, or two where they did not come together.
    expect(asked.length).toBeLessThanOrEqual(2);
    expect((await seller.delete(`/api/tickets/${dear.id}`)).status).toBe(204);
    await sees(cards.getByText('Reserved'));
    await buyer.delete(`/api/orders/${order.id}`);
    await sees(cards.getByText('3 left'), cards.getByText('From $74.00'));
    await cards.getByRole('link').click();
    await sees(page.getByRole('heading', { name: 'Block 12', level: 1 }));
  });

  test('leaves out what is over, also when it changes', async () => {
    const [{ page }, seller] = [await world.stranger(), await world.elsewhere()];
    const mongo = await MongoClient.connect(world.suite.running.mongoUrl);
    try {
      const kept = mongo.db('tickets').collection<{ _id: string }>('tickets');
      await page.goto('/market?q=opening+night');
      await sees(page.getByRole('heading', { name: 'No ticket fits' }));
      const date = { local: '2096-06-02T20:00', zone: 'Europe/Berlin' };
      const over = await sell(seller, { title: 'Opening night, stalls', date });
      await sees(card(page, 'stalls'));
      const past = { local: '2026-01-02T20:00', zone: 'Europe/Berlin', at: new Date('2026-01-02T19:00:00Z') };
      await kept.updateOne({ _id: over.id }, { $set: { date: past, updatedAt: new Date() } });
      await seesNo(card(page, 'stalls'));
      await seller.patch(`/api/tickets/${over.id}`, { price: 5000 });
      await sell(seller, { title: 'Opening night, circle', saleId: over.id, date });
      await sees(card(page, 'circle'));
      expect(await titles(page)).toEqual(['Opening night, circle']);
    } finally {
      await mongo.close();
    }
  });

  test('is searched by words, prices and state; the address holds the search, and going back undoes it', async () => {
    const [{ page }, seller, buyer] = [
      await world.stranger(),
      await world.elsewhere(),
      await world.elsewhere(),
    ];
    await sell(seller, { title: 'Cello evening', price: 1000 });
    await sell(seller, { title: 'Cello morning', price: 3000 });
    const held = await sell(seller, { title: 'Cello night', price: 5000 });
    await sell(seller, { title: 'Harp', description: 'not a cello', price: 7000 });
    await sell(seller, { title: 'Drums', price: 2000 });
    await eventually(async () =>
      expect((await buyer.post('/api/orders', orderFor([held.id]))).status).toBe(201),
    );

    await page.goto('/market');
    const shows = (...wanted: string[]) =>
      eventually(async () => expect(await titles(page)).toEqual(wanted), { within: 120_000 });
    await page.getByLabel('Search').fill('cello');
    await page.getByLabel('Search').press('Enter');
    // What cannot be had at the moment comes last, whatever the order.
    await shows('Harp', 'Cello morning', 'Cello evening', 'Cello night');
    expect(page.url()).toMatch(/\/market\?q=cello$/);
    await page.getByLabel('Order').selectOption('Cheapest first');
    await shows('Cello evening', 'Cello morning', 'Harp', 'Cello night');
    await page.getByLabel('Price from').fill('20');
    await page.getByLabel('Price to').fill('50.00');
    await shows('Cello morning', 'Cello night');
    await page.getByLabel('Available only').check();
    await shows('Cello morning');
    await page.getByLabel('Search').fill('trombone');
    await sees(page.getByRole('heading', { name: 'No ticket fits' }));

    await page.reload();
    await sees(page.getByRole('heading', { name: 'No ticket fits' }));
    expect(await page.getByLabel('Search').inputValue()).toBe('trombone');
    await page.getByRole('link', { name: 'Show all tickets' }).click();
    await sees(card(page, 'Drums'));
    expect(await page.getByLabel('Search').inputValue()).toBe('');
    await page.goBack();
    await sees(page.getByRole('heading', { name: 'No ticket fits' }));
    expect(await page.getByLabel('Search').inputValue()).toBe('trombone');
  });

  test('a stream that is refused is opened again', async () => {
    const [somebody, seller] = [await world.stranger(), await world.elsewhere()];
    const { page } = somebody;
    somebody.tolerates(/503 .*\/api\/tickets\/stream$/);
    await asksAlone(page);
    await page.route('**/api/tickets/stream', (route) => route.fulfill({ status: 503 }), { times: 1 });
    const told = await countNotices(page);
    await page.goto('/market');
    await sell(seller, { title: 'Second try' });
    await sees(card(page, 'Second try'));
    expect(await told()).toBe(0);
  });

  test('a page for which there is no stream asks by itself', async () => {
    const [somebody, seller] = [await world.stranger(), await world.elsewhere()];
    const { page } = somebody;
    somebody.tolerates(/429 .*\/api\/tickets\/stream$/);
    await asksAlone(page);
    await page.route('**/api/tickets/stream', (route) => route.fulfill({ status: 429 }));
    await page.goto('/market');
    await sees(page.getByText('Not connected at the moment.'));
    await sell(seller, { title: 'Standing room' });
    await sees(card(page, 'Standing room'));
  });

  test('is live also where what listens for it was not to be had at first', async () => {
    const [somebody, seller] = [await world.stranger({ serviceWorkers: 'block' }), await world.elsewhere()];
    const { page } = somebody;
    somebody.tolerates(/net::ERR_FAILED/);
    await asksAlone(page);
    let away = true;
    await page.route('**/_next/static/chunks/*.js', async (route) => {
      const response = await route.fetch();
      const listens = (await response.text()).includes('new EventSource');
      return listens && away ? route.abort() : route.fulfill({ response });
    });
    await page.goto('/market');
    await sees(page.getByText('Not connected at the moment.'));
    await sell(seller, { title: 'Late comers' });
    away = false;
    await sees(card(page, 'Late comers'));
    await seesNo(page.getByText('Not connected at the moment.'));
  });

  test('says beside the field that a price is none', async () => {
    const { page } = await world.stranger();
    await page.goto('/market');
    const field = page.getByLabel('Price from');
    await field.fill('cheap');
    await field.press('Enter');
    await sees(page.getByText('Price from must be an amount such as 25 or 25.50'));
    expect(await field.inputValue()).toBe('cheap');
  });

  test('is read to its end by scrolling, and going back leads to the same place', async () => {
    const [{ page }, seller] = [await world.stranger(), await world.elsewhere()];
    for (let number = 1; number <= 130; number++) await sell(seller, { title: `Stand ${number}.` });
    await page.goto('/market?q=stand');
    await sees(card(page, 'Stand 130.'));
    const last = card(page, 'Stand 1.');
    await eventually(
      async () => {
        await page.mouse.wheel(0, 3000);
        return last.isVisible();
      },
      { within: 120_000, every: 100 },
    );
    await last.getByRole('link').click();
    await sees(page.getByRole('heading', { name: 'Stand 1.', level: 1 }));
    await page.goBack();
    await sees(last);
    await eventually(async () => Number(await page.evaluate('scrollY')) > 1000);
  });

  test('after a lost connection the place stays, and what lies behind it is read again', async () => {
    const [somebody, mongo] = [
      await world.stranger(),
      await MongoClient.connect(world.suite.running.mongoUrl),
    ];
    try {
      const { page } = somebody;
      somebody.tolerates(/503 .*\/api\/tickets\/stream$/);
      const tickets = mongo.db('tickets').collection<{ _id: string }>('tickets');
      await seedTickets(mongo.db('tickets'), 1200);
      await asksAlone(page);
      await page.route('**/api/tickets/stream', (route) => route.fulfill({ status: 503 }));
      await page.goto('/market?q=doors');
      const oldest = card(page, 'seat 0');
      const down = () =>
        eventually(
          async () => {
            await page.evaluate('scrollTo(0, document.body.scrollHeight)');
            return oldest.isVisible();
          },
          { within: 120_000, every: 50 },
        );
      await down();
      await page.evaluate('scrollTo(0, 3000)');
      await tickets.updateOne({ _id: idAt(0) }, { $set: { price: 1234, updatedAt: new Date() } });
      await page.unroute('**/api/tickets/stream');
      await seesNo(page.getByText('Not connected at the moment.'));
      expect(Math.abs(Number(await page.evaluate('scrollY')) - 3000)).toBeLessThan(300);
      await down();
      await sees(oldest.getByText('$12.34'));
    } finally {
      await mongo.close();
    }
  });

  test('is searched and read on without JavaScript', async () => {
    const somebody = await world.stranger({ javaScriptEnabled: false });
    const { page } = somebody;
    somebody.tolerates(/^csp GET .*\.js$/); // so the browser says that it did not load one
    await page.goto('/market');
    await page.getByLabel('Search').fill('stand');
    await page.getByRole('button', { name: 'Search' }).click();
    await sees(card(page, 'Stand 130.'), page.getByText('131 offers'));
    await page.getByRole('link', { name: 'More offers' }).click();
    await sees(card(page, 'Stand 70.'));
  });
});
