import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { z } from 'zod';

/** How an age file begins (age-encryption.org/v1). */
const MAGIC = Buffer.from('age-encryption.org/v1\n');

const isRecipient = (text: string) => {
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
};

/** For whom backups are encrypted, and where the key is that opens them. */
export const Sealing = z.object({
  BACKUP_RECIPIENT: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((all) => all.every(isRecipient), 'must be an age recipient (age1…); several with commas')
    .optional(),
  BACKUP_IDENTITY: z.string().optional(),
});
export type Sealing = z.output<typeof Sealing>;

/** Bytes that only the recipients' identities open. */
export async function sealed(
  text: AsyncIterable<string>,
  recipients: readonly string[],
): Promise<AsyncIterable<Uint8Array>> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(streamOf(encoded(text)));
}

/** What `sealed` hid, by the identity in a file; what is not encrypted comes as it is. */
export async function* opened(
  bytes: AsyncIterable<Uint8Array>,
  identityFile: string | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = bytes[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < MAGIC.length) {
    const next = await reader.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const all = rest(head, reader);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) return yield* all;
  if (identityFile === undefined)
    throw new Error('This backup is encrypted: name the file of its key in BACKUP_IDENTITY.');
  const decrypter = new Decrypter();
  for (const line of (await readFile(identityFile, 'utf8')).split('\n'))
    if (line.trim() !== '' && !line.startsWith('#')) decrypter.addIdentity(line.trim());
  yield* await decrypter.decrypt(streamOf(all));
}

/** Makes a key in a file that nobody else reads, and resolves with its recipient. */
export async function makeKey(file: string): Promise<string> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await using handle = await openNew(file);
  await handle.writeFile(`# public key: ${recipient}\n${identity}\n`);
  return recipient;
}

/** A file that was not there, for its owner alone, in a folder that is so when it has to be made. */
export async function openNew(file: string) {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return open(file, 'wx', 0o600);
}

export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let left = '';
  for await (const chunk of bytes) {
    const lines = (left + decoder.decode(chunk, { stream: true })).split('\n');
    left = lines.pop() ?? '';
    yield* lines;
  }
  if (left !== '') yield left;
}

/** Written one by one, a line would cost a call of the cipher's stream each. */
export async function* encoded(text: AsyncIterable<string>) {
  let waiting = '';
  for await (const piece of text) {
    waiting += piece;
    if (waiting.length < 64 * 1024) continue;
    yield Buffer.from(waiting);
    waiting = '';
  }
  yield Buffer.from(waiting);
}

async function* rest(head: Uint8Array, reader: AsyncIterator<Uint8Array>) {
  yield head;
  for (let next = await reader.next(); !next.done; next = await reader.next()) yield next.value;
}

const streamOf = (bytes: AsyncIterable<Uint8Array>) =>
  ReadableStream.from(bytes) as unknown as ReadableStream<Uint8Array>;
