import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import lighthouse, { type Flags } from 'lighthouse';
import { MongoClient } from 'mongodb';
import { type Browser, chromium, type Page } from 'playwright-core';
import { TEST_KEYS } from '@ticketing/common/testing';
import { freePort } from '@ticketing/engines/place';
import { resolveBinary } from '@ticketing/engines/resolve';
import { seed } from '@ticketing/suite/seed';
import { startSuite } from '../suite.ts';
import { idAt, seedTickets } from './data.ts';
import { hallPage, openHall } from './hall-page.ts';
import { median } from './load.ts';

// `npm run bench:pages`: the pages as a visitor's browser has them, from a production build; `-- hall` some parts. Prints a report.

const TICKETS = 10_000;
const UPDATES_PER_SECOND = 20;
const SCROLL_SECONDS = 10;
/** In pixels a second: at rest, read quickly, and flung, ten screens of a telephone. */
const SCROLL_SPEEDS = [0, 3000, 8000];
const ROUNDS = 5;
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];

/** The median of some rounds of Lighthouse with its default, a slow telephone. */
async function audit(url: string, port: number): Promise<string> {
  const rounds: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const flags: Flags = { port, onlyCategories: CATEGORIES, logLevel: 'error' };
    const result = await lighthouse(url, flags);
    if (!result) throw new Error(`Lighthouse had nothing to say about ${url}`);
    rounds.push(CATEGORIES.map((name) => 100 * (result.lhr.categories[name]?.score ?? 0)));
  }
  return CATEGORIES.map(
    (name, at) => `${name} ${Math.round(median(rounds.map((round) => round[at] ?? 0)))}`,
  ).join(', ');
}

/** What the scripts of a page weigh before anything is pressed, each compressed by gzip, in kB. */
async function weigh(browser: Browser, url: string): Promise<string> {
  const page = await browser.newPage();
  const scripts = new Map<string, Promise<number>>();
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script')
      scripts.set(
        response.url(),
        response.body().then((body) => gzipSync(body).length),
      );
  });
  await page.goto(url);
  await page.getByRole('link', { name: 'Market' }).waitFor();
  await page.waitForLoadState('load');
  const sizes = await Promise.all(scripts.values());
  await page.close();
  return (sizes.reduce((sum, size) => sum + size, 0) / 1000).toFixed(1);
}

/** Runs in the page: down to the end of the market, until all of it is read. */
const READ_ALL = `(async () => {
  while (document.querySelector('main li')?.getAttribute('aria-setsize') !== '${TICKETS}') {
    scrollTo(0, document.body.scrollHeight);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
})()`;

/** Runs in the page: through the market and back, as a flung finger does. Resolves with its long tasks, in ms. */
const fling = (speed: number) => `(async () => {
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
  observer.observe({ type: 'longtask' });
  const begin = performance.now();
  const seconds = () => (performance.now() - begin) / 1000;
  while (seconds() < ${SCROLL_SECONDS}) {
    const height = document.body.scrollHeight - innerHeight;
    scrollTo(0, height - Math.abs(height - ((seconds() * ${speed}) % (2 * height))));
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  observer.disconnect();
  return tasks;
})()`;

/** Reads the market to its end, then scrolls through it while tickets change: a line for each speed. */
async function scroll(
  page: Page,
  origin: string,
  change: (count: number) => Promise<unknown>,
): Promise<void> {
  await page.goto(`${origin}/market`);
  await page.getByRole('link').filter({ hasText: 'seat' }).first().waitFor();
  await page.evaluate(READ_ALL);
  let changed = 0;
  for (const speed of SCROLL_SPEEDS) {
    const before = changed;
    const changing = setInterval(() => void change((changed += 1)), 1000 / UPDATES_PER_SECOND);
    const tasks = await page.evaluate<number[]>(fling(speed));
    clearInterval(changing);
    const longest = Math.max(0, ...tasks);
    console.log(
      `${TICKETS} tickets, ${changed - before} changes in ${SCROLL_SECONDS} s at ${speed} px/s: ${tasks.length} tasks above 50 ms, the longest ${longest.toFixed(0)} ms`,
    );
  }
}

const PARTS = ['lighthouse', 'scroll', 'hall'] as const;
const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.find((name) => !PARTS.some((part) => part === name));
if (unknown !== undefined) throw new Error(`There is no part ${unknown}; there are ${PARTS.join(', ')}`);
const isWanted = (part: (typeof PARTS)[number]) => positionals.length === 0 || positionals.includes(part);

const busy = loadavg()[0] ?? 0;
const suite = await startSuite('monolith', TEST_KEYS);
const mongo = await MongoClient.connect(suite.running.mongoUrl);
const port = await freePort();
const { path } = await resolveBinary('chromium', {});
const browser = await chromium.launch({
  executablePath: path,
  args: ['--no-sandbox', `--remote-debugging-port=${port}`],
});
try {
  const { origin } = suite;
  const tickets = mongo.db('tickets').collection<{ _id: string }>('tickets');
  await seedTickets(mongo.db('tickets'), TICKETS);
  await seed({ origin, report: () => {}, tickets: 0 });
  const hall = await openHall(origin);
  const pages = {
    'what is on': origin,
    event: `${origin}/events/${hall.eventId}`,
    market: `${origin}/market`,
    ticket: `${origin}/tickets/${idAt(TICKETS - 1)}`,
  };
  console.log(`Load average before: ${busy.toFixed(1)}`);
  if (isWanted('lighthouse'))
    for (const [name, url] of Object.entries(pages)) {
      console.log(`${name}: first-load JavaScript ${await weigh(browser, url)} kB gzip`);
      console.log(`${name}: Lighthouse, median of ${ROUNDS}: ${await audit(url, port)}`);
    }
  if (isWanted('scroll'))
    await scroll(await browser.newPage(), origin, (count) =>
      tickets.updateOne(
        { _id: idAt(TICKETS - 1 - ((count * 37) % TICKETS)) },
        { $inc: { version: 1, price: 100 }, $set: { updatedAt: new Date() } },
      ),
    );
  if (isWanted('hall')) await hallPage(browser, origin, hall);
} finally {
  await browser.close();
  await mongo.close();
  await suite.destroy();
}
