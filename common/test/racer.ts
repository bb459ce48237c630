import { replicate } from '../src/replicate.ts';
import { testDatabase } from './database.ts';
import { thingId, thingModel } from './replicas.ts';

/** A process of the race in replicate.test.ts: `racer.ts <database> <replicas> <version>...`, starts on a message. */
const [name = '', replicas = '0', ...versions] = process.argv.slice(2);
const { database } = testDatabase(name);
const things = database.store(thingModel);
await database.prepare();
process.send?.('ready');
process.once('message', () => {
  void (async () => {
    for (let n = 0; n < Number(replicas); n += 50) {
      const group = Array.from({ length: 50 }, (_, at) => thingId(n + at));
      await Promise.all(
        group.flatMap((id) =>
          versions.map((version) => replicate(things, { id, version: Number(version), name: `v${version}` })),
        ),
      );
    }
    process.exit(0);
  })();
});
