import { afterAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import type { Visitor } from '@ticketing/suite/api';
import { wireTo } from '../faults/wire.ts';
import { enter, inBrowser, type Person, sees, seesNo, sell, type Ticket } from './harness.ts';
import { proxyTo } from './proxy.ts';

/** A name that no browser takes for its own machine: pages there have what plain http leaves them. */
const NAME = 'ticketing.test';
const NOT_CONNECTED = 'Not connected at the moment.';

inBrowser(
  'a page whose network misbehaves',
  (world) => {
    const test = world.beside;
    const closers: (() => Promise<void>)[] = [];
    afterAll(() => Promise.all(closers.map((close) => close())));

    /** A way to the suite that can be troubled: first a stretch of wire, then a proxy. */
    const way = async () => {
      const proxy = await proxyTo(world.suite.origin);
      const wire = await wireTo(proxy.port);
      closers.push(wire.close, proxy.close);
      return { proxy, wire, baseURL: `http://${NAME}:${wire.port}` };
    };
    const shows = (page: Page, price: string) =>
      sees(page.getByRole('button', { name: `Reserve for ${price}` }));
    const notice = (page: Page) => page.getByText(NOT_CONNECTED);
    /** Looks at a ticket by a way of its own. */
    const look = async () => {
      const { proxy, wire, baseURL } = await way();
      const [seller, somebody] = [await world.elsewhere(), await world.stranger({ baseURL })];
      const { page } = somebody;
      const ticket = await sell(seller);
      /** How often the notice came. */
      await page.addInitScript(`{
        globalThis.told = 0;
        let shown = false;
        new MutationObserver(() => {
          const is = document.body?.textContent.includes('${NOT_CONNECTED}') ?? false;
          if (is && !shown) told += 1;
          shown = is;
        }).observe(document, { childList: true, subtree: true, characterData: true });
      }`);
      await page.goto(`/tickets/${ticket.id}`);
      await shows(page, '$25.00');
      return { ...somebody, seller, ticket, proxy, wire, told: () => page.evaluate('told') };
    };
    const reprice = async (seller: Visitor, { id }: Ticket, price: number) =>
      expect((await seller.patch(`/api/tickets/${id}`, { price })).status).toBe(200);
    const isNow = (page: Page, price: string) => sees(page.getByText(`is now ${price}`));

    test('says so when its connections fall silent, and reads what it missed when they speak again', async () => {
      const { page, wire, proxy, seller, ticket } = await look();
      await eventually(() => proxy.streams() === 1);
      wire.hang();
      await reprice(seller, ticket, 3000);
      await sees(notice(page));
      wire.heal();
      await isNow(page, '$30.00');
      await seesNo(notice(page));
    });

    test('finds by itself that its connections lead nowhere, and makes others', async () => {
      const { page, wire, proxy, seller, ticket } = await look();
      await eventually(() => proxy.streams() === 1);
      wire.halfOpen();
      await reprice(seller, ticket, 3000);
      await isNow(page, '$30.00');
      await seesNo(notice(page));
    });

    test('says so when a proxy keeps its stream to itself, and asks instead', async () => {
      const { page, proxy, seller, ticket } = await look();
      proxy.buffer(true);
      await page.reload();
      await sees(notice(page));
      await reprice(seller, ticket, 3000);
      await isNow(page, '$30.00');
      proxy.buffer(false);
      await seesNo(notice(page));
      await reprice(seller, ticket, 3100);
      await isNow(page, '$31.00');
    });

    test('is quiet, and misses nothing, when streams are cut again and again and come in drips', async () => {
      const { page, proxy, seller, ticket, told } = await look();
      proxy.drip();
      for (const dollars of [30, 40, 50]) {
        await eventually(() => proxy.streams() === 1);
        await reprice(seller, ticket, dollars * 100);
        await isNow(page, `$${dollars}.00`);
        proxy.cut();
        await reprice(seller, ticket, dollars * 100 + 100);
        await isNow(page, `$${dollars + 1}.00`);
      }
      expect(await told()).toBe(0);
    });

    test('says at once that the device is offline, and is true again when it no longer is', async () => {
      const { page, context, seller, ticket } = await look();
      await context.setOffline(true);
      await sees(notice(page));
      await reprice(seller, ticket, 3000);
      await context.setOffline(false);
      await isNow(page, '$30.00');
      await seesNo(notice(page));
    });

    test('has one connection with all windows of its browser, so that each of seven loads and can reserve', async () => {
      const { proxy, baseURL } = await way();
      const [somebody, seller] = [await world.stranger({ baseURL }), await world.elsewhere()];
      const { page, context } = somebody;
      const ticket = await sell(seller);
      await page.goto(`/signup?to=/tickets/${ticket.id}`);
      await enter(somebody, 'Make an account');
      const windows = [page];
      while (windows.length < 7) {
        const next = await context.newPage();
        await next.goto(`/tickets/${ticket.id}`);
        windows.push(next);
      }
      expect(await page.evaluate('isSecureContext')).toBe(false);
      for (const each of windows) await shows(each, '$25.00');
      await reprice(seller, ticket, 3000);
      for (const each of windows) await isNow(each, '$30.00');
      expect(proxy.streams()).toBe(1);
      const last = windows.at(-1)!;
      await last.getByRole('button', { name: 'I have seen it' }).click();
      await last.getByRole('button', { name: 'Reserve for $30.00' }).click();
      await last.getByRole('button', { name: 'Pay $30.00' }).click();
      await sees(last.getByRole('heading', { name: 'It is yours' }));
      for (const each of windows.slice(0, -1)) await sees(each.getByText('Sold', { exact: true }));
      for (const each of windows) await each.close();
      await eventually(() => proxy.streams() === 0);
    });

    test('is as live in a browser that has no shared workers', async () => {
      const { page, proxy, seller, ticket } = await look();
      await page.addInitScript('delete globalThis.SharedWorker');
      await page.reload();
      await shows(page, '$25.00');
      await eventually(() => proxy.streams() === 1);
      proxy.cut();
      await reprice(seller, ticket, 3000);
      await isNow(page, '$30.00');
      await page.getByRole('link', { name: 'Sell' }).click();
      await eventually(() => proxy.streams() === 0);
    });
  },
  {
    shapes: ['monolith'],
    // What a browser says of plain http, and of a network that is gone.
    tolerates: [/Cross-Origin-Opener-Policy/, /net::ERR_/],
    args: [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`],
    settings: () => ({ STREAM_HEARTBEAT_SECONDS: '5' }),
  },
);

inBrowser(
  'a page that the browser has kept',
  (world) => {
    /** Pages of the suite are left for another document, not within this one: the next page cannot be fetched as a part. */
    const leaves = async ({ page }: Person) => {
      await page.route(/[?&]_rsc=/, (route) => route.abort());
      await page.addInitScript(
        "addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted }))",
      );
    };
    const wasKept = (page: Page) =>
      eventually(async () => expect(await page.evaluate('persisted')).toBe(true));

    test('is live when one comes back to it, and what led away can be pressed again, for nothing twice', async () => {
      const [buyer, seller] = [await world.person(), await world.elsewhere()];
      const { page, context } = buyer;
      await leaves(buyer);
      const ticket = await sell(seller);
      await page.goto(`/tickets/${ticket.id}`);
      const reserve = page.getByRole('button', { name: 'Reserve for $25.00' });
      await reserve.click();
      await sees(page.getByRole('button', { name: 'Pay $25.00' }));
      await page.goBack({ waitUntil: 'commit' });
      await wasKept(page);
      await sees(page.getByText('Reserved', { exact: true }));
      await seesNo(reserve);
      const [order] = (await (await context.request.get('/api/orders')).json()) as { id: string }[];
      expect((await context.request.delete(`/api/orders/${order!.id}`)).status()).toBe(204);
      await reserve.click();
      await page.getByRole('button', { name: 'Pay $25.00' }).click();
      await sees(page.getByRole('heading', { name: 'It is yours' }));
      await page.goBack({ waitUntil: 'commit' });
      await wasKept(page);
      await sees(page.getByText('Sold', { exact: true }));
      expect(await (await context.request.get('/api/orders')).json()).toHaveLength(2);
    });

    test('a form that was sent is there again, with what was typed, and sends it no second time', async () => {
      const seller = await world.person();
      const { page } = seller;
      await leaves(seller);
      await page.goto('/sell');
      await page.getByLabel('What is it a ticket for?').fill('Encore');
      await page.getByLabel('Price').fill('25');
      await page.getByRole('button', { name: 'Put on sale' }).click();
      await sees(page.getByRole('link', { name: 'Encore' }));
      await page.goBack({ waitUntil: 'commit' });
      await wasKept(page);
      await page.getByRole('button', { name: 'Put on sale' }).click();
      await sees(page.getByRole('link', { name: 'Encore' }));
      expect(await page.getByRole('link', { name: 'Encore' }).count()).toBe(1);
    });
  },
  {
    shapes: ['monolith'],
    // Pages are kept though they may not be stored, as browsers begin to do.
    args: ['--enable-features=BackForwardCache,CacheControlNoStoreEnterBackForwardCache'],
    without: ['--disable-back-forward-cache'],
    tolerates: [/_rsc=/, /Failed to fetch RSC payload/],
  },
);
