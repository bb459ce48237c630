import { expect, test } from '@jest/globals';
import { withDatabases } from '../src/databases.ts';
import { grant } from '../src/grant.ts';
import type { Running } from '../src/running.ts';

test('an account is found by every spelling of its address', async () => {
  const running = { mongoUrl: process.env['TEST_MONGO_URL']! } as Running;
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  await withDatabases(running, async (database) => {
    const users = database('auth').collection('users');
    const email = `grant-${process.pid}@xn--bcher-kva.example`;
    await users.insertOne({ email });
    try {
      for (const spelling of [email, email.replace('xn--bcher-kva', 'BÜCHER')]) {
        await grant(running, [spelling, 'admin'], say);
        expect(await users.findOne({ email })).toMatchObject({ roles: ['user', 'admin'] });
        await grant(running, [spelling, 'user'], say);
        expect(await users.findOne({ email })).toMatchObject({ roles: ['user'] });
      }
      await expect(grant(running, ['nobody', 'admin'], say)).rejects.toThrow(
        'nobody must be an e-mail address',
      );
      await expect(grant(running, ['nobody@example.com', 'admin'], say)).rejects.toThrow(
        'There is no account',
      );
    } finally {
      await users.deleteMany({ email });
    }
  });
  expect(said).toHaveLength(4);
});
