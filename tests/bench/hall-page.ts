import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import { signedIn } from './data.ts';
import { quantile, request } from './load.ts';
import { onSale, type OnSale, wanted } from './sale-event.ts';
import { arrivals } from './shop.ts';

const [SEATS, STANDING] = [2000, 100];
const STREAMS = 500;
const PER_MINUTE = 200;
const SECONDS = 20;
const ROUNDS = 7;
/** How many times slower a telephone is. */
const SLOWED = 4;
/** Between two keys of somebody who looks where they are, in milliseconds; and how long a page may rest that has been loaded. */
const PAUSE = 150;
const REST = 1500;
const KEYS = [
  'ArrowRight',
  'ArrowRight',
  'ArrowDown',
  'End',
  'ArrowLeft',
  'ArrowUp',
  'Home',
  ' ',
  'ArrowDown',
  ' ',
];

async function send<T>(origin: string, who: Record<string, string>, path: string, body?: object): Promise<T> {
  const answer = await fetch(origin + path, {
    method: 'POST',
    headers: { ...who, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path}: answered ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** An event with a block of seats, and some room to stand. */
export async function openHall(origin: string): Promise<OnSale> {
  const organizer = signedIn().header;
  const draft = await send<{ id: string }>(origin, organizer, '/api/events', wanted(SEATS, STANDING));
  const event = onSale(await send(origin, organizer, `/api/events/${draft.id}/publish`));
  await eventually(async () => {
    const { ok } = await fetch(`${origin}/api/orders/places?eventId=${event.eventId}`);
    if (!ok) throw new Error('orders has not heard of it');
  });
  return event;
}

/** Reads a stream as a browser does; `hear` is told of each seat that is said to be taken. */
const listen = (port: number, path: string, hear: (place: number) => void): Promise<Socket> =>
  new Promise((resolve, fail) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let rest = '';
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(request('GET', path)));
    socket.on('error', fail);
    socket.on('data', (text: string) => {
      if (rest === '' && text.startsWith('HTTP/1.1')) {
        if (text.includes(' 200 ')) resolve(socket);
        else fail(new Error(text));
      }
      const whole = rest + text;
      const end = whole.lastIndexOf('\n\n') + 1;
      rest = whole.slice(end);
      for (const [, taken = ''] of whole.slice(0, end).matchAll(/"taken":\[([\d,]+)\]/g))
        for (const place of taken.split(',')) hear(Number(place));
    });
  });

/** Sells one seat after the other, each to somebody else, as fast as is wanted. Gives when each answer was there. */
function sales(origin: string, { eventId, seated }: OnSale) {
  const sold = new Map<number, number>();
  let next = 0;
  return {
    sold,
    sell: (seconds: number) =>
      arrivals(PER_MINUTE / 60, seconds, async () => {
        // Here and there, so that each changes another row.
        const place = (next++ * 37) % SEATS;
        const lines = [{ tierId: seated.id, price: seated.price, places: [place] }];
        await send(origin, signedIn().header, '/api/orders', { eventId, lines });
        sold.set(place, performance.now());
      }),
  };
}

/** Runs in a page before anything else: how long it took to answer keys, in milliseconds. */
const WATCH = `{
  globalThis.moved = [];
  globalThis.painted = [];
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === 'keydown') painted.push(duration);
  }).observe({ type: 'event', durationThreshold: 16 });
  let pressed = 0;
  addEventListener('keydown', ({ timeStamp }) => (pressed = timeStamp), true);
  new MutationObserver(() => moved.push(performance.now() - pressed))
    .observe(document, { subtree: true, attributeFilter: ['aria-activedescendant'] });
}`;

/** Of a task of a page's main thread, in milliseconds: how long it was, and what of that the processor worked for it. */
interface Task {
  wall: number;
  cpu: number;
}

/** What a browser traces: times are in microseconds. */
interface Traced {
  name: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

/** The tasks of a page while something goes on. */
async function tasksWhile(browser: Browser, page: Page, work: () => Promise<unknown>): Promise<Task[]> {
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await work();
  const trace = await browser.stopTracing();
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: Traced[] };
  const of = ({ pid, tid }: Traced) => `${pid} ${tid}`;
  const mains = traceEvents.filter(
    ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain',
  );
  const threads = new Set(mains.map(of));
  return traceEvents
    .filter((event) => event.name === 'ThreadControllerImpl::RunTask' && threads.has(of(event)))
    .map(({ dur = 0, tdur = 0 }) => ({ wall: dur / 1000, cpu: tdur / 1000 }));
}

const longest = (tasks: readonly Task[], by: keyof Task) => Math.max(0, ...tasks.map((task) => task[by]));
const LONG = 50;
const tasksText = (tasks: readonly Task[]) =>
  `${tasks.filter(({ wall }) => wall > LONG).length} tasks above ${LONG} ms, of them ${tasks.filter(({ cpu }) => cpu > LONG).length} by CPU; the longest ${longest(tasks, 'wall').toFixed(0)} ms, ${longest(tasks, 'cpu').toFixed(0)} by CPU`;

async function opened(browser: Browser, slowed: number): Promise<Page> {
  const page = await browser.newPage();
  await page.addInitScript(WATCH);
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowed });
  return page;
}

async function load(page: Page, url: string) {
  await page.goto(url);
  await eventually(() => page.getByRole('button', { name: 'Nearer' }).isEnabled(), { within: 60_000 });
  await delay(REST);
}

/** What the plan, and the page around it, cost a browser that opens it. */
async function loads(browser: Browser, url: string): Promise<void> {
  const rounds: Task[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const page = await opened(browser, 1);
    rounds.push(await tasksWhile(browser, page, () => load(page, url)));
    await page.close();
  }
  const told = (by: keyof Task) => shares(rounds.map((tasks) => longest(tasks, by)));
  console.log(
    `${SEATS} seats are loaded, ${ROUNDS} rounds: the longest task, least / median / most ms, ${told('wall')}, by CPU ${told('cpu')}`,
  );
}

/** Somebody moves through the plan, and chooses, while a crowd looks on and the seats go. */
async function moves(
  browser: Browser,
  url: string,
  slowed: number,
  sell: (seconds: number) => Promise<void>,
) {
  const page = await opened(browser, slowed);
  await load(page, url);
  const tasks = await tasksWhile(browser, page, async () => {
    const selling = sell(SECONDS);
    await page.getByRole('grid').focus();
    for (const until = performance.now() + SECONDS * 1000; performance.now() < until;)
      for (const key of KEYS) {
        await page.keyboard.press(key);
        await delay(PAUSE);
      }
    await selling;
  });
  const [moved, painted] = [await page.evaluate<number[]>('moved'), await page.evaluate<number[]>('painted')];
  console.log(
    `${STREAMS} streams, ${PER_MINUTE} places a minute, slowed ${slowed} times: ${tasksText(tasks)}; of ${moved.length} keys least / median / most ms: the focus moved ${shares(moved)}, painted ${shares(painted)}`,
  );
  await page.close();
}

/** An event's page while a crowd looks at it and its seats go: what of that the page, and what the streams show. */
export async function hallPage(browser: Browser, origin: string, event: OnSale): Promise<void> {
  const url = `${origin}/events/${event.eventId}`;
  const path = `/api/orders/places/stream?eventId=${event.eventId}`;
  await loads(browser, url);
  const { sell, sold } = sales(origin, event);
  const heard: [place: number, at: number][] = [];
  const streams: Socket[] = [];
  for (let n = 0; n < STREAMS; n++) {
    const hear = (place: number) => heard.push([place, performance.now()]);
    streams.push(await listen(Number(new URL(origin).port), path, hear));
  }
  for (const slowed of [1, SLOWED]) await moves(browser, url, slowed, sell);
  const delays = heard.map(([place, at]) => Math.max(0, at - (sold.get(place) ?? NaN)));
  const ofAll = sold.size * STREAMS;
  const late = delays.filter((ms) => ms > 500).length;
  console.log(
    `${sold.size} places sold, ${delays.length} times heard of ${ofAll}: least / median / most ms after the answer ${shares(delays)}, p99 ${quantile(delays, 0.99).toFixed(0)}; ${late} later than half a second`,
  );
  for (const stream of streams) stream.destroy();
}

const shares = (values: readonly number[]) =>
  [0, 0.5, 1].map((share) => quantile(values, share).toFixed(0)).join(' / ');
