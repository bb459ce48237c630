import { memoryMongo } from '@ticketing/engines/memory-mongo';

let stop: (() => Promise<void>) | undefined;

/** One throw-away replica set for the whole run; each test host adds databases of its own to it. */
export default async function start(): Promise<void> {
  const server = await memoryMongo();
  process.env['TEST_MONGO_URL'] = server.url;
  stop = () => server.stop();
}

export const end = async (): Promise<void> => stop?.();
