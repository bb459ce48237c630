import { beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import { orderFor, type Visitor } from '@ticketing/suite/api';
import { EVENT, PASSWORD } from '@ticketing/suite/samples';
import { enter, seed } from '@ticketing/suite/seed';
import { inBrowser, sees, sell, type Ticket } from './harness.ts';

const SCREENSHOTS = join(import.meta.dirname, '../../.local/screenshots');
const WIDTHS = [390, 1280];
/** So narrow a window may be, without anything beside it. */
const NARROWEST = 320;
const SCHEMES = ['light', 'dark'] as const;

const BUYER = 'buyer@example.com';
const SELLER = 'seller@example.com';
const FRIEND = 'friend@example.com';

// The pages are the same in both shapes; in this one a service can be held up.
inBrowser(
  'each page',
  (world) => {
    const orders: Record<'open' | 'paid' | 'cancelled', string> = { open: '', paid: '', cancelled: '' };
    let ticket: Ticket;
    let reserved: Ticket;

    beforeAll(async () => {
      const { origin } = world.suite;
      await seed({ origin, report: () => {} });
      const [buyer, seller] = [(await enter(origin, BUYER)).who, (await enter(origin, SELLER)).who];
      const find = async (q: string) => {
        const { body } = await buyer.get<Ticket[]>(`/api/tickets?q=${encodeURIComponent(q)}`);
        return body;
      };
      const order = (tickets: readonly Ticket[]) =>
        eventually(async () => {
          const { status, body } = await buyer.post('/api/orders', orderFor(tickets.map(({ id }) => id)));
          expect(status).toBe(201);
          return body.id as string;
        });
      const pay = (by: Visitor, orderId: string) =>
        eventually(async () => {
          const { status } = await by.post('/api/payments', { orderId, paymentMethod: 'pm_card_visa' });
          expect(status).toBe(201);
        });
      [ticket] = (await find('quartet')) as [Ticket];
      [reserved] = (await find('requiem')) as [Ticket];
      orders.paid = await order(await find('jazz'));
      await pay(buyer, orders.paid);
      orders.cancelled = await order(await find('marathon'));
      expect((await buyer.delete(`/api/orders/${orders.cancelled}`)).status).toBe(204);
      orders.open = await order(await find('requiem'));
      await eventually(async () =>
        expect((await seller.get('/api/orders/earnings')).body).toMatchObject({ sold: 1 }),
      );
    });

    const stranger = () => world.stranger({ reducedMotion: 'reduce' });
    const as = async (email: string) => {
      const somebody = await stranger();
      const answer = await somebody.context.request.post('/api/users/signin', {
        data: { email, password: PASSWORD },
      });
      expect(answer.status()).toBe(200);
      return somebody;
    };

    /** Nothing for axe to complain of, and a picture: wide and narrow, light and dark. */
    const look = async (page: Page, name: string) => {
      await page.evaluate(axe.source);
      const told: string[] = [];
      await page.setViewportSize({ width: NARROWEST, height: 900 });
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (wide > NARROWEST) told.push(`${NARROWEST}: it is ${wide} px wide`);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
          for (const { id, help, nodes } of violations)
            for (const { target } of nodes)
              told.push(`${width}, ${colorScheme}: ${id}, ${help}: ${target.join(' ')}`);
          // As high as the page, so that what sticks to the window's edges is where it belongs.
          const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
          await page.setViewportSize({ width, height });
          await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`) });
        }
      }
      expect(told).toEqual([]);
    };

    test('what is on', async () => {
      const { page } = await stranger();
      await page.goto('/');
      await sees(page.getByRole('listitem').first());
      await look(page, 'whats-on');
    });

    test('nothing that fits is on', async () => {
      const { page } = await stranger();
      await page.goto('/?q=unicorn&least=cheap&from=tomorrow');
      await sees(page.getByRole('heading', { name: 'No event fits' }));
      await look(page, 'whats-on-empty');
    });

    test('the market', async () => {
      const { page } = await stranger();
      const seller = await world.elsewhere();
      await seller.patch('/api/users/currentuser', { name: 'أحمد' });
      const said = {
        title: 'A night of songs by composers of whom nobody has heard for a hundred years, stalls',
        event: 'קונצרט בהיכל',
        place: 'Municipal Theatre, Wuppertal-Elberfeld',
        date: { local: '2096-12-24T19:30', zone: 'Europe/Berlin' },
      };
      const { saleId } = await sell(seller, { ...said, price: 123_450 });
      await sell(seller, { ...said, price: 123_400, saleId });
      await page.goto('/market');
      await sees(page.getByText('2 left').first(), page.getByText('From أحمد').first());
      await look(page, 'market');
    });

    test('a market where nothing fits', async () => {
      const { page } = await stranger();
      await page.goto('/market?q=unicorn&min=cheap');
      await sees(page.getByRole('heading', { name: 'No ticket fits' }));
      await look(page, 'market-empty');
    });

    test('a ticket with others, and one that is reserved', async () => {
      const { page } = await as(BUYER);
      await page.goto(`/tickets/${ticket.id}`);
      await sees(page.getByRole('group', { name: 'Add seats beside it' }));
      await look(page, 'ticket');
      await page.goto(`/tickets/${reserved.id}`);
      await sees(page.getByText('You hold it until'));
      await look(page, 'ticket-reserved');
    });

    test('an event whose seats are chosen, and one that is read from right to left', async () => {
      const { page } = await as(BUYER);
      const [winter] = (await (await page.request.get('/api/events?q=winter')).json()) as [{ id: string }];
      await page.goto(`/events/${winter.id}`);
      await page.getByRole('button', { name: 'One Students more' }).click();
      await page.getByRole('grid').focus();
      for (const key of ['End', ' ', 'ArrowLeft', ' ', 'ArrowDown']) await page.keyboard.press(key);
      await sees(page.getByRole('button', { name: 'Reserve 3 places' }));
      await look(page, 'event');
      await page.getByRole('button', { name: 'Reserve 3 places' }).click();
      await sees(page.getByRole('heading', { name: 'When and where' }));
      await look(page, 'order-places');

      const { who } = await enter(world.suite.origin, SELLER);
      const draft = await who.post<{ id: string }>('/api/events', {
        ...EVENT,
        title: 'ערב שירים: מן הים ועד המדבר (2096)',
        description: '# על הערב\n\nשירים *ישנים* וחדשים.\n\n- פסנתר\n- קול\n\n[אתר](https://example.com)',
        venue: { name: 'היכל התרבות', address: 'הוברמן 1', city: 'תל אביב', country: 'IL' },
        pools: [{ capacity: 9 }, { capacity: 300 }],
        tiers: [
          { name: 'ישיבה', pool: 0, price: 12_000, taxRate: 1700, closes: '2096-12-23T12:00' },
          { name: 'עמידה', pool: 1, price: 0, opens: '2096-01-01T12:00' },
        ],
      });
      expect((await who.post(`/api/events/${draft.body.id}/publish`)).status).toBe(200);
      await page.goto(`/events/${draft.body.id}`);
      await sees(page.getByText('Only 9 left'));
      await look(page, 'event-right-to-left');
    });

    test.each(['signin', 'signup'])('%s, refused', async (name) => {
      const somebody = await stranger();
      const { page } = somebody;
      somebody.tolerates(/40[01] .*\/api\/users\//);
      await page.goto(`/${name}`);
      await page.getByLabel('E-mail address').fill('nobody');
      await page.getByLabel('Password').fill('short');
      await page.locator('[type=submit]').click();
      await sees(page.locator('[aria-invalid], [role=alert]').first());
      await look(page, name);
    });

    test('selling, refused', async () => {
      const { page } = await as(SELLER);
      await page.goto('/sell');
      await page.getByLabel('Event').fill('ערב שירים');
      await page.getByLabel('Place').fill('היכל התרבות, תל אביב');
      await page.getByLabel('Date and time').fill('2096-12-24T19:00');
      await page.getByLabel('Time zone there').selectOption('Asia/Jerusalem');
      await page.getByLabel('Price').fill('a lot');
      await page.getByRole('button', { name: 'Put on sale' }).click();
      await sees(page.locator('[aria-invalid]').first());
      await look(page, 'sell');
    });

    test('changing and withdrawing', async () => {
      const { page } = await as(SELLER);
      await page.goto(`/tickets/${ticket.id}/edit`);
      await sees(page.getByRole('button', { name: 'Save' }));
      await look(page, 'edit');
      await page.getByRole('button', { name: 'Withdraw' }).click();
      await sees(page.getByRole('dialog'));
      await look(page, 'withdraw');
    });

    test("a seller's tickets", async () => {
      const { page } = await as(SELLER);
      await page.goto('/selling');
      await sees(page.getByRole('region', { name: 'Earned' }));
      await look(page, 'selling');
    });

    test('orders', async () => {
      const { page } = await as(BUYER);
      await page.goto('/orders');
      await sees(page.getByText('Paid', { exact: true }));
      await look(page, 'orders');
    });

    test.each(['open', 'paid', 'cancelled'] as const)('an order that is %s', async (state) => {
      const { page } = await as(BUYER);
      await page.goto(`/orders/${orders[state]}`);
      const shown = { open: 'Pay by card', paid: 'It is yours', cancelled: 'Still on sale' }[state];
      await sees(page.getByRole('heading', { name: shown }));
      await look(page, `order-${state}`);
    });

    test('the challenge of a bank', async () => {
      const { page } = await as(BUYER);
      await page.goto(`/orders/${orders.open}`);
      await page.getByRole('button', { name: 'Authentication' }).click();
      await page.getByRole('button', { name: /^Pay/ }).click();
      await sees(page.getByRole('dialog'));
      await look(page, 'order-challenge');
    });

    test('an account, whose new name is refused', async () => {
      const { page, tolerates } = await as(FRIEND);
      tolerates(/400 .*\/api\/users\/currentuser$/);
      await page.goto('/account');
      await sees(page.getByText('This device'));
      const name = page.getByLabel('Name that buyers see');
      await name.fill('\u200b');
      await name.press('Enter');
      await sees(page.locator('[aria-invalid]'));
      await look(page, 'account');
    });

    test('what there is not', async () => {
      const somebody = await stranger();
      somebody.tolerates(/404 /);
      await somebody.page.goto('/nothing/here');
      await look(somebody.page, 'not-found');
    });

    test('a part of the suite that does not answer', async () => {
      const somebody = await as(BUYER);
      const { page } = somebody;
      somebody.tolerates(/status of 50\d/, /React error #441/);
      const pid = await world.suite.pidOf('orders');
      process.kill(pid, 'SIGSTOP');
      try {
        await page.goto('/orders');
        await sees(page.getByRole('heading', { name: 'This did not work' }));
        await look(page, 'failed');
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await page.getByRole('button', { name: 'Try again' }).click();
      await sees(page.getByRole('heading', { name: 'Your orders' }));
    });

    test('the icon that a browser looks for by itself', async () => {
      const { page } = await stranger();
      const answer = await page.request.get('/favicon.ico');
      expect([answer.status(), answer.headers()['content-type']]).toEqual([200, 'image/svg+xml']);
      await page.goto('/offline.html');
      await page.evaluate("Object.assign(new Image(), { src: '/favicon.ico' }).decode()");
    });

    test.each(['/_next/image?url=%2Ficon.svg&w=64&q=75', '/opengraph-imagefoo', '/icon.svgfoo'])(
      '%s, which no page uses, is not there',
      async (path) => {
        const answer = await fetch(world.suite.origin + path);
        await answer.body?.cancel();
        const guarded = answer.headers.has('content-security-policy');
        expect({ status: answer.status, guarded }).toEqual({ status: 404, guarded: true });
      },
    );

    test('a broken link', async () => {
      const { page, tolerates } = await stranger();
      tolerates(/status of 404/);
      expect((await page.goto('/tickets/%zz'))?.status()).toBe(404);
      await sees(page.getByRole('heading', { name: 'There is nothing here' }));
    });

    test('no connection', async () => {
      const { page } = await stranger();
      await page.goto('/offline.html');
      await look(page, 'offline');
    });
  },
  { shapes: ['services'] },
);
