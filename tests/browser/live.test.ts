import { afterAll, expect, test } from '@jest/globals';
import type { Locator, Page, Route } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import { orderFor, type Visitor } from '@ticketing/suite/api';
import { PASSWORD } from '@ticketing/suite/samples';
import { wireTo } from '../faults/wire.ts';
import {
  account,
  asksAlone,
  countNotices,
  enter,
  inBrowser,
  NOT_CONNECTED,
  sees,
  seesNo,
  sell,
  type Ticket,
} from './harness.ts';
import { proxyTo } from './proxy.ts';

/** What a page says nothing of when it is over sooner, in milliseconds, as `client/src/live/said.ts` has it. */
const SAID = 5000;

/** A name that no browser takes for its own machine: pages there have what plain http leaves them. */
const NAME = 'ticketing.test';

inBrowser(
  'a page whose network misbehaves',
  (world) => {
    const { beside } = world;
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
      const told = await countNotices(page);
      await page.goto(`/tickets/${ticket.id}`);
      await shows(page, '$25.00');
      return { ...somebody, seller, ticket, proxy, wire, told };
    };
    const reprice = async (seller: Visitor, { id }: Ticket, price: number) =>
      expect((await seller.patch(`/api/tickets/${id}`, { price })).status).toBe(200);
    const isNow = (page: Page, price: string) => sees(page.getByText(`is now ${price}`));

    beside(
      'says so when its connections fall silent, and reads what it missed when they speak again',
      async () => {
        const { page, wire, proxy, seller, ticket } = await look();
        await eventually(() => proxy.streams() === 1);
        wire.hang();
        await reprice(seller, ticket, 3000);
        await sees(notice(page));
        wire.heal();
        await isNow(page, '$30.00');
        await seesNo(notice(page));
      },
    );

    beside('finds by itself that its connections lead nowhere, and makes others', async () => {
      const { page, wire, proxy, seller, ticket } = await look();
      await eventually(() => proxy.streams() === 1);
      wire.halfOpen();
      await reprice(seller, ticket, 3000);
      await isNow(page, '$30.00');
      await seesNo(notice(page));
    });

    beside('says so when a proxy keeps its stream to itself, and asks instead', async () => {
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

    beside(
      'is quiet, and misses nothing, when streams are cut again and again and come in drips',
      async () => {
        const { page, proxy, seller, ticket, told } = await look();
        proxy.drip();
        for (const dollars of [30, 40, 50]) {
          await eventually(() => proxy.streams() === 1);
          await reprice(seller, ticket, dollars * 100);
          await isNow(page, `$${dollars}.00`);
          const [before, cut] = [await told(), Date.now()];
          proxy.cut();
          await reprice(seller, ticket, dollars * 100 + 100);
          await isNow(page, `$${dollars + 1}.00`);
          // A machine so slow that it took longer than that is rightly told of.
          if (Date.now() - cut < SAID) expect(await told()).toBe(before);
        }
      },
    );

    beside('says at once that the device is offline, and is true again when it no longer is', async () => {
      const { page, context, seller, ticket } = await look();
      await context.setOffline(true);
      await sees(notice(page));
      await reprice(seller, ticket, 3000);
      await context.setOffline(false);
      await isNow(page, '$30.00');
      await seesNo(notice(page));
    });

    beside(
      'has one connection with all windows of its browser, so that each of seven loads and can reserve',
      async () => {
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
      },
    );

    beside('tells nobody what belongs to another, whose cookie its browser has meanwhile', async () => {
      const proxy = await proxyTo(world.suite.origin);
      closers.push(proxy.close);
      const ann = await world.person({ baseURL: `http://localhost:${proxy.port}` });
      const [bob, seller] = [await world.person(), await world.elsewhere()];
      for (const { page } of [ann, bob]) {
        await page.goto('/orders');
        await sees(page.getByRole('heading', { name: 'No orders yet' }));
      }
      await eventually(() => proxy.streams() === 1);
      // In the place of her own: without any for a moment, her page might ask meanwhile, and be refused.
      await ann.context.addCookies(await bob.context.cookies());
      proxy.cut();
      await eventually(() => proxy.streams() === 0);
      await eventually(() => proxy.streams() === 1);
      const { id } = await sell(seller, { title: 'For Bob alone' });
      await eventually(async () => {
        const answer = await bob.context.request.post('/api/orders', { data: orderFor([id]) });
        expect(answer.status()).toBe(201);
      });
      await sees(bob.page.getByRole('link', { name: /^For Bob alone/ }));
      // What came after it has come, too.
      await eventually(() => proxy.heard().includes('For Bob alone'));
      await sees(ann.page.getByRole('heading', { name: 'No orders yet' }));
    });

    beside('is as live in a browser that has no shared workers', async () => {
      const { page, proxy, seller, ticket } = await look();
      await asksAlone(page);
      await page.reload();
      await shows(page, '$25.00');
      await eventually(() => proxy.streams() === 1);
      proxy.cut();
      await reprice(seller, ticket, 3000);
      await isNow(page, '$30.00');
      await page.getByRole('link', { name: 'Selling' }).click();
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

// A headless Chromium keeps no pages. So the document that one leaves for never comes, and the page hears what a kept one does.
inBrowser(
  'a page that the browser has kept',
  (world) => {
    /** What a service worker asks for is not to be seen. */
    const ROUTED = { serviceWorkers: 'block' } as const;
    const leave = async (page: Page, press: Locator) => {
      const away = (route: Route) => {
        if (route.request().url().includes('_rsc=')) return route.abort();
        return route.request().isNavigationRequest() ? route.fulfill({ status: 204 }) : route.fallback();
      };
      await page.route('**/*', away);
      const [left] = await Promise.all([
        page.waitForRequest((request) => request.isNavigationRequest()),
        press.click(),
      ]);
      await left.response();
      await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
      await page.unroute('**/*', away);
    };
    const comeBack = (page: Page) =>
      page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");

    test('is true when one comes back, and what led away can be pressed again', async () => {
      const [{ page, context }, seller] = [await world.person(ROUTED), await world.elsewhere()];
      const ticket = await sell(seller);
      await page.goto(`/tickets/${ticket.id}`);
      const reserve = page.getByRole('button', { name: 'Reserve for $25.00' });
      await leave(page, reserve);
      const orders = async () =>
        (await (await context.request.get('/api/orders')).json()) as { id: string }[];
      const [order] = await orders();
      expect((await context.request.delete(`/api/orders/${order!.id}`)).status()).toBe(204);
      await comeBack(page);
      await reserve.click();
      await page.getByRole('button', { name: 'Pay $25.00' }).click();
      await sees(page.getByRole('heading', { name: 'It is yours' }));
      expect(await orders()).toHaveLength(2);
    });

    test('has what was typed into a form, which puts nothing on sale a second time', async () => {
      const { page } = await world.person(ROUTED);
      await page.goto('/sell');
      await page.getByLabel('What is it a ticket for?').fill('Encore');
      await page.getByLabel('Price').fill('25');
      const send = page.getByRole('button', { name: 'Put on sale' });
      await leave(page, send);
      await comeBack(page);
      await send.click();
      await sees(page.getByRole('link', { name: /^Encore/ }));
      expect(await page.getByRole('link', { name: /^Encore/ }).count()).toBe(1);
    });

    test('signs in again where one is signed in no more', async () => {
      const [somebody, known] = [await world.stranger(ROUTED), await world.person()];
      const { page, context } = somebody;
      await page.goto('/signin');
      await page.getByLabel('E-mail address').fill(known.email);
      await page.getByLabel('Password').fill(PASSWORD);
      const signIn = page.getByRole('main').getByRole('button', { name: 'Sign in' });
      await leave(page, signIn);
      await context.clearCookies();
      await comeBack(page);
      await signIn.click();
      await sees(account({ page, email: known.email }));
    });
  },
  { shapes: ['monolith'], tolerates: [/_rsc=/, /Failed to fetch RSC payload/] },
);
