import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '@ticketing/common/testing';
import { signedIn } from './data.ts';
import { median, quantile, request } from './load.ts';
import { onSale, type OnSale, wanted } from './sale-event.ts';
import { arrivals } from './shop.ts';

const [SEATS, STANDING] = [2000, 100];
const STREAMS = 500;
const PER_MINUTE = 200;
const SECONDS = 20;
const ROUNDS = 7;
/** How many times slower a telephone is. */
const SLOWED = 4;
/** Between two keys of somebody who looks where they are, in milliseconds; and after a page is there until it rests. */
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

/** Runs in a page before anything else: its tasks above 50 ms, and how long it took to answer keys, in milliseconds. */
const WATCH = `{
  globalThis.long = [];
  globalThis.moved = [];
  globalThis.painted = [];
  const watch = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, durationThreshold: 16 });
  watch('longtask', ({ duration }) => long.push(duration));
  watch('event', ({ name, duration }) => name === 'keydown' && painted.push(duration));
  let pressed = 0;
  addEventListener('keydown', ({ timeStamp }) => (pressed = timeStamp), true);
  new MutationObserver(() => moved.push(performance.now() - pressed))
    .observe(document, { subtree: true, attributeFilter: ['aria-activedescendant'] });
}`;
const taken = (page: Page, what: 'long' | 'moved' | 'painted') =>
  page.evaluate<number[]>(`${what}.splice(0)`);

const longest = (tasks: readonly number[]) => Math.max(0, ...tasks).toFixed(0);
const tasksText = (tasks: readonly number[]) =>
  `${tasks.length} tasks above 50 ms, the longest ${longest(tasks)} ms`;

async function opened(browser: Browser, url: string, slowed: number): Promise<Page> {
  const page = await browser.newPage();
  await page.addInitScript(WATCH);
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowed });
  await page.goto(url);
  await eventually(() => page.getByRole('button', { name: 'Nearer' }).isEnabled(), { within: 60_000 });
  await delay(REST * slowed);
  return page;
}

/** An event's page while a crowd looks at it and its seats go: what of that the page, and what the streams show. */
export async function hallPage(browser: Browser, origin: string, event: OnSale): Promise<void> {
  const url = `${origin}/events/${event.eventId}`;
  const path = `/api/orders/places/stream?eventId=${event.eventId}`;
  for (const slowed of [1, SLOWED]) {
    const rounds: number[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const page = await opened(browser, url, slowed);
      rounds.push(await taken(page, 'long'));
      await page.close();
    }
    const most = rounds.map((tasks) => Math.max(0, ...tasks));
    console.log(
      `${SEATS} seats are loaded, slowed ${slowed} times, ${ROUNDS} rounds: the longest task ${longest([median(most)])} ms, the least ${longest([Math.min(...most)])} ms, of one above 50 ms`,
    );
  }

  const { sell, sold } = sales(origin, event);
  const heard: [place: number, at: number][] = [];
  const streams: Socket[] = [];
  for (let n = 0; n < STREAMS; n++) {
    const hear = (place: number) => heard.push([place, performance.now()]);
    streams.push(await listen(Number(new URL(origin).port), path, hear));
  }
  for (const slowed of [1, SLOWED]) {
    const page = await opened(browser, url, slowed);
    await taken(page, 'long');
    const selling = sell(SECONDS);
    await page.getByRole('grid').focus();
    for (const until = performance.now() + SECONDS * 1000; performance.now() < until;)
      for (const key of KEYS) {
        await page.keyboard.press(key);
        await delay(PAUSE);
      }
    await selling;
    await delay(REST);
    const [tasks, moved, painted] = [
      await taken(page, 'long'),
      await taken(page, 'moved'),
      await taken(page, 'painted'),
    ];
    console.log(
      `${STREAMS} streams, ${PER_MINUTE} places a minute, slowed ${slowed} times: ${tasksText(tasks)}; of ${moved.length} keys p50 / p95 / most ms: the focus moved ${shares(moved)}, painted ${shares(painted)}`,
    );
    await page.close();
  }
  const delays = heard.map(([place, at]) => Math.max(0, at - (sold.get(place) ?? NaN)));
  console.log(
    `${sold.size} places sold, ${delays.length} times heard of ${sold.size * STREAMS}: p50 / p95 / most ms after the answer ${shares(delays)}`,
  );
  for (const stream of streams) stream.destroy();
}

const shares = (values: readonly number[]) =>
  [0.5, 0.95, 1].map((share) => quantile(values, share).toFixed(0)).join(' / ');
