import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import type { Visitor } from '@ticketing/suite/api';
import { EVENT, PASSWORD } from '@ticketing/suite/samples';
import { inBrowser, sees, seesNo } from './harness.ts';

interface Sold {
  id: string;
  version: number;
  tiers: { id: string; name: string; price: number; poolId: string }[];
  pools: { id: string }[];
}

const PHONE = { width: 390, height: 844 };
const HALL = {
  ...EVENT,
  currency: 'usd',
  pools: [
    {
      blocks: [
        {
          name: 'Stalls',
          rows: [
            { label: 'A', seats: 6 },
            { label: 'B', seats: 6 },
          ],
        },
        { name: 'Gallery', rows: [{ label: 'A', seats: 4 }] },
      ],
      marks: [{ from: 0, to: 0, mark: 'accessible' }],
    },
    { capacity: 30 },
  ],
  tiers: [
    { name: 'Seated', pool: 0, price: 4500 },
    { name: 'Standing', pool: 1, price: 2500, limit: 4 },
    { name: 'Under 18', pool: 1, price: 0, limit: 1 },
    { name: 'Friends', pool: 1, price: 1000, hidden: true },
  ],
};

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const grid = (page: Page) => page.getByRole('grid', { name: 'Choose seats' });
const cell = (page: Page) => page.getByRole('gridcell');
const basket = (page: Page) => page.getByRole('region', { name: 'What you have chosen' });
const isPaid = (page: Page) => sees(page.getByRole('heading', { name: 'It is yours' }));

/** Moves by the tab key alone. */
const tabTo = async (page: Page, there: Locator) => {
  await there.waitFor();
  for (let stops = 0; stops < 60; stops++) {
    if ((await there.and(page.locator(':focus')).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`No tab leads to ${String(there)}`);
};

inBrowser('an event', (world) => {
  /** An organizer, and what they sell. */
  const onSale = async (more: object = {}): Promise<{ organizer: Visitor; event: Sold }> => {
    const organizer = await world.elsewhere();
    const draft = await organizer.post<Sold>('/api/events', { ...HALL, ...more });
    expect(draft.status).toBe(201);
    const { status, body: event } = await organizer.post<Sold>(`/api/events/${draft.body.id}/publish`);
    expect(status).toBe(200);
    await eventually(async () =>
      expect((await organizer.get(`/api/orders/places?eventId=${event.id}`)).status).toBe(200),
    );
    return { organizer, event };
  };
  /** Somebody else takes these seats. */
  const take = async ({ id, tiers: [seated] }: Sold, places: number[]) => {
    const lines = [{ tierId: seated!.id, price: seated!.price, places }];
    expect((await (await world.elsewhere()).post('/api/orders', { eventId: id, lines })).status).toBe(201);
  };

  test.each([1280, PHONE.width])(
    'two seats beside each other are chosen, and paid, by keys alone, with an account made on the way, %i px wide',
    async (width) => {
      const { event } = await onSale();
      const { page, email } = await world.stranger({ viewport: { ...PHONE, width } });
      await page.goto(`/events/${event.id}`);
      await eventually(() => button(page, 'Nearer').isEnabled());
      await tabTo(page, grid(page));
      await expect(cell(page).textContent()).resolves.toBe('Stalls, row A, seat 1, $45.00, free, accessible');
      for (const key of [
        'ArrowDown',
        'End',
        'PageDown',
        'PageUp',
        'Home',
        'ArrowRight',
        ' ',
        'ArrowRight',
        'Enter',
      ])
        await page.keyboard.press(key);
      const reserve = button(page, 'Reserve 2 places for $90.00');
      await tabTo(page, reserve);
      await page.keyboard.press('Enter');
      await tabTo(page, page.getByRole('link', { name: 'Make an account' }));
      await page.keyboard.press('Enter');
      await sees(page.getByRole('heading', { name: 'Make an account' }));
      await tabTo(page, page.getByLabel('E-mail address'));
      await page.keyboard.type(email);
      await tabTo(page, page.getByLabel('Password'));
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press('Enter');
      await tabTo(page, reserve);
      await page.keyboard.press('Enter');
      await tabTo(page, button(page, /^Pay \$90/));
      await page.keyboard.press('Enter');
      await isPaid(page);
      const order = page.getByRole('article');
      await sees(
        order.getByText('Stalls, row A, seat 2', { exact: true }),
        order.getByText('Stalls, row A, seat 3', { exact: true }),
        order.getByText('Hall, Bern'),
        order.getByRole('link', { name: 'See the event' }),
      );
    },
  );

  test('a seat that somebody else takes is taken at once, and leaves the basket with a sentence', async () => {
    const { event } = await onSale();
    const { page } = await world.stranger();
    await page.goto(`/events/${event.id}`);
    await eventually(() => button(page, 'Nearer').isEnabled());
    await grid(page).focus();
    for (const key of [' ', 'ArrowRight', ' ']) await page.keyboard.press(key);
    await sees(button(page, 'Reserve 2 places'), cell(page).filter({ hasText: 'seat 2, $45.00, chosen' }));
    await take(event, [1, 2]);
    await sees(
      page.getByRole('alert').getByText('Somebody else has taken Stalls, row A, seat 2.'),
      cell(page).filter({ hasText: 'seat 2, $45.00, taken' }),
      button(page, 'Reserve 1 place for $45.00'),
    );
    await page.keyboard.press(' ');
    await page.keyboard.press('ArrowRight');
    await sees(
      cell(page).filter({ hasText: 'seat 3, $45.00, taken' }),
      button(page, 'Reserve 1 place for $45.00'),
    );
  });

  test('a seat is chosen by a finger where it stands', async () => {
    const { event } = await onSale();
    const { page } = await world.stranger({ viewport: PHONE, hasTouch: true });
    await page.goto(`/events/${event.id}`);
    await eventually(() => button(page, 'Show all').isEnabled());
    await button(page, 'Show all').tap();
    const { x, y, width } = (await grid(page).locator('svg').boundingBox())!;
    const side = width / 8.8;
    await page.touchscreen.tap(x + side * (1.4 + 4.5), y + side * (1.8 + 0.5));
    await sees(basket(page).getByText('Stalls, row A, seat 5'));
  });

  test('places of several kinds go into one order; a free one is theirs at once', async () => {
    const { event } = await onSale();
    const { page, tolerates } = await world.person();
    tolerates(/409 .*\/api\/orders$/);
    await page.goto(`/events/${event.id}`);
    for (const name of ['One Seated more', 'One Standing more', 'One Standing more', 'One Under 18 more'])
      await button(page, name).click();
    await sees(basket(page).getByText('$95.00', { exact: true }));
    expect(await button(page, 'One Under 18 more').getAttribute('aria-disabled')).toBe('true');
    await button(page, 'Reserve 4 places for $95.00').click();
    await sees(button(page, 'Pay $95.00'));
    await page.goto(`/events/${event.id}`);
    await button(page, 'One Under 18 more').click();
    await button(page, 'Take 1 place, free').click();
    await sees(page.getByRole('alert').getByText('Nobody may have more than 1 of Under 18.'));
    const { page: other } = await world.person();
    await other.goto(`/events/${event.id}`);
    await button(other, 'One Under 18 more').click();
    await button(other, 'Take 1 place, free').click();
    await isPaid(other);
    await sees(other.getByText('Nothing: it is free'));
  });

  test('a code shows what is hidden and takes off, also after signing in; no address tells it, nor what was chosen', async () => {
    const { organizer, event } = await onSale();
    const friends = event.tiers.find(({ name }) => name === 'Friends');
    const made = await organizer.post(`/api/events/${event.id}/codes`, {
      code: 'FRIENDS',
      percent: 20,
      tierIds: [friends!.id],
    });
    expect(made.status).toBe(201);
    const { page, email, tolerates } = await world.stranger();
    tolerates(/404 .*\/codes\/check$/);
    await page.goto(`/events/${event.id}`);
    await seesNo(page.getByRole('heading', { name: 'Friends' }));
    await page.getByText('I have a code').click();
    await page.getByLabel('Code').fill('NOBODY');
    await button(page, 'Use it').click();
    await sees(page.getByText('There is no such code.'));
    await page.getByLabel('Code').fill('friends');
    await button(page, 'Use it').click();
    await button(page, 'One Friends more').click();
    const addresses = new Set<string>();
    page.on('framenavigated', (frame) => addresses.add(decodeURIComponent(frame.url())));
    await button(page, 'Reserve 1 place for $8.00').click();
    await page.getByRole('link', { name: 'Make an account' }).click();
    await sees(page.getByRole('heading', { name: 'Make an account' }));
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await button(page, 'Make an account').click();
    await sees(button(page, 'Reserve 1 place for $8.00'));
    const { origin } = world.suite;
    expect([...addresses]).toEqual([
      `${origin}/signin?to=/events/${event.id}`,
      `${origin}/signup?to=/events/${event.id}`,
      `${origin}/events/${event.id}`,
    ]);
    await page.reload();
    await button(page, 'Reserve 1 place for $8.00').click();
    await sees(button(page, 'Pay $8.00'));
    await page.goto(`/events/${event.id}`);
    await sees(basket(page).getByText('Nothing yet.'), page.getByText('I have a code'));
  });

  test('who signs out leaves nothing of what they chose, in no tab', async () => {
    const { event } = await onSale();
    const { page, context } = await world.person();
    await page.goto(`/events/${event.id}`);
    await button(page, 'One Standing more').click();
    await sees(basket(page).getByText('$25.00').first());
    const account = await context.newPage();
    await account.goto('/account');
    await button(account, /^Sign out$/).click();
    await sees(basket(page).getByText('Nothing yet.'));
    expect(String(await page.evaluate('JSON.stringify(sessionStorage)'))).not.toContain('typed event');
  });

  test('a price that changes is shown, and asked again; a cancelled event sells no more', async () => {
    const { organizer, event } = await onSale();
    const { page } = await world.person();
    const { page: other } = await world.stranger();
    for (const one of [page, other]) {
      await one.goto(`/events/${event.id}`);
      await button(one, 'One Standing more').click();
    }
    await button(other, /^Reserve/).click();
    await sees(other.getByRole('heading', { name: 'Sign in' }));
    const [pools, tiers] = [
      HALL.pools.map((pool, n) => ({ ...pool, id: event.pools[n]!.id })),
      HALL.tiers.map((tier, n) => ({ ...tier, id: event.tiers[n]!.id })),
    ];
    const dearer = tiers.map((tier) => (tier.name === 'Standing' ? { ...tier, price: 2700 } : tier));
    const edited = await organizer.put(`/api/events/${event.id}`, { ...HALL, pools, tiers: dearer });
    expect(edited.status).toBe(200);
    await sees(page.getByText('The price of Standing is now $27.00. It was $25.00.'));
    // Also who was away meanwhile.
    await other.goto(`/events/${event.id}`);
    await sees(other.getByText('The price of Standing is now $27.00. It was $25.00.'));
    const reserve = button(page, 'Reserve 1 place for $27.00');
    expect(await reserve.isDisabled()).toBe(true);
    await button(page, 'I have seen it').click();
    await reserve.click();
    await sees(button(page, 'Pay $27.00'));
    expect((await organizer.post(`/api/events/${event.id}/cancel`)).status).toBe(200);
    await sees(page.getByText('The event is cancelled.').first());
    await page.getByRole('link', { name: 'See the event' }).click();
    await sees(page.getByText('Cancelled', { exact: true }));
    await seesNo(button(page, /^Reserve/));
  });

  test('sold out, and what comes back, is said at once; who comes too early is told when', async () => {
    const { event } = await onSale({ pools: [{ capacity: 2 }], tiers: [{ name: 'All', price: 2500 }] });
    const early = await onSale({
      pools: [{ capacity: 2 }],
      tiers: [
        { name: 'Later', price: 2500, opens: '2096-02-01T12:00' },
        { name: 'Early', price: 1500, opens: '2096-01-01T12:00' },
      ],
    });
    const { page } = await world.stranger();
    await page.goto(`/events/${early.event.id}`);
    await sees(
      page.getByText('Not on sale yet', { exact: true }),
      page.getByText('The first tickets go on sale on Jan 1, 2096, 12:00 PM Europe/Zurich.'),
    );
    await page.goto(`/events/${event.id}`);
    await sees(page.getByText('On sale', { exact: true }));
    const buyer = await world.elsewhere();
    const [{ id: tierId, price } = { id: '', price: 0 }] = event.tiers;
    const lines = [{ tierId, price, quantity: 2 }];
    const order = await buyer.post<{ id: string }>('/api/orders', { eventId: event.id, lines });
    expect(order.status).toBe(201);
    const passedOn = page.getByRole('link', { name: 'See whether somebody passes theirs on' });
    await sees(page.getByText('Sold out', { exact: true }).first(), passedOn);
    expect(await passedOn.getAttribute('href')).toMatch(/^\/market\?q=/);
    expect((await buyer.delete(`/api/orders/${order.body.id}`)).status).toBe(204);
    await sees(page.getByText('On sale', { exact: true }));
    await seesNo(passedOn);
  });

  test('what is not for eyes says the same: a calendar, a preview, and what search engines read', async () => {
    const { event } = await onSale({ title: '</script><b>Evening</b>' });
    const { page, tolerates } = await world.stranger({ javaScriptEnabled: false });
    tolerates(/^csp GET .*\.js$/);
    await page.goto(`/events/${event.id}`);
    await sees(
      page.getByRole('heading', { name: '</script><b>Evening</b>' }),
      page.getByText('$45.00', { exact: true }),
    );
    const told = await page.locator('script[type="application/ld+json"]').textContent();
    expect(JSON.parse(told ?? '')).toMatchObject({ name: '</script><b>Evening</b>' });
    const calendar = await page.request.get(`/events/${event.id}/calendar.ics`);
    expect(calendar.headers()['content-type']).toBe('text/calendar; charset=utf-8');
    expect(await calendar.text()).toContain('DTSTART:20961224T180000Z\r\n');
    const preview = await page.locator('meta[property="og:image"]').getAttribute('content');
    const picture = await page.request.get(new URL(preview ?? '').pathname);
    expect([picture.status(), picture.headers()['content-type']]).toEqual([200, 'image/png']);
    const { etag = '', 'cache-control': kept } = picture.headers();
    expect(kept).toBe('public, max-age=86400');
    const again = await page.request.get(new URL(preview ?? '').pathname, {
      headers: { 'if-none-match': `"another", ${etag}` },
    });
    expect([again.status(), (await again.body()).length, again.headers()['etag']]).toEqual([304, 0, etag]);
    for (const path of ['calendar.ics', 'art'])
      expect((await page.request.get(`/events/${'0'.repeat(24)}/${path}`)).status()).toBe(404);
  });
});
