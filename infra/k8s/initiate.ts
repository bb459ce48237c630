import { type Db, MongoClient, MongoServerError } from 'mongodb';
import { setTimeout as delay } from 'node:timers/promises';

// Makes the members in MEMBERS one replica set, and the service its user: of its own database alone, and of no server. May
// run again.
const { SERVICE = '', MEMBERS = '', DATABASES = SERVICE, MONGO_PASSWORD } = process.env;
const { MONGO_ROOT_PASSWORD, MONGO_ROOT_PASSWORD_BEFORE } = process.env;
const members = MEMBERS.split(',').map((host, _id) => ({ _id, host }));
if (!MONGO_PASSWORD || !MONGO_ROOT_PASSWORD)
  throw new Error('MONGO_PASSWORD and MONGO_ROOT_PASSWORD are missing');
const as = (password: string) => ({ serverSelectionTimeoutMS: 5000, auth: { username: 'root', password } });
const patience = as(MONGO_ROOT_PASSWORD);

const configOf = async (admin: Db) => {
  try {
    return (await admin.command({ replSetGetConfig: 1 }))['config'] as {
      version: number;
      members: { _id: number; host: string }[];
    };
  } catch (error) {
    if (error instanceof MongoServerError && error.codeName === 'NotYetInitialized') return undefined;
    throw error;
  }
};

const initiate = async () => {
  await using first = new MongoClient(`mongodb://${members[0]?.host}/?directConnection=true`, patience);
  const admin = first.db('admin');
  if (await configOf(admin)) return;
  await admin.command({ replSetInitiate: { _id: 'rs0', members } });
  console.log(`initiated rs0 of ${MEMBERS}`);
};

/** Members that were added since the set was initiated join one by one, as the server demands. */
const complete = async (admin: Db) => {
  for (;;) {
    const config = await configOf(admin);
    if (!config) throw new Error('The set has no configuration');
    const missing = members.find(({ host }) => !config.members.some((member) => member.host === host));
    if (!missing) return;
    const next = { ...config, version: config.version + 1, members: [...config.members, missing] };
    await admin.command({ replSetReconfig: next });
    console.log(`added ${missing.host}`);
  }
};

const admit = async (admin: Db) => {
  const roles = DATABASES.split(',').map((db) => ({ role: 'readWrite', db }));
  const user = { pwd: MONGO_PASSWORD, roles };
  const { users } = await admin.command({ usersInfo: SERVICE });
  await admin.command(
    (users as unknown[]).length > 0 ? { updateUser: SERVICE, ...user } : { createUser: SERVICE, ...user },
  );
  console.log(`user ${SERVICE} may read and write ${DATABASES}`);
};

/** An administrator who has another password than the secret says has the one of before, and gets the new one. */
const takeOver = async () => {
  if (!MONGO_ROOT_PASSWORD_BEFORE) return;
  const url = `mongodb://${MEMBERS}/?replicaSet=rs0`;
  await using now = new MongoClient(url, patience);
  const refused = await now.connect().then(
    () => false,
    (error: unknown) => error instanceof MongoServerError && error.codeName === 'AuthenticationFailed',
  );
  if (!refused) return;
  await using before = new MongoClient(url, as(MONGO_ROOT_PASSWORD_BEFORE));
  await before.db('admin').command({ updateUser: 'root', pwd: MONGO_ROOT_PASSWORD });
  console.log('the administrator has another password');
};

const work = async () => {
  await takeOver();
  await initiate();
  await using set = new MongoClient(`mongodb://${MEMBERS}/?replicaSet=rs0`, patience);
  const admin = set.db('admin');
  await admin.command({ ping: 1 });
  await complete(admin);
  await admit(admin);
};

for (let attempt = 1; ; attempt++) {
  try {
    await work();
    break;
  } catch (error) {
    if (attempt === 60) throw error;
    console.log(String(error));
    await delay(2000);
  }
}
