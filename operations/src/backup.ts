import { rm } from 'node:fs/promises';
import { BSON, type Db, type Document, ObjectId } from 'mongodb';
import { z } from 'zod';
import type { Operation } from '@ticketing/common/republish';
import { OWNERS, withDatabases } from './databases.ts';
import type { Running } from './running.ts';
import { encoded, linesOf, opened, openNew, sealed, type Sealing } from './sealed.ts';

const USAGE = `Usage: npm run --silent backup -- <${OWNERS.join(' | ')}> [file], npm run restore -- <service> < file`;
/** More than a thing changes between a backup and its restore: what is restored must be newer than every replica. */
const RAISE = 1_000_000;
/** What others published shortly before the backup may not have been consumed then, in milliseconds. */
const MARGIN = 600_000;
const BATCH = 500;
/** Less where they are large, as pictures are, in characters: the operator's pod has little memory. */
const LARGE = 8_000_000;
/** Where a service has what it owns and publishes; the rest are replicas and bookkeeping. */
const recordsOf = (service: string) => (service === 'auth' ? 'users' : service);

const Head = z.object({ service: z.enum(OWNERS), at: z.coerce.date() });
type Line = { collection: string; document: Document };

const { stringify, parse } = BSON.EJSON;
const lineOf = (value: unknown) => `${stringify(value, { relaxed: false })}\n`;

/** A service's database at one moment, as lines of extended JSON; the last one tells that nothing is missing. */
export async function* dump(service: string, db: Db): AsyncGenerator<string> {
  yield lineOf({ service, at: new Date().toISOString() });
  let count = 0;
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  await using session = db.client.startSession({ snapshot: true });
  for (const { name } of collections.filter((one) => !one.name.startsWith('system.'))) {
    for await (const document of db.collection(name).find({}, { session })) {
      yield lineOf({ collection: name, document });
      count += 1;
    }
  }
  yield lineOf({ end: count });
}

/**
 * Replaces a service's database by a dump of it, whose versions it raises, and has every owner publish again what
 * changed since. The service should not run meanwhile. Rejects with a sentence when the dump is another's or not whole.
 */
export async function replace(
  service: string,
  database: (service: string) => Db,
  lines: AsyncIterable<string>,
): Promise<number> {
  const db = database(service);
  const reader = lines[Symbol.asyncIterator]();
  const first = await reader.next();
  const head = first.done ? undefined : Head.safeParse(JSON.parse(first.value)).data;
  if (head?.service !== service) throw new Error(`This is no backup of ${service}.`);
  for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray())
    if (!name.startsWith('system.')) await db.collection(name).deleteMany({});

  let count = 0;
  let end: number | undefined;
  const waiting = new Map<string, Document[]>();
  let size = 0;
  const write = async (collection: string) => {
    const documents = waiting.get(collection) ?? [];
    if (documents.length > 0) await db.collection(collection).insertMany(documents);
    waiting.delete(collection);
  };
  const writeRest = async () => {
    for (const collection of [...waiting.keys()]) await write(collection);
    size = 0;
  };
  const isNotWhole = (cause?: unknown) =>
    new Error(`The backup is not whole; ${service} holds a part of it now.`, { cause });
  const nextLine = () =>
    reader.next().catch((error: unknown) => {
      throw isNotWhole(error);
    });
  for (let next = await nextLine(); !next.done; next = await nextLine()) {
    const line = parse(next.value, { relaxed: false }) as Line | { end: { valueOf(): number } };
    if ('end' in line) {
      end = Number(line.end);
      break;
    }
    const documents = waiting.get(line.collection) ?? [];
    waiting.set(line.collection, documents);
    documents.push(line.document);
    count += 1;
    size += next.value.length;
    if (documents.length === BATCH) await write(line.collection);
    if (size > LARGE) await writeRest();
  }
  await writeRest();
  if (end !== count) throw isNotWhole();
  await nextLine(); // what is encrypted is known to be whole when it has ended

  await db
    .collection(recordsOf(service))
    .updateMany({}, { $inc: { version: RAISE }, $unset: { pending: '', outbox: '' } });
  for (const owner of OWNERS) {
    const since = owner === service ? new Date(0) : new Date(head.at.getTime() - MARGIN);
    await database(owner)
      .collection<Operation>('operations')
      .insertOne({ _id: new ObjectId().toHexString(), kind: 'republish', since, status: 'waiting' });
  }
  return count;
}

const owner = (service = '') => {
  if (!(OWNERS as readonly string[]).includes(service)) throw new Error(USAGE);
  return service;
};

/**
 * Writes a service's database to `out`, or to a new file that only its owner reads, encrypted for the recipients. Without any it
 * is written only where that is said (`--plain`) and the suite is of this machine.
 */
export const backup = (
  running: Running,
  args: readonly string[],
  { BACKUP_RECIPIENT: recipients }: Pick<Sealing, 'BACKUP_RECIPIENT'>,
  out: (bytes: Uint8Array) => Promise<void>,
): Promise<void> =>
  withDatabases(running, async (database) => {
    const [service, file] = args.filter((arg) => arg !== '--plain');
    const lines = dump(owner(service), database(owner(service)));
    const plain = args.includes('--plain');
    if (plain && running.mongoUrls)
      throw new Error(
        'What comes from elsewhere is encrypted: name a recipient in BACKUP_RECIPIENT, not --plain.',
      );
    if (!plain && !recipients)
      throw new Error(
        'A backup holds everything that people gave us: name in BACKUP_RECIPIENT who may read it (npm run backup-key makes a key), or say --plain.',
      );
    const bytes = plain || !recipients ? encoded(lines) : await sealed(lines, recipients);
    if (file === undefined) for await (const piece of bytes) await out(piece);
    else await writeWhole(file, bytes);
  });

/** Half a backup is none. */
async function writeWhole(file: string, bytes: AsyncIterable<Uint8Array>) {
  await using handle = await openNew(file);
  try {
    for await (const piece of bytes) await handle.appendFile(piece); // all of it, or it throws
    await handle.sync();
  } catch (error) {
    await rm(file);
    throw error;
  }
}

/** Reads what `backup` wrote, line by line; what is encrypted by the identity in a file. */
export const restore = (
  running: Running,
  [service]: readonly string[],
  { BACKUP_IDENTITY: identity }: Pick<Sealing, 'BACKUP_IDENTITY'>,
  bytes: AsyncIterable<Uint8Array>,
  say: (line: string) => void,
): Promise<void> =>
  withDatabases(running, async (database) => {
    const count = await replace(owner(service), database, linesOf(opened(bytes, identity)));
    say(`${count} documents restored. Start ${service}; all services publish again what changed since.`);
  });
