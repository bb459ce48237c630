import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { visitor, type Visitor } from '@ticketing/suite/api';
import { engineIfAvailable } from '@ticketing/engines/resolve';
import { PASSWORD } from '@ticketing/suite/samples';
import { type Shape, SHAPES, START_LIMIT, type StartedSuite, startSuite } from '../suite.ts';

/** How long a page may take to show what a test waits for, in milliseconds; on a busy machine too. */
const PATIENCE = 180_000;
// So that what did not show is told, not that the test was slow.
jest.setTimeout(4 * PATIENCE);

/** Somebody with a browser of their own. */
export interface Person {
  page: Page;
  context: BrowserContext;
  email: string;
  /** Lets pass what the browser says of something that the test does on purpose; anything else fails the test. */
  tolerates(...complaints: RegExp[]): void;
}

type ContextOptions = Parameters<Browser['newContext']>[0];

export interface World {
  readonly suite: StartedSuite;
  /** Somebody signed in, at a blank page. */
  person(options?: ContextOptions): Promise<Person>;
  /** The same, signed out. */
  stranger(options?: ContextOptions): Promise<Person>;
  /** Somebody signed in who is elsewhere, and asks the API. */
  elsewhere(): Promise<Visitor>;
  /** A test that goes on beside the others of its kind: for what mostly waits. */
  beside(name: string, work: () => Promise<void>): void;
}

const engine = await engineIfAvailable('chromium');

interface Options {
  /** What the suite is started with. */
  settings?: () => Record<string, string>;
  /** What the browser may say in any of the tests. */
  tolerates?: RegExp[];
  shapes?: Shape[];
  /** What the browser is started with besides. */
  args?: string[];
}

/** Tests of a browser, in both shapes; without a Chromium they are skipped by name. */
export const inBrowser = (
  what: string,
  tests: (world: World, shape: Shape) => void,
  { shapes = Object.keys(SHAPES) as Shape[], ...options }: Options = {},
): void =>
  (engine ? describe : describe.skip).each(shapes)(`${what}, as %s`, (shape) =>
    tests(openWorld(shape, options), shape),
  );

let people = 0;
const newAddress = () => `person-${(people += 1)}@example.com`;

function openWorld(shape: Shape, { settings, tolerates = [], args = [] }: Omit<Options, 'shapes'>): World {
  let suite: StartedSuite;
  let browser: Browser;
  type Here = (Person & { complaints: () => string[] })[];
  const inTurn: Here = [];
  const beside = new AsyncLocalStorage<Here>();
  const leave = async (here: Here) => {
    const complaints = here.flatMap((person) => person.complaints());
    await Promise.all(here.splice(0).map(({ context }) => context.close()));
    expect(complaints).toEqual([]);
  };

  beforeAll(async () => {
    browser = await chromium.launch({
      ...(engine?.kind === 'binary' && { executablePath: engine.path }),
      // On a machine without a screen letters would else be moved to whole pixels.
      args: ['--font-render-hinting=none', ...args],
    });
    suite = await startSuite(shape, settings?.());
  }, START_LIMIT);
  afterEach(() => leave(inTurn));
  afterAll(async () => {
    await browser.close();
    await suite.destroy();
  });

  const stranger = async (options?: ContextOptions) => {
    const context = await browser.newContext({
      baseURL: suite.origin,
      locale: 'en-US',
      // Not the server's, so that a page which forgets it shows.
      timezoneId: 'America/New_York',
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    const complaints = listen(context);
    const tolerated = [HARMLESS, ...tolerates];
    const person = {
      page: await context.newPage(),
      context,
      email: newAddress(),
      tolerates: (...patterns: RegExp[]) => void tolerated.push(...patterns),
      complaints: () => complaints.filter((text) => !tolerated.some((pattern) => pattern.test(text))),
    };
    (beside.getStore() ?? inTurn).push(person);
    return person;
  };

  return {
    get suite() {
      return suite;
    },
    stranger,
    async person(options) {
      const person = await stranger(options);
      // The cookies become the browser's own.
      const { email } = person;
      const answer = await person.context.request.post('/api/users/signup', {
        data: { email, password: PASSWORD },
      });
      expect(answer.status()).toBe(201);
      return person;
    },
    async elsewhere() {
      const somebody = visitor(suite.origin);
      const { status } = await somebody.post('/api/users/signup', {
        email: newAddress(),
        password: PASSWORD,
      });
      expect(status).toBe(201);
      return somebody;
    },
    beside(name, work) {
      test.concurrent(name, () => {
        const here: Here = [];
        return beside.run(here, work).finally(() => leave(here));
      });
    },
  };
}

/**
 * What is nobody's fault: who leaves a page, or closes a stream, gives up what is under way; and another program of this
 * machine may change its network.
 */
const HARMLESS = /net::ERR_(ABORTED|NETWORK_CHANGED)/;

/** What went wrong in somebody's pages: errors in the console, uncaught ones, and requests that failed. */
function listen(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
  });
  context.on('weberror', (error) => complaints.push(String(error.error().stack)));
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    complaints.push(`${why} ${request.method()} ${request.url()}`);
  });
  return complaints;
}

/** Waits until it is to be seen; else tells what was. */
export const sees = (...what: Locator[]): Promise<unknown> =>
  Promise.all(
    what.map((one) =>
      one.waitFor().catch(async (cause: unknown) => {
        const shown = await one.page().locator('body').innerText();
        throw new Error(`${String(cause)}\n${one.page().url()} shows:\n${shown}`, { cause });
      }),
    ),
  );

/** Waits until it is not to be seen. */
export const seesNo = (...what: Locator[]): Promise<unknown> =>
  Promise.all(what.map((one) => one.waitFor({ state: 'hidden' })));

/**
 * From its next document on, a page has a stream of its own: what is asked for by the worker that windows share passes no
 * `page.route`.
 */
export const asksAlone = (page: Page) => page.addInitScript('delete globalThis.SharedWorker');

export const NOT_CONNECTED = 'Not connected at the moment.';

/** From its next document on, counts how often a page says that it is not connected. */
export async function countNotices(page: Page): Promise<() => Promise<unknown>> {
  await page.addInitScript(`{
    globalThis.told = 0;
    let shown = false;
    new MutationObserver(() => {
      const is = document.body?.textContent.includes('${NOT_CONNECTED}') ?? false;
      if (is && !shown) told += 1;
      shown = is;
    }).observe(document, { childList: true, subtree: true, characterData: true });
  }`);
  return () => page.evaluate('told');
}

/** What the header shows of somebody who is signed in. */
export const account = ({ page, email }: Pick<Person, 'page' | 'email'>): Locator =>
  page.getByRole('link', { name: `Account of ${email}` });

/** Fills in the form that somebody is at, to sign in or up. */
export async function enter(
  { page, email }: Pick<Person, 'page' | 'email'>,
  button: string,
  password = PASSWORD,
): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: button }).click();
}

export interface Ticket {
  id: string;
  saleId: string;
  price: number;
  title: string;
}

/** Puts a ticket on sale by the API. */
export async function sell(
  seller: Visitor,
  more: Partial<Omit<Ticket, 'id'>> & {
    description?: string;
    event?: string;
    place?: string;
    date?: { local: string; zone: string };
  } = {},
) {
  const { status, body } = await seller.post<Ticket>('/api/tickets', {
    title: 'Front row',
    price: 2500,
    ...more,
  });
  expect(status).toBe(201);
  return body;
}
