import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import axe from 'axe-core';
import jsQR from 'jsqr';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import { EVENT } from '@ticketing/suite/samples';
import { enter, inBrowser, type Person, sees, seesNo } from './harness.ts';

const SCREENSHOTS = join(import.meta.dirname, '../../.local/screenshots');
const PHONE = { width: 390, height: 844 };
const NARROWEST = 320;
/** Of the picture that a scanner sees, in pixels. */
const SIDE = 294;
/** Read from right to left, and no markup. */
const TITLE = 'ערב שירים <b>2096</b>';

interface Event {
  id: string;
  tiers: { id: string; price: number }[];
}
interface Held {
  id: string;
  code?: string;
  status: string;
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name });
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name });

/** By a key alone, once the page can answer. */
async function byKey(there: Locator): Promise<void> {
  await eventually(() => there.isEnabled());
  await there.press('Enter');
}

/** What a scanner reads on the page: its picture is drawn, and decoded as any other. */
async function scanned(page: Page): Promise<string | undefined> {
  await page.getByRole('img', { name: 'The code of this ticket' }).first().waitFor();
  const dark = (await page.evaluate(`(async () => {
    const side = ${SIDE};
    const image = new Image();
    const copy = document.querySelector('svg[role=img]').cloneNode(true);
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    copy.setAttribute('width', side);
    copy.setAttribute('height', side);
    image.src = 'data:image/svg+xml,' + encodeURIComponent(copy.outerHTML);
    await image.decode();
    const canvas = new OffscreenCanvas(side, side).getContext('2d');
    canvas.fillStyle = '#fff';
    canvas.fillRect(0, 0, side, side);
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, side, side);
    return Array.from({ length: side * side }, (_, n) => (data[4 * n] < 128 ? 1 : 0)).join('');
  })()`)) as string;
  // Its types name a default that a module has not.
  const decode = jsQR as unknown as (
    ...picture: [Uint8ClampedArray, number, number]
  ) => { data: string } | null;
  const colours = Array.from(dark).flatMap((one) => (one === '1' ? [0, 0, 0, 255] : [255, 255, 255, 255]));
  return decode(Uint8ClampedArray.from(colours), SIDE, SIDE)?.data;
}

/** Nothing for axe to complain of, no scrolling to the side, and a picture: light and dark. */
async function look(page: Page, name: string): Promise<void> {
  await page.evaluate(axe.source);
  const told: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of [NARROWEST, PHONE.width, 1280]) {
      await page.setViewportSize({ ...PHONE, width });
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (wide > width) told.push(`${width}: it is ${wide} px wide`);
      const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
      for (const { id, help, nodes } of violations)
        for (const { target } of nodes)
          told.push(`${width}, ${colorScheme}: ${id}, ${help}: ${target.join(' ')}`);
      const path = join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`);
      if (width > NARROWEST) await page.screenshot({ path, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(PHONE);
  expect(told).toEqual([]);
}

inBrowser('tickets that were bought', (world) => {
  const onSale = async (more: object = {}): Promise<Event> => {
    const organizer = await world.elsewhere();
    const draft = await organizer.post<Event>('/api/events', {
      ...EVENT,
      title: TITLE,
      currency: 'usd',
      pools: [{ capacity: 30 }],
      tiers: [{ name: 'Standing', pool: 0, price: 2500 }],
      ...more,
    });
    expect(draft.status).toBe(201);
    const { status, body } = await organizer.post<Event>(`/api/events/${draft.body.id}/publish`);
    expect(status).toBe(200);
    await eventually(async () =>
      expect((await organizer.get(`/api/orders/places?eventId=${body.id}`)).status).toBe(200),
    );
    return body;
  };
  const held = async ({ context }: Person) =>
    (await (await context.request.get('/api/admissions')).json()) as Held[];
  const codeOf = async (person: Person, id: string) =>
    (await held(person)).find((one) => one.id === id)?.code;

  /** Somebody with so many places of an event, at the page of the order. */
  const bought = async (places = 3): Promise<Person & { event: Event; tickets: Held[] }> => {
    const [event, person] = [await onSale(), await world.person({ viewport: PHONE, hasTouch: true })];
    const { page, context } = person;
    const [{ id: tierId, price } = { id: '', price: 0 }] = event.tiers;
    const lines = [{ tierId, price, quantity: places }];
    const order = await context.request.post('/api/orders', { data: { eventId: event.id, lines } });
    expect(order.status()).toBe(201);
    const { id } = (await order.json()) as { id: string };
    await page.goto(`/orders/${id}`);
    await button(page, /^Pay \$/).click();
    await sees(heading(page, 'It is yours'), heading(page, 'Your tickets'));
    await sees(link(page, /Standing/).nth(places - 1));
    return { ...person, event, tickets: await held(person) };
  };

  test('are there after paying, one after the other, each with a code that a scanner reads', async () => {
    const person = await bought();
    const { page } = person;
    await look(page, 'order-tickets');
    await link(page, 'My tickets').click();
    await sees(heading(page, 'Coming'), heading(page, TITLE));
    await look(page, 'my-tickets');
    await link(page, /Standing/)
      .first()
      .click();
    await sees(page.getByText('1 of 3'));
    const first = page.url().split('/').at(-1) ?? '';
    expect(await scanned(page)).toBe(await codeOf(person, first));
    await look(page, 'my-ticket');
    await page.keyboard.press('ArrowRight');
    await sees(page.getByText('2 of 3'));
    await link(page, /^Next/).press('Enter');
    await sees(page.getByText('3 of 3'));
    const last = page.url().split('/').at(-1) ?? '';
    expect(await scanned(page)).toBe(await codeOf(person, last));
    const name = page.getByLabel('Who will come');
    await name.fill('أحمد');
    await name.press('Enter');
    await sees(page.getByRole('region', { name: 'For the door' }).getByText('أحمد'));
    await byKey(button(page, 'Fill the screen'));
    await sees(button(page, 'Close'));
    await look(page, 'my-ticket-full');
    await page.keyboard.press('Escape');
    await seesNo(button(page, 'Close'));
  });

  test('open without a network, in a new tab too, and are gone with who signs out', async () => {
    const person = await bought(2);
    const { page, context, tickets, tolerates } = person;
    tolerates(/net::ERR_INTERNET_DISCONNECTED/, /Failed to fetch RSC payload/);
    const [first] = tickets as [Held, ...Held[]];
    await page.goto(`/my-tickets/${first.id}`);
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await context.setOffline(true);
    const other = await context.newPage();
    await other.goto(`/my-tickets/${first.id}`);
    await sees(other.getByText('No connection at the moment.'));
    expect(await scanned(other)).toBe(first.code);
    await look(other, 'my-ticket-offline');
    await link(other, /Standing$/).click();
    await sees(other.getByText('No connection at the moment.'));
    expect(await scanned(other)).toBe(tickets[1]?.code);
    await context.setOffline(false);
    await sees(heading(other, 'When and where'));
    await other.goto('/account');
    await button(other, /^Sign out$/).click();
    await sees(link(other, 'Sign in'));
    await context.setOffline(true);
    const third = await context.newPage();
    await third.goto(`/my-tickets/${first.id}`);
    await sees(heading(third, 'No connection'));
    await seesNo(third.getByRole('img'));
  });

  test('are handed on by a link to who makes an account for it; who had it is told, and keeps nothing', async () => {
    const person = await bought(1);
    const { page, context, tickets, tolerates } = person;
    tolerates(/404 /, /net::ERR_INTERNET_DISCONNECTED/);
    const [{ id, code }] = tickets as [Held];
    await page.goto(`/my-tickets/${id}`);
    await byKey(button(page, 'Make a link'));
    const given = page.getByText(/\/claim#/);
    await sees(given, page.getByText('A link is open since'));
    const [address, secret] = ((await given.textContent()) ?? '').split('#');
    await look(page, 'my-ticket-link');

    const friend = await world.stranger({ viewport: PHONE });
    const asked = new Set<string>();
    friend.page.on('request', (request) => asked.add(`${request.method()} ${request.url()}`));
    await friend.page.goto(`${address}#${secret}`);
    await sees(friend.page.getByText('Somebody hands a ticket on to you.'));
    await look(friend.page, 'claim');
    await link(friend.page, 'Sign in to take it').click();
    await link(friend.page, 'Make an account').click();
    await sees(heading(friend.page, 'Make an account'));
    await enter(friend, 'Make an account');
    await button(friend.page, 'Take the ticket').click();
    await sees(heading(friend.page, TITLE), button(friend.page, 'Fill the screen'));
    const theirs = await scanned(friend.page);
    expect(theirs).toBe(await codeOf(friend, id));
    expect(theirs).not.toBe(code);
    expect([...asked].filter((one) => one.includes(secret ?? ''))).toEqual([]);

    await sees(heading(page, 'This ticket is not yours'));
    expect(await page.evaluate("localStorage.getItem('tickets')")).not.toContain(id);
    await page.goto(`/my-tickets/${id}`);
    await sees(heading(page, 'This ticket is not yours'));
    await look(page, 'my-ticket-gone');
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await context.setOffline(true);
    await page.goto(`/my-tickets/${id}`).catch(() => undefined);
    await sees(heading(page, 'No connection'));
  });

  test('are given back by keys alone, with what goes back and to whom', async () => {
    const person = await bought(2);
    const { page, tickets } = person;
    const [first] = tickets as [Held, ...Held[]];
    await page.goto(`/my-tickets/${first.id}`);
    await link(page, 'Give it back').press('Enter');
    await sees(page.getByText(/\$25.00 goes back/).first());
    const choices = page.getByRole('checkbox');
    await choices.first().waitFor();
    expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(1);
    await look(page, 'give-back');
    await byKey(button(page, 'Give it back'));
    const dialog = page.getByRole('dialog');
    await sees(dialog.getByText('You get $25.00 back, the way you paid.'));
    await byKey(dialog.getByRole('button', { name: 'Give it back' }));
    await sees(
      page.getByText('Standing is given back. $25.00 is on its way.'),
      page.getByText('Given back', { exact: true }),
    );
    await look(page, 'given-back');
    expect((await held(person)).map(({ status }) => status).sort()).toEqual(['returned', 'valid']);
    await page.goto(`/my-tickets/${first.id}`);
    await sees(page.getByText('$25.00 goes back to you.'));
    await seesNo(page.getByRole('img', { name: 'The code of this ticket' }));
  });

  test('an order of places leads there, and who has none is told what would stand here', async () => {
    const { page } = await bought(1);
    await link(page, 'Give tickets back').click();
    await sees(heading(page, 'Give tickets back'), page.getByRole('checkbox'));
    const { page: nobody, tolerates } = await world.person();
    tolerates(/404 /);
    await nobody.goto('/my-tickets');
    await sees(heading(nobody, 'You have no tickets yet'));
    await look(nobody, 'my-tickets-empty');
    await nobody.goto('/tickets');
    await nobody.waitForURL('**/selling');
    await sees(heading(nobody, 'Selling'));
    await nobody.goto('/claim');
    await sees(nobody.getByText('There is no link here'));
  });
});
