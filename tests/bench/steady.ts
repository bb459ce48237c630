import { type Shape, SHAPES } from '../suite.ts';
import { somebody } from './data.ts';
import { request } from './load.ts';
import { processesOf, rss } from './processes.ts';
import { arrivals, noPurchases, openShop, pool, purchase, type Shop } from './shop.ts';

/** Purchases a second, and looks at the market, at a ticket and at oneself; of each shape, which run side by side. */
const PURCHASES = 4;
const LOOKS = 20;
/** Between two looks at the memory, in milliseconds. */
const EVERY = 5000;

export interface Steady {
  process: string;
  /** Resident MB at the middle and at the end of the run, as the line through the second half has them. */
  middle: number;
  end: number;
  /** MB a minute over the second half. */
  slope: number;
}

/** Weighs all processes of both shapes for so many minutes under a load that they serve with ease. */
export async function steady(minutes: number, say: (line: string) => void): Promise<Steady[]> {
  const all = await Promise.all(
    (Object.keys(SHAPES) as Shape[]).map((shape) => weighed(shape, minutes, say)),
  );
  return all.flat();
}

async function weighed(shape: Shape, minutes: number, say: (line: string) => void): Promise<Steady[]> {
  const shop = await openShop(shape);
  try {
    const processes = await processesOf(shop.suite, shape);
    const weights = processes.map((): [minute: number, mb: number][] => []);
    const start = performance.now();
    const minute = () => (performance.now() - start) / 60_000;
    let told = 0;
    const weighing = setInterval(() => {
      processes.forEach(({ pid }, index) => {
        void rss(pid).then((mb) => weights[index]?.push([minute(), mb]));
      });
      if (minute() < told + 1) return;
      told = Math.floor(minute());
      const now = processes.map(({ name }, index) => `${name} ${weights[index]?.at(-1)?.[1].toFixed(0)}`);
      say(`${shape}, minute ${told} of ${minutes}: ${now.join(', ')} MB`);
    }, EVERY);
    await busy(shop, minutes * 60).finally(() => clearInterval(weighing));
    return processes.map(({ name }, index) => {
      const half = (weights[index] ?? []).filter(([at]) => at >= minutes / 2);
      const { slope, at } = line(half);
      return { process: name, middle: at(minutes / 2), end: at(minutes), slope };
    });
  } finally {
    await shop.close();
  }
}

async function busy(shop: Shop, seconds: number): Promise<void> {
  const { ask, close } = pool(shop.port);
  const cookie = somebody();
  let looks = 0;
  const look = async () => {
    const paths = ['/api/tickets', '/api/users/currentuser', '/api/orders'];
    await ask(request('GET', paths[looks++ % paths.length] ?? '/', cookie));
  };
  const tally = noPurchases();
  await Promise.all([
    arrivals(LOOKS, seconds, look),
    arrivals(PURCHASES, seconds, () => purchase(ask, shop.next(), tally)),
  ]);
  close();
  if (tally.odd.size > 0)
    throw new Error([...tally.odd].map(([what, times]) => `${times} × ${what}`).join('\n'));
}

/** The line through the points by least squares. */
function line(points: readonly (readonly [x: number, y: number])[]) {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const slope =
    mean(points.map(([px, py]) => (px - x) * (py - y))) / mean(points.map(([px]) => (px - x) ** 2));
  return { slope, at: (value: number) => y + slope * (value - x) };
}
