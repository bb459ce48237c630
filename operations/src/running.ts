import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Environment, integer, parseConfig } from '@ticketing/common/config';

/** What a started suite tells the other commands about itself. */
export const Running = z.object({
  shape: z.enum(['monolith', 'services']),
  /** Where browsers and `curl` find it. */
  origin: z.string(),
  pid: z.int(),
  /** Where each process tells how it is, and what it counts. */
  operationalUrls: z.record(z.string(), z.string()).optional(),
  /** The MongoDB that holds a database named after each service. */
  mongoUrl: z.string(),
  /** Where each service has a MongoDB of its own. */
  mongoUrls: z.record(z.string(), z.string()).optional(),
  natsUrl: z.string().optional(),
  redisUrl: z.string().optional(),
  /** The stand-in for Stripe; absent when a real key is configured. */
  sandboxUrl: z.string().optional(),
  /** What the stand-in, or a real account, is asked with. */
  sandboxKey: z.string().optional(),
});
export type Running = z.infer<typeof Running>;

/** The port of the suite that a command is about: `PORT`, or 3000. */
export const portOf = (env: Environment): number =>
  parseConfig(z.object({ PORT: integer(1, 65_535).default(3000) }), env).PORT;

/** What a suite on this port keeps, so that two on two ports do not meet. Never in version control. */
export const homeOf = (port: number): string =>
  join(process.env['LOCAL_DIR'] ?? join(import.meta.dirname, '../../.local'), String(port));

const fileOf = (port: number) => join(homeOf(port), 'running.json');

export async function announce(port: number, running: Running): Promise<void> {
  await mkdir(homeOf(port), { recursive: true });
  // It names connection strings, which may hold passwords.
  await rm(fileOf(port), { force: true });
  await writeFile(fileOf(port), JSON.stringify(running, null, 2), { mode: 0o600 });
}

export const withdraw = (port: number): Promise<void> => rm(fileOf(port), { force: true });

/** The suite that runs on this port. Rejects with a sentence when none does. */
export async function findRunning(port: number): Promise<Running> {
  const text = await readFile(fileOf(port), 'utf8').catch(() => undefined);
  const running = text === undefined ? undefined : Running.safeParse(JSON.parse(text)).data;
  if (!running || !isAlive(running.pid)) {
    throw new Error(
      `No suite runs on port ${port}. Start one with: npm start (or set PORT to the port of another)`,
    );
  }
  return running;
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
