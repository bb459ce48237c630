import type { InboxEntry } from '@ticketing/common/inbox';
import { OWNERS, withDatabases } from './databases.ts';
import type { Running } from './running.ts';

const USAGE = 'Usage: npm run dead-letters -- list | show <service> <id> | replay <service> [<id>]';

/** Lists, shows or replays the events that a service gave up on. A replayed one starts with all its tries. */
export async function deadLetters(
  running: Running,
  [action = 'list', service = '', id]: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const named = (OWNERS as readonly string[]).includes(service);
  if (
    !['list', 'show', 'replay'].includes(action) ||
    (action !== 'list' && !named) ||
    (action === 'show' && !id)
  ) {
    throw new Error(USAGE);
  }
  await withDatabases(running, async (database) => {
    const inbox = (of: string) => database(of).collection<InboxEntry>('inbox');
    if (action === 'list') {
      let count = 0;
      for (const owner of named ? [service] : OWNERS) {
        for await (const { _id, attempts, error } of inbox(owner)
          .find({ status: 'dead' })
          .sort({ receivedAt: 1 })) {
          say(`${owner}  ${_id}  after ${attempts} tries: ${error}`);
          count += 1;
        }
      }
      say(count === 0 ? 'There are no dead letters.' : `${count} dead letters.`);
    } else if (action === 'show') {
      const entry = await inbox(service).findOne({ _id: id ?? '' });
      if (!entry) throw new Error(`${service} has no letter ${id}`);
      say(JSON.stringify({ ...entry, message: readable(entry.message) }, null, 2));
    } else {
      const { modifiedCount } = await inbox(service).updateMany(
        { status: 'dead', ...(id !== undefined && { _id: id }) },
        { $set: { status: 'waiting', attempts: 0, nextAt: new Date() } },
      );
      say(`${modifiedCount} dead letters of ${service} will be tried again within a second.`);
    }
  });
}

const readable = (message: string): unknown => {
  try {
    return JSON.parse(message);
  } catch {
    return message;
  }
};
