import { MongoClient } from 'mongodb';
import { eventually } from '@ticketing/common/testing';
import { initiate, makeUser, REPLICA_SET, USER } from '@ticketing/engines/replica-set';
import { newPassword, type RunningEngine, startMember } from '@ticketing/engines/run';
import { type Wire, wireTo } from './wire.ts';

export interface Member {
  engine: RunningEngine;
  /** The only way to it, for the services and for the other members. */
  wire: Wire;
}

export interface ReplicaSet {
  url: string;
  members: readonly Member[];
  /** The member that takes the writes, once one does. */
  primary(): Promise<Member>;
  stop(): Promise<void>;
}

/** How long members miss a primary before they elect another, in milliseconds. */
const ELECTION = 4000;

/** Three members on this machine, each behind a wire of its own. */
export async function startReplicaSet(): Promise<ReplicaSet> {
  const password = newPassword();
  const engines = await Promise.all([1, 2, 3].map(() => startMember({ password })));
  const members = await Promise.all(
    engines.map(async (engine) => ({ engine, wire: await wireTo(engine.port) })),
  );
  const hosts = members.map(({ wire }) => `127.0.0.1:${wire.port}`);
  const [first] = members;
  if (first === undefined) throw new Error('a set has members');
  await initiate({ port: first.wire.port, password }, hosts, { electionTimeoutMillis: ELECTION });
  const url = `mongodb://${USER}:${password}@${hosts.join(',')}/?replicaSet=${REPLICA_SET}&authSource=admin`;
  // Asked before there is a user, too.
  const anonymous = `mongodb://${hosts.join(',')}/?replicaSet=${REPLICA_SET}`;

  const primary = () =>
    eventually(
      async () => {
        await using client = new MongoClient(anonymous, { serverSelectionTimeoutMS: 2000 });
        const { me } = await client.db('admin').command({ hello: 1 });
        const member = members[hosts.indexOf(me as string)];
        if (!member) throw new Error('no member takes the writes');
        return member;
      },
      { within: 120_000, every: 200 },
    );
  await makeUser({ port: (await primary()).wire.port, password });
  return {
    url,
    members,
    primary,
    async stop() {
      await Promise.all(members.map(({ engine }) => engine.stop()));
      await Promise.all(members.map(({ wire }) => wire.close()));
    },
  };
}
