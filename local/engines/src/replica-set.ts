import { type Db, MongoClient, MongoServerError } from 'mongodb';

export const REPLICA_SET = 'rs0';

type Config = { version: number; members: { host: string }[] };

/**
 * One step towards a writable primary of one member, on whatever port the data comes up: initiates a new set, corrects
 * the host of a kept one. True once this very process (by `pid`) is the primary.
 */
export const becomePrimary = (port: number, pid: number): Promise<boolean> =>
  asking(port, async (admin) => {
    const host = `127.0.0.1:${port}`;
    if ((await admin.command({ hello: 1 }))['isWritablePrimary'] === true) return is(admin, pid);
    const config = await configOf(admin);
    if (!config) {
      await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } });
    } else if (config.members[0]?.host !== host) {
      const members = [{ ...config.members[0], host }];
      await admin.command({
        replSetReconfig: { ...config, version: config.version + 1, members },
        force: true,
      });
    }
    return false;
  });

/** Whether this very process answers, in whatever state its set is. */
export const isProcess = (port: number, pid: number): Promise<boolean> =>
  asking(port, (admin) => is(admin, pid));

const is = async (admin: Db, pid: number) =>
  Number((await admin.command({ serverStatus: 1 }))['pid']) === pid;

const asking = async <T>(port: number, work: (admin: Db) => Promise<T>): Promise<T> => {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1000,
    connectTimeoutMS: 1000,
  });
  try {
    return await work(client.db('admin'));
  } finally {
    await client.close();
  }
};

const configOf = async (admin: Db): Promise<Config | undefined> => {
  try {
    return (await admin.command({ replSetGetConfig: 1 }))['config'] as Config;
  } catch (error) {
    if (error instanceof MongoServerError && error.codeName === 'NotYetInitialized') return undefined;
    throw error;
  }
};
