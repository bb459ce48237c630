import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import type { Visitor } from '@ticketing/suite/api';
import { EVENT } from '@ticketing/suite/samples';
import { seed } from '@ticketing/suite/seed';
import { inBrowser, sees, seesNo } from './harness.ts';

interface Event {
  id: string;
  version: number;
}

const POOLS = { pools: [{ capacity: 10 }], currency: 'usd' };
const tiers = (...prices: number[]) => prices.map((price) => ({ name: `At ${price}`, price }));

/** Puts an event on by the API. */
async function putOn(organizer: Visitor, more: object = {}): Promise<Event> {
  const body = { ...EVENT, ...POOLS, tiers: tiers(2500), ...more };
  const draft = await organizer.post<Event>('/api/events', body);
  expect(draft.status).toBe(201);
  const { status, body: event } = await organizer.post<Event>(`/api/events/${draft.body.id}/publish`);
  expect(status).toBe(200);
  return event;
}

/** From eight to eleven in the evening of that day, in Bern. */
const on = (day: string) => ({ starts: `${day}T20:00`, ends: `${day}T23:00` });

const card = (page: Page, title: string) => page.getByRole('listitem').filter({ hasText: title });
const titles = (page: Page) => page.getByRole('main').getByRole('heading', { level: 3 }).allTextContents();
const shows = (page: Page, ...wanted: string[]) =>
  eventually(async () => expect(await titles(page)).toEqual(wanted), { within: 120_000 });

inBrowser('what is on', (world) => {
  test('without events it invites to put one on, and leads to the market', async () => {
    const { page } = await world.stranger();
    await page.goto('/');
    await sees(
      page.getByRole('heading', { name: 'Nothing is on yet' }),
      page.getByRole('link', { name: 'Organize an event' }),
    );
    await page.getByRole('link', { name: 'To the market' }).click();
    await sees(page.getByRole('heading', { name: 'Tickets from people who cannot go' }));
  });

  test('shows what changes elsewhere without a reload; what is cancelled says so, and is gone for who comes later', async () => {
    const [{ page }, organizer] = [await world.stranger(), await world.elsewhere()];
    await page.goto('/');
    const { id } = await putOn(organizer, { title: 'Seen live', ...on('2095-01-05') });
    await sees(
      card(page, 'Seen live').getByText('Wed, Jan 5, 2095, 8:00 PM'),
      card(page, 'Seen live').getByText('Zurich time'),
      card(page, 'Seen live').getByText('Hall, Bern'),
      card(page, 'Seen live').getByText('$25.00'),
    );
    const postponed = {
      starts: '2095-02-05T19:00',
      ends: '2095-02-05T22:00',
      returns: { until: '2095-01-20T12:00' },
    };
    expect((await organizer.post(`/api/events/${id}/postpone`, postponed)).status).toBe(200);
    await sees(
      card(page, 'Seen live').getByText('Sat, Feb 5, 2095, 7:00 PM'),
      card(page, 'Seen live').getByText('Postponed'),
    );
    expect((await organizer.post(`/api/events/${id}/cancel`)).status).toBe(200);
    await sees(card(page, 'Seen live').getByText('Cancelled'));
    await page.reload();
    await sees(page.getByRole('heading', { name: 'Nothing is on yet' }));
  });

  test('is searched by words, city, kind and price; the address holds the search, and going back undoes it', async () => {
    const [{ page }, organizer] = [await world.stranger(), await world.elsewhere()];
    await putOn(organizer, { title: 'Cello evening', ...on('2095-03-01'), tiers: tiers(1000, 4000) });
    await putOn(organizer, {
      title: 'Cello lecture',
      ...on('2095-03-02'),
      tiers: tiers(0),
      category: 'community',
    });
    const venue = { name: 'Aula', city: 'Zürich' };
    await putOn(organizer, {
      title: 'Harp',
      description: 'not a cello',
      venue,
      ...on('2095-03-03'),
      tiers: tiers(9000),
    });
    await putOn(organizer, { title: 'Drums', ...on('2095-03-04') });

    await page.goto('/');
    await shows(page, 'Cello evening', 'Cello lecture', 'Harp', 'Drums');
    await sees(page.getByText('4 events'), card(page, 'Cello evening').getByText('From $10.00'));
    await page.getByLabel('Search').fill('cello');
    await page.getByLabel('Search').press('Enter');
    await shows(page, 'Cello evening', 'Cello lecture', 'Harp');
    expect(page.url()).toMatch(/\/\?q=cello$/);
    await page.getByLabel('City').fill('zurich');
    await shows(page, 'Harp');
    await page.getByLabel('City').fill('');
    await page.getByLabel('Kind').selectOption('Community');
    await shows(page, 'Cello lecture');
    await page.getByLabel('Kind').selectOption('Any');
    await page.getByLabel('Free').check();
    await shows(page, 'Cello lecture');
    await page.getByLabel('Free').uncheck();
    await page.getByText('Days and prices').click();
    await page.getByLabel('Price from').fill('20');
    await page.getByLabel('Price to').fill('50');
    await shows(page, 'Cello evening');
    await page.getByLabel('Search').fill('trombone');
    await sees(page.getByRole('heading', { name: 'No event fits' }));

    await page.reload();
    await sees(page.getByRole('heading', { name: 'No event fits' }));
    expect(await page.getByLabel('Price from').inputValue()).toBe('$20.00');
    await page.getByRole('link', { name: 'Show all events' }).click();
    await sees(card(page, 'Drums'));
    expect(await page.getByLabel('Search').inputValue()).toBe('');
    await page.goBack();
    await sees(page.getByRole('heading', { name: 'No event fits' }));
    expect(await page.getByLabel('Search').inputValue()).toBe('trombone');
    await page.getByRole('link', { name: 'Search the market' }).click();
    await page.waitForURL('**/market?q=trombone');
  });

  test('days are those of whoever looks, wherever a link to them came from', async () => {
    const organizer = await world.elsewhere();
    // In New York it is the evening of the first still.
    const late = { zone: 'UTC', starts: '2095-04-02T00:30', ends: '2095-04-02T02:00' };
    await putOn(organizer, { title: 'Late show', ...late });
    const [{ page: here }, { page: there }] = [
      await world.stranger(),
      await world.stranger({ timezoneId: 'Pacific/Kiritimati' }),
    ];
    await here.goto('/');
    await here.getByText('Days and prices').click();
    await here.getByLabel('From', { exact: true }).fill('2095-04-01');
    await here.getByLabel('To', { exact: true }).fill('2095-04-01');
    await here.waitForURL('**to=2095-04-01*');
    await shows(here, 'Late show');
    await there.goto(here.url());
    await there.waitForURL('**zone=Pacific%2FKiritimati');
    await sees(there.getByRole('heading', { name: 'No event fits' }));
    await here.getByLabel('To', { exact: true }).fill('2095-03-31');
    await sees(here.getByText('From must not be after To'));
    await here.getByLabel('This weekend').check();
    await here.waitForURL('**weekend=1*');
    await sees(here.getByRole('heading', { name: 'No event fits' }));
  });

  test('kinds are those that the API knows', async () => {
    const { page } = await world.stranger();
    await page.goto('/');
    const { body } = await (await world.elsewhere()).get('/api/events/openapi.json');
    const parameters = body.paths['/api/events'].get.parameters as {
      name: string;
      schema: { enum?: string[] };
    }[];
    const known = parameters.find(({ name }) => name === 'category')?.schema.enum;
    const offered = await page
      .getByLabel('Kind')
      .locator('option')
      .evaluateAll((all) => all.map((one) => one.getAttribute('value')));
    expect(offered.sort()).toEqual(['', ...(known ?? [])].sort());
  });

  test('links of when the market was here lead to it', async () => {
    const asked = async (query: string) => {
      const answer = await fetch(`${world.suite.origin}/?${query}`, { redirect: 'manual' });
      await answer.body?.cancel();
      return [answer.status, answer.headers.get('location')];
    };
    for (const query of [
      'q=jazz&min=5',
      'max=5',
      'available=1',
      'sort=cheapest',
      'cursor=5.aaaaaaaaaaaaaaaaaaaaaaaa',
    ])
      expect(await asked(query)).toEqual([308, `/market?${query}`]);
    for (const query of ['q=jazz', 'sort=start', 'least=5']) expect(await asked(query)).toEqual([200, null]);
  });

  test('is read to its end by scrolling; a card leads to its event, and going back to the same place', async () => {
    const [{ page }, organizer] = [await world.stranger(), await world.elsewhere()];
    for (let number = 1; number <= 30; number++)
      await putOn(organizer, {
        title: `Night ${number}.`,
        ...on(`2095-05-${String(number).padStart(2, '0')}`),
      });
    await page.goto('/?q=night');
    await sees(card(page, 'Night 1.'));
    const last = card(page, 'Night 30.');
    await eventually(
      async () => {
        await page.mouse.wheel(0, 3000);
        return last.isVisible();
      },
      { within: 120_000, every: 100 },
    );
    await sees(page.getByText('30 events'));
    const link = last.getByRole('link');
    const path = await link.getAttribute('href');
    expect(path).toMatch(/^\/events\/[0-9a-f]{24}$/);
    await link.click();
    await page.waitForURL(`**${path}`);
    await sees(page.getByRole('heading', { name: 'Night 30.', level: 1 }));
    await page.goBack();
    await sees(last);
  });

  test('is searched and read on without JavaScript', async () => {
    const somebody = await world.stranger({ javaScriptEnabled: false });
    const { page } = somebody;
    somebody.tolerates(/^csp GET .*\.js$/); // so the browser says that it did not load one
    await page.goto('/');
    await page.getByLabel('Search').fill('night');
    await page.getByRole('button', { name: 'Search' }).click();
    await sees(card(page, 'Night 24.'), page.getByText('More than 24 events'));
    await page.getByRole('link', { name: 'More events' }).click();
    await sees(card(page, 'Night 30.'));
    expect(await card(page, 'Night 24.').count()).toBe(0);
  });

  test('pictures come in the width of a card, those that are not seen yet when they are', async () => {
    await seed({ origin: world.suite.origin, report: () => {}, tickets: 0 });
    const { page } = await world.stranger();
    await page.goto('/?to=2094-01-01&zone=America/New_York');
    const picture = (title: string) => card(page, title).locator('img');
    await sees(picture('Nachtfrequenz'));
    expect(await picture('Nachtfrequenz').getAttribute('srcset')).toMatch(/ 480w, .* 960w, .* 1600w$/);
    expect(await picture('Nachtfrequenz').getAttribute('loading')).toBe('eager');
    expect(await picture('Desert run').getAttribute('loading')).toBe('lazy');
    await eventually(() =>
      picture('Nachtfrequenz').evaluate(
        (image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0,
      ),
    );
    await seesNo(card(page, 'The Harbour Lights'));
  });
});
