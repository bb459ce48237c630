import { type Db, MongoClient, MongoServerError } from 'mongodb';

export const REPLICA_SET = 'rs0';
/** Who may do everything; another user there is none. */
export const USER = 'ticketing';

/** The key is the password of members, which the server knows before there is any user. */
type Member = { port: number; pid: number; password: string };

type Config = { version: number; members: { host: string }[] };

/**
 * One step towards a writable primary of one member, on whatever port the data comes up: initiates a new set, corrects
 * the host of a kept one, makes the user. True once this very process (by `pid`) is the primary.
 */
export const becomePrimary = ({ port, pid, password }: Member): Promise<boolean> =>
  asking(port, password, async (admin) => {
    const host = `127.0.0.1:${port}`;
    if ((await admin.command({ hello: 1 }))['isWritablePrimary'] === true) {
      await ensureUser(admin, password);
      return is(admin, pid);
    }
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
export const isProcess = ({ port, pid, password }: Member): Promise<boolean> =>
  asking(port, password, (admin) => is(admin, pid));

/** Initiates a set of several members, of which one listens on this port. */
export const initiate = (
  { port, password }: Omit<Member, 'pid'>,
  hosts: readonly string[],
  settings: object,
): Promise<void> =>
  asking(port, password, async (admin) => {
    const members = hosts.map((host, _id) => ({ _id, host }));
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members, settings } });
  });

/** Makes who may do everything, by the name `USER`, where the primary is. */
export const makeUser = ({ port, password }: Omit<Member, 'pid'>): Promise<void> =>
  asking(port, password, (admin) => ensureUser(admin, password));

const ensureUser = async (admin: Db, pwd: string) => {
  const user = { pwd, roles: ['root'], mechanisms: ['SCRAM-SHA-256'] };
  await admin.command({ createUser: USER, ...user }).catch((error: unknown) => {
    if (error instanceof MongoServerError && error.code === USER_EXISTS)
      return admin.command({ updateUser: USER, ...user });
    throw error;
  });
};

const USER_EXISTS = 51_003;

const is = async (admin: Db, pid: number) =>
  Number((await admin.command({ serverStatus: 1 }))['pid']) === pid;

const asking = async <T>(port: number, password: string, work: (admin: Db) => Promise<T>): Promise<T> => {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    auth: { username: '__system', password },
    authSource: 'local',
    authMechanism: 'SCRAM-SHA-256',
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
