import { fail, monitorUrl } from './settings.ts';

interface Server {
  cluster_id: string;
  version: string;
  state: string;
  uptime: string;
  clients: number;
  total_msgs: number;
  total_bytes: number;
}
interface ChannelSubscription {
  client_id: string;
  queue_name?: string;
  last_sent: number;
  pending_count: number;
  is_offline: boolean;
  is_stalled: boolean;
}
interface Channel {
  name: string;
  msgs: number;
  bytes: number;
  first_seq: number;
  last_seq: number;
  subscriptions?: ChannelSubscription[];
}
interface Client {
  id: string;
  hb_inbox: string;
}

const base = monitorUrl();
const get = async <T>(path: string): Promise<T> => {
  const reply = await fetch(new URL(path, base)).catch(() => fail(`${base} does not answer`));
  if (!reply.ok) fail(`${path}: status ${reply.status}`);
  return (await reply.json()) as T;
};

const server = await get<Server>('/streaming/serverz');
const { channels = [] } = await get<{ channels?: Channel[] }>('/streaming/channelsz?subs=1&limit=10000');
const { clients = [] } = await get<{ clients?: Client[] }>('/streaming/clientsz?limit=10000');

const { cluster_id, version, state, uptime, total_msgs, total_bytes } = server;
console.log(
  `${cluster_id}: NATS Streaming ${version}, ${state}, up ${uptime}, ${total_msgs} messages, ${total_bytes} bytes`,
);
console.log(`\n${clients.length} clients`);
for (const { id } of clients) console.log(`  ${id}`);
console.log(`\n${channels.length} channels`);
console.table(
  channels.map(({ name, msgs, bytes, first_seq, last_seq }) => ({
    channel: name,
    msgs,
    bytes,
    first_seq,
    last_seq,
  })),
);
console.log('Subscriptions (waiting: sent and not acknowledged; lag: not sent yet)');
console.table(
  channels.flatMap(({ name, last_seq, subscriptions = [] }) =>
    subscriptions.map(({ queue_name, client_id, last_sent, pending_count, is_offline, is_stalled }) => ({
      channel: name,
      group: queue_name ?? '',
      client: is_offline ? 'offline' : client_id,
      waiting: pending_count,
      lag: last_seq - last_sent,
      stalled: is_stalled,
    })),
  ),
);
