import { Email } from '@ticketing/common/email';
import { withDatabases } from './databases.ts';
import type { Running } from './running.ts';

const USAGE = 'Usage: npm run grant -- <e-mail address> admin|user';

/** Makes an account an admin's, or an ordinary one again; it counts from its next access token on. */
export async function grant(
  running: Running,
  [email, role = '']: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  if (email === undefined || (role !== 'admin' && role !== 'user')) throw new Error(USAGE);
  const address = Email.safeParse(email);
  if (address.error) throw new Error(`${email} ${address.error.issues[0]?.message ?? ''}`);
  const roles = role === 'admin' ? ['user', 'admin'] : ['user'];
  await withDatabases(running, async (database) => {
    const { matchedCount } = await database('auth')
      .collection('users')
      .updateOne({ email: address.data }, { $set: { roles } });
    if (matchedCount === 0) throw new Error(`There is no account ${email}`);
    say(`${email} is now: ${roles.join(', ')}`);
  });
}
