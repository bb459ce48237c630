import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import type { Visitor } from '@ticketing/suite/api';
import { enter, inBrowser, type Person, sees, seesNo } from './harness.ts';

const SCREENSHOTS = join(import.meta.dirname, '../../.local/screenshots');
const RIGHT_TO_LEFT = 'ليلة الأغاني';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const field = (page: Page, name: string) => page.locator(`#editor [name="${name}"]`);
const part = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
/** What a dashboard says of all places. */
const counted = (page: Page, what: string) =>
  part(page, 'Places').locator('dl > div').filter({ hasText: what }).locator('dd');

/** `orders` hears of what was published or cancelled a moment later. */
const JUST_NOW = /404 .*\/api\/orders\/(places|sales|endings)/;

const EVENT = {
  title: 'Evening of songs',
  category: 'concert',
  organizer: { name: 'The hall' },
  venue: { name: 'Hall', city: 'Bern' },
  zone: 'Europe/Zurich',
  starts: '2096-06-01T20:00',
  ends: '2096-06-01T23:00',
  currency: 'usd',
  pools: [{ capacity: 50 }],
  tiers: [{ name: 'Standing', pool: 0, price: 2500 }],
};
interface Made {
  id: string;
  version: number;
  pools: { id: string }[];
  tiers: { id: string }[];
}

const makes = async ({ context }: Person, more: object = {}): Promise<Made> => {
  const answer = await context.request.post('/api/events', { data: { ...EVENT, ...more } });
  expect(answer.status()).toBe(201);
  return (await answer.json()) as Made;
};
const buys = async (buyer: Visitor, eventId: string, tierId: string, quantity: number) => {
  const lines = [{ tierId, quantity, price: 2500 }];
  const order = await eventually(async () => {
    const { status, body } = await buyer.post<{ id: string }>('/api/orders', { eventId, lines });
    expect(status).toBe(201);
    return body.id;
  });
  await eventually(async () => {
    const { status } = await buyer.post('/api/payments', { orderId: order, paymentMethod: 'pm_card_visa' });
    expect(status).toBe(201);
  });
};

/** Goes on by Tab until it is there. */
const tabTo = async (page: Page, where: Locator) => {
  await where.waitFor();
  for (let presses = 0; presses < 150; presses += 1) {
    if (await where.evaluate((node) => node === node.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`No Tab leads to ${where.toString()}`);
};

/** Nothing for axe to complain of, nothing beside the window, and pictures. */
const look = async (page: Page, name: string) => {
  await page.evaluate(axe.source);
  const told: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of [320, 390, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (wide > width) told.push(`${width}: it is ${wide} px wide`);
      const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
      for (const { id, help, nodes } of violations)
        for (const { target } of nodes)
          told.push(`${width}, ${colorScheme}: ${id}, ${help}: ${target.join(' ')}`);
      const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: join(SCREENSHOTS, `organize-${name}-${width}-${colorScheme}.png`) });
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  expect(told).toEqual([]);
};

inBrowser(
  'an organizer',
  (world, shape) => {
    test('makes an event by keyboard alone, publishes it, sees a sale, and cancels it', async () => {
      const { page } = await world.person();
      const buyer = await world.elsewhere();
      const type = async (name: string, text: string) => {
        await tabTo(page, field(page, name));
        await page.keyboard.type(text);
      };
      const press = async (where: Locator) => {
        await tabTo(page, where);
        await page.keyboard.press('Enter');
      };
      await page.goto('/organize');
      await sees(page.getByRole('heading', { name: 'You have no events yet' }));
      await press(page.getByRole('main').getByRole('link', { name: 'New event' }).first());
      await sees(page.getByRole('heading', { name: 'New event' }));
      await eventually(async () => expect(await field(page, 'title').isEnabled()).toBe(true));
      await type('title', 'Analytical Engine, live');
      await type('category', 'Concert');
      await type('description', '**Two hours** of it.');
      await type('organizer.name', 'The Hall Ltd');
      await type('zone', 'Europe/London');
      await type('starts', '060120960800PM');
      await type('ends', '060120961100PM');
      await type('venue.name', 'The Hall');
      await type('venue.city', 'London');
      await press(button(page, 'Add a ticket'));
      await type('pools.0.capacity', '50');
      await type('tiers.0.name', 'Standing');
      await type('tiers.0.price', '25');
      await press(button(page, 'Save the draft'));
      await sees(page.getByRole('heading', { name: 'Before you publish' }));
      await sees(page.getByText('Jun 1, 2096, 8:00 – 11:00 PM'));
      const id = page.url().split('/').at(-1)!;

      await press(button(page, 'Publish'));
      await sees(part(page, 'Places'));
      await eventually(async () => expect(await counted(page, 'Left').textContent()).toBe('50'));
      const { body } = await buyer.get<Made>(`/api/events/${id}`);
      await buys(buyer, id, body.tiers[0]!.id, 2);
      await eventually(async () => {
        expect(await counted(page, 'Left').textContent()).toBe('48');
        expect(await counted(page, 'Taken').textContent()).toBe('2');
      });
      await sees(
        part(page, 'Places').getByText('Standing, 2 sold'),
        part(page, 'Earned').getByText('$50.00').first(),
      );

      await press(button(page, 'Cancel the event'));
      await sees(
        page
          .getByRole('dialog')
          .getByText('The 2 places that people hold will be free again, and $50.00 goes back'),
      );
      await press(button(page, 'Cancel it for good'));
      await sees(page.getByText('1 order ended, and what was paid is on its way back to who paid it.'));
      await press(page.getByRole('link', { name: 'All your events' }));
      await sees(part(page, 'Cancelled').getByText('See what went back'));
    });

    test('is told what is wrong beside its field, the first of it focused, and types seats or pastes them', async () => {
      const somebody = await world.person();
      const { page, context } = somebody;
      await page.goto('/organize/new');
      await button(page, 'Save the draft').click();
      await sees(page.getByText('Title must not be empty'), page.getByText('The beginning must be given'));
      await sees(page.getByText('7 fields are not right yet.'));
      expect(await page.evaluate('document.activeElement.name')).toBe('title');
      await field(page, 'title').fill('Hall');
      await field(page, 'category').selectOption('concert');
      await field(page, 'organizer.name').fill('We');
      await field(page, 'venue.name').fill('Hall');
      await field(page, 'venue.city').fill('Bath');
      // When the clocks of London show half past one twice.
      await field(page, 'zone').selectOption('Europe/London');
      await field(page, 'starts').fill('2096-10-28T01:30');
      await field(page, 'ends').fill('2096-10-28T03:00');
      await button(page, 'Add a ticket').click();
      await field(page, 'tiers.0.name').fill('Seat');
      await field(page, 'tiers.0.price').fill('12,5');
      await field(page, 'pools.0.kind').selectOption('seats');
      const rows = field(page, 'pools.0.blocks.0.rows');
      await field(page, 'pools.0.blocks.0.name').fill('Stalls');
      await rows.fill('A-B: 4\nB: 4');
      await field(page, 'pools.0.blocks.0.held').fill('A: 1-2');
      await button(page, 'Save the draft').click();
      await sees(
        page.getByText('Rows must have row B once (line 2)'),
        page.getByText('The price is not clear: type $12.50'),
      );
      expect(await page.evaluate('document.activeElement.name')).toBe('pools.0.blocks.0.rows');
      await rows.fill('A-B: 4');
      await sees(page.getByText('2 rows, 8 seats.'));
      await field(page, 'tiers.0.price').fill('12.50');
      await page.evaluate(`{
      const clipboard = new DataTransfer();
      clipboard.setData('text', 'Balcony\\tA\\t1-3\\nBalcony\\tB\\t2,4');
      document.getElementsByName('pools.0.blocks.0.rows')[0]
        .dispatchEvent(new ClipboardEvent('paste', { clipboardData: clipboard, bubbles: true, cancelable: true }));
    }`);
      expect(await field(page, 'pools.0.blocks.1.rows').inputValue()).toBe('A: 1-3\nB: 2,4');
      somebody.tolerates(/400 .*\/api\/events/);
      await button(page, 'Save the draft').click();
      await sees(page.getByText('The beginning is there twice in Europe/London'));
      await button(page, 'The one at UTC+00:00').click();
      await sees(page.getByText('The one that is +00:00 from UTC.'));
      await button(page, 'Save the draft').click();
      await sees(page.getByRole('heading', { name: 'Before you publish' }));
      const made = await context.request.get(`/api/events/${page.url().split('/').at(-1)}`);
      expect(await made.json()).toMatchObject({
        starts: '2096-10-28T01:30+00:00',
        pools: [
          {
            blocks: [
              {
                name: 'Stalls',
                rows: [
                  { label: 'A', seats: 4 },
                  { label: 'B', seats: 4 },
                ],
              },
              {
                name: 'Balcony',
                rows: [
                  { label: 'A', seats: 3 },
                  { label: 'B', seats: 2, names: ['2', '4'] },
                ],
              },
            ],
            held: [{ from: 0, to: 1 }],
          },
        ],
        tiers: [{ name: 'Seat', price: 1250 }],
      });
      await page.getByRole('link', { name: 'Add it: A description' }).click();
      await page.waitForURL('**/edit#description');
      await eventually(async () =>
        expect(await page.evaluate('document.activeElement.name')).toBe('description'),
      );
    });

    test('whose session was ended, whose network is gone, and who reloads, finds again what was typed', async () => {
      const somebody = await world.person();
      const { page, context } = somebody;
      somebody.tolerates(/401 /, /ERR_INTERNET_DISCONNECTED/);
      await page.goto('/organize/new');
      await field(page, 'title').fill('A long story');
      await button(page, 'Add a ticket').click();
      await field(page, 'tiers.0.name').fill('Standing');
      await field(page, 'pools.0.capacity').fill('7');
      const isThere = async () => {
        await eventually(async () => expect(await field(page, 'title').inputValue()).toBe('A long story'));
        expect(await field(page, 'tiers.0.name').inputValue()).toBe('Standing');
        expect(await field(page, 'pools.0.capacity').inputValue()).toBe('7');
      };
      await page.reload();
      await isThere();
      for (const [name, value] of Object.entries({
        'organizer.name': 'We',
        'venue.name': 'Hall',
        'venue.city': 'Bath',
        starts: '2096-06-01T20:00',
        ends: '2096-06-01T21:00',
        'tiers.0.price': '5',
      }))
        await field(page, name).fill(value);
      await field(page, 'category').selectOption('other');
      await context.setOffline(true);
      await button(page, 'Save the draft').click();
      await sees(
        page.getByText('The server cannot be reached.'),
        page.getByText('What you typed is kept in this tab.'),
      );
      await context.setOffline(false);
      await eventually(async () =>
        expect((await context.request.delete('/api/users/sessions')).status()).toBe(204),
      );
      await button(page, 'Save the draft').click();
      const dialog = page.getByRole('dialog');
      await sees(dialog.getByText('Your session is over. Please sign in again.'));
      await dialog.getByRole('link', { name: 'Sign in' }).click();
      await enter(somebody, 'Sign in');
      await page.waitForURL('**/organize/new');
      await isThere();
      await button(page, 'Save the draft').click();
      await sees(page.getByRole('heading', { name: 'A long story' }));
      await page.goto('/organize/new');
      await eventually(async () => expect(await field(page, 'title').isEnabled()).toBe(true));
      expect(await field(page, 'title').inputValue()).toBe('');
    });

    test('sees what another of the team changed meanwhile, and says field by field what stands', async () => {
      const somebody = await world.person();
      const { page, context } = somebody;
      somebody.tolerates(/412 /);
      const { id, tiers, pools } = await makes(somebody);
      const as = {
        pools: [{ id: pools[0]!.id, capacity: 60 }],
        tiers: [{ ...EVENT.tiers[0], id: tiers[0]!.id }],
      };
      await page.goto(`/organize/${id}/edit`);
      await eventually(async () => expect(await field(page, 'title').isEnabled()).toBe(true));
      await field(page, 'title').fill('Mine');
      await field(page, 'venue.city').fill('Basel');
      const other = await context.request.put(`/api/events/${id}`, {
        data: { ...EVENT, ...as, title: 'Theirs', description: 'New' },
      });
      expect(other.status()).toBe(200);
      await button(page, 'Save').click();
      const dialog = page.getByRole('dialog');
      const choice = (what: string, whose: RegExp) =>
        dialog.getByRole('group', { name: what }).getByLabel(whose);
      await sees(
        dialog.getByRole('group', { name: 'Title' }),
        dialog.getByRole('group', { name: 'Description' }),
      );
      expect(await dialog.getByRole('group').count()).toBe(3);
      expect(await choice('Title', /^Yours/).isChecked()).toBe(true);
      expect(await choice('Places 1: number of places', /^Theirs/).isChecked()).toBe(true);
      await choice('Description', /^Yours/).check();
      await button(page, 'Save like this').click();
      await sees(page.getByText('All is saved'));
      const now = (await (await context.request.get(`/api/events/${id}`)).json()) as object;
      expect(now).toMatchObject({ title: 'Mine', venue: { city: 'Basel' }, pools: [{ capacity: 60 }] });
      expect(now).not.toHaveProperty('description');
    });

    test('gives a picture and a code, lets others in by a link, gives places to guests, postpones and copies', async () => {
      const [owner, manager] = [await world.person(), await world.person()];
      const { page, context } = owner;
      const { id } = await makes(owner);
      await page.goto(`/organize/${id}/edit`);
      const picture = part(page, 'Picture');
      await eventually(async () => expect(await field(page, 'title').isEnabled()).toBe(true));
      owner.tolerates(/400 .*picture/);
      await picture
        .getByLabel('A picture')
        .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') });
      await sees(picture.getByText('The picture must be a JPEG, PNG or WebP'));
      await picture
        .getByLabel('A picture')
        .setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('not one') });
      await sees(picture.getByText('The picture must be a JPEG, PNG or WebP'));
      const png = await page.screenshot({ type: 'png' });
      await picture
        .getByLabel('A picture')
        .setInputFiles({ name: 'b.png', mimeType: 'image/png', buffer: png });
      await sees(picture.getByRole('img', { name: 'As it is now' }));
      const codes = part(page, 'Codes');
      await codes.getByLabel('New code').fill('EARLYBIRD');
      await codes.getByLabel('Percent off').fill('20');
      await button(page, 'Make this code').click();
      await sees(codes.getByText('1. 20 % off'), codes.getByText('EARLYBIRD'));
      // What the page itself has changed is nobody else's doing.
      await field(page, 'title').fill('Evening of new songs');
      await button(page, 'Save').click();
      await sees(page.getByText('All is saved'));

      await page.goto(`/organize/${id}`);
      await button(page, 'Publish').click();
      await sees(part(page, 'Places'));
      await button(page, 'Make a link').click();
      const link = await part(page, 'Team').getByText('/organize/join#').textContent();
      await manager.page.goto(link!);
      await button(manager.page, 'Join the team').click();
      await sees(manager.page.getByRole('heading', { name: 'Evening of new songs' }));
      await sees(part(manager.page, 'Team').getByText('You, Manager'));

      await eventually(async () => expect(await counted(page, 'Left').textContent()).toBe('50'));
      const guests = part(page, 'Guests and box office');
      await guests.getByLabel('How many').fill('3');
      await button(page, 'Give these places').click();
      await sees(guests.getByText('3 places are taken.'));
      await eventually(async () => expect(await counted(page, 'Taken').textContent()).toBe('3'));

      owner.tolerates(/400 .*postpone/);
      await button(page, 'Postpone').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Begins').fill('2096-07-01T20:00');
      await button(page, 'Postpone it').click();
      await sees(dialog.getByText('The end must be after starts'));
      await dialog.getByLabel('Ends').fill('2096-07-01T23:00');
      await button(page, 'Postpone it').click();
      await sees(
        page.getByText('Postponed', { exact: true }),
        page.getByText('Jul 1, 2096, 8:00 – 11:00 PM'),
      );

      await button(page, 'Copy').click();
      await dialog.getByLabel('Title').fill('Once more');
      await dialog.getByLabel('Begins').fill('2097-07-01T20:00');
      await dialog.getByLabel('Ends').fill('2097-07-01T23:00');
      await button(page, 'Make the copy').click();
      await sees(page.getByRole('heading', { name: 'Once more' }));
      expect((await context.request.get(page.url().replace('/organize/', '/api/events/'))).status()).toBe(
        200,
      );
      await button(page, 'Delete the draft').click();
      await button(page, 'Delete it').click();
      await sees(page.getByRole('heading', { name: 'Your events' }));
      await seesNo(page.getByText('Once more'));
    });

    test('holds back seats on their plan, by keys and by pointer: what is typed follows, and the plan what is typed', async () => {
      const owner = await world.person();
      const { page, context } = owner;
      const rows = ['A', 'B'].map((label) => ({ label, seats: 8 }));
      const { id } = await makes(owner, { pools: [{ blocks: [{ name: 'Stalls', rows }] }] });
      await page.goto(`/organize/${id}/edit`);
      const held = field(page, 'pools.0.blocks.0.held');
      await eventually(async () => expect(await held.isEnabled()).toBe(true));
      await tabTo(page, button(page, 'Hold back on the plan'));
      await page.keyboard.press('Enter');
      const plan = page.getByRole('grid', { name: 'What is held back' });
      await tabTo(page, plan);
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      expect(await held.inputValue()).toBe('A: 2');
      await sees(plan.getByRole('gridcell', { name: 'Stalls, Row A, Seat 2, held back' }));
      await page.keyboard.press('End');
      await page.keyboard.press('Shift+Enter');
      expect(await held.inputValue()).toBe('A: 2-8');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Home');
      await page.keyboard.press(' ');
      expect(await held.inputValue()).toBe('A: 2-8\nB: 1');
      // The first seat of the plan: its row stands in the middle.
      const box = (await plan.locator('svg').boundingBox())!;
      await page.mouse.click(box.x + (box.width / 108) * 19, box.y + (box.width / 108) * 23);
      expect(await held.inputValue()).toBe('A\nB: 1');
      await held.fill('B: 7-8');
      await tabTo(page, plan);
      await sees(plan.getByRole('gridcell', { name: 'Stalls, Row A, Seat 1, for everybody' }));
      await held.fill('C: 1');
      await sees(page.getByText('The plan is here as soon as the rows and seats can be read.'));
      await held.fill('B: 7-8');
      await button(page, 'Save').click();
      await sees(page.getByText('All is saved'));
      const made = await context.request.get(`/api/events/${id}`);
      expect(await made.json()).toMatchObject({ pools: [{ held: [{ from: 14, to: 15 }] }] });
    });

    test('finds who ordered by name and by number, without scripts too, and takes all orders as a spreadsheet', async () => {
      const owner = await world.person();
      const { page, context } = owner;
      const { id, version, tiers } = await makes(owner, { title: RIGHT_TO_LEFT });
      await context.request.post(`/api/events/${id}/publish`, { headers: { 'if-match': `"${version}"` } });
      const [ada, ben] = [await world.elsewhere(), await world.elsewhere()];
      await ada.patch('/api/users/currentuser', { name: 'Ada Lovelace' });
      await buys(ada, id, tiers[0]!.id, 2);
      await buys(ben, id, tiers[0]!.id, 1);
      await page.goto(`/organize/${id}`);
      const counts = part(page, 'From reserved to paid');
      await eventually(async () =>
        expect(await counts.locator('dd').allTextContents()).toEqual(['2', '2', '0', '0']),
      );
      await page.getByRole('main').getByRole('link', { name: 'Orders', exact: true }).click();
      await sees(page.getByRole('heading', { name: 'Orders', exact: true }));
      const entries = page.getByRole('list', { name: 'Orders, newest first' }).getByRole('listitem');
      expect(await entries.count()).toBe(2);
      await sees(entries.last().getByText('Ada Lovelace'), entries.last().getByText('2 × Standing'));
      const number = (await entries.first().getByRole('heading').textContent())!;
      await tabTo(page, page.getByLabel('Number, name or address'));
      await page.keyboard.type('lovel');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/orders?q=lovel*');
      await eventually(async () => expect(await entries.count()).toBe(1));
      await sees(entries.getByText('Ada Lovelace'));

      const plain = await world.stranger({
        javaScriptEnabled: false,
        storageState: await context.storageState(),
      });
      plain.tolerates(/^csp GET .*\.js$/);
      await plain.page.goto(`/organize/${id}/orders`);
      await plain.page.getByLabel('Number, name or address').fill(number.toLowerCase());
      await plain.page.getByRole('button', { name: 'Search' }).click();
      const found = plain.page.getByRole('list', { name: 'Orders, newest first' }).getByRole('listitem');
      expect(await found.count()).toBe(1);
      await sees(found.getByText(number));

      await page.goto(`/organize/${id}/orders`);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'All as a spreadsheet (CSV)' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`orders-${id}.csv`);
      expect(await readFile(await download.path(), 'utf8')).toContain('"2 × Standing"');
    });

    if (shape === 'monolith')
      test('has pages that everybody can read, wide and narrow, light and dark', async () => {
        const somebody = await world.person();
        const { page, context } = somebody;
        const seats = {
          blocks: [
            {
              name: 'Parkett',
              rows: [
                { label: 'A', seats: 12 },
                { label: 'B', seats: 12 },
              ],
            },
          ],
        };
        const many = {
          title: RIGHT_TO_LEFT,
          pools: [{ ...seats, held: [{ from: 0, to: 3 }] }, { capacity: 300 }],
          tiers: [
            { name: 'Seated', pool: 0, price: 4500, taxRate: 1900 },
            { name: 'Standing', pool: 1, price: 2500, limit: 4 },
            { name: 'Under 18', pool: 1, price: 0, hidden: true },
          ],
        };
        const { id } = await makes(somebody, many);
        await makes(somebody);
        await page.goto('/organize/new');
        await button(page, 'Save the draft').click();
        await sees(page.getByText('Title must not be empty'));
        await look(page, 'new');
        await page.goto(`/organize/${id}/edit`);
        await eventually(async () => expect(await field(page, 'title').isEnabled()).toBe(true));
        await button(page, 'Hold back on the plan').click();
        await sees(page.getByRole('grid', { name: 'What is held back' }));
        await look(page, 'edit');
        await page.goto(`/organize/${id}`);
        await sees(button(page, 'Publish'));
        await look(page, 'draft');
        await button(page, 'Publish').click();
        await eventually(async () => expect(await counted(page, 'Left').first().textContent()).toBe('20'));
        await look(page, 'live');
        await page.goto(`/organize/${id}/orders`);
        await sees(page.getByText('No orders yet'));
        const answer = await context.request.get(`/api/events/${id}`);
        const { tiers } = (await answer.json()) as Made;
        await context.request.patch('/api/users/currentuser', { data: { name: 'آدا لوفليس' } });
        const lines = [{ tierId: tiers[1]!.id, quantity: 2, price: 2500 }];
        for (const whom of [{ for: 'box-office' }, { for: 'guests' }]) {
          const price = whom.for === 'guests' ? 0 : 2500;
          const data = { eventId: id, ...whom, lines: lines.map((line) => ({ ...line, price })) };
          expect((await context.request.post('/api/orders', { data })).status()).toBe(201);
        }
        await page.reload();
        await sees(page.getByText('Box office'));
        await look(page, 'orders');
        await page.goto('/organize');
        await sees(part(page, 'Drafts'), part(page, 'On sale'));
        await look(page, 'list');
        await page.goto(`/organize/${id}`);
        await button(page, 'Cancel the event').click();
        await sees(page.getByRole('dialog').getByText('The 4 places that people hold'));
        await look(page, 'cancel');
        await button(page, 'Cancel it for good').click();
        await sees(page.getByText('2 orders ended'));
        await look(page, 'cancelled');
        await page.goto('/organize/join');
        await sees(page.getByText('There is no link here'));
        await look(page, 'join');
      });
  },
  { tolerates: [JUST_NOW] },
);
