import type { Kubectl } from './kubectl.ts';

const DATABASES = ['auth', 'events', 'tickets', 'orders', 'payments', 'admissions'];
const TARGETS = [
  ...DATABASES.map((owner) => `${owner}-mongo-0.${owner}-mongo:27017`),
  'nats:4222',
  'redis:6379',
  'orders-service:80',
  'sandbox:80',
];

/** Who may reach what; whoever is not named here may reach nothing. */
const ALLOWED: Record<string, (target: string) => boolean> = {
  'auth-service': (target) => /^(auth-mongo|nats)/.test(target),
  'events-service': (target) => /^(events-mongo|nats)/.test(target),
  'tickets-service': (target) => /^(tickets-mongo|nats)/.test(target),
  'orders-service': (target) => /^(orders-mongo|nats)/.test(target),
  'payments-service': (target) => /^(payments-mongo|nats|sandbox)/.test(target),
  'admissions-service': (target) => /^(admissions-mongo|nats)/.test(target),
  'expiration-service': (target) => /^(nats|redis)/.test(target),
  client: (target) => target === 'orders-service:80',
  sandbox: (target) => target.startsWith('payments-mongo'),
  tools: (target) => /-mongo|^sandbox/.test(target),
  stranger: () => false,
};

/** Prints each target that takes a connection within two seconds. */
const KNOCK = `
  const net = require('node:net');
  for (const target of process.argv.slice(1)) {
    const [host, port] = target.split(':');
    const socket = net.connect({ host, port, timeout: 2000 });
    socket.on('connect', () => { console.log(target); socket.destroy(); });
    socket.on('timeout', () => socket.destroy()).on('error', () => undefined);
  }`;

export interface Flows {
  tried: number;
  /** Flows that should be there and are not. */
  missing: string[];
  /** Flows that should not be there. */
  leaks: string[];
  /** Not one flow was refused: this cluster enforces no policies. */
  enforced: boolean;
}

/** Tries every flow between the suite's pods and a stranger's, until they are as they should be or a minute is over. */
export async function flows({ kubectl, apply }: Kubectl, image: string): Promise<Flows> {
  await apply(stranger(image));
  await kubectl('wait', '--for=condition=Ready', 'pod/stranger', '--timeout=600s');
  const opened = async (from: string) => {
    const pod = from === 'stranger' ? 'pod/stranger' : `deployment/${from}`;
    return new Set((await kubectl('exec', pod, '--', 'node', '-e', KNOCK, ...TARGETS)).trim().split('\n'));
  };
  const tried = async (): Promise<Flows> => {
    const all = await Promise.all(
      Object.entries(ALLOWED).map(async ([from, allowed]) => {
        const open = await opened(from);
        return TARGETS.map((target) => ({ from, target, open: open.has(target), allowed: allowed(target) }));
      }),
    );
    // Whoever calls himself passes no policy.
    const others = all.flat().filter(({ from, target }) => !target.startsWith(`${from}:`));
    const told = (wrong: typeof others, what: string) =>
      wrong.map(({ from, target }) => `${from} ${what} ${target}`);
    const missing = others.filter(({ open, allowed }) => !open && allowed);
    const refused = others.filter(({ open }) => !open).length;
    return {
      tried: all.flat().length,
      missing: told(missing, 'cannot reach'),
      leaks: told(
        others.filter(({ open, allowed }) => open && !allowed),
        'reaches',
      ),
      enforced: refused > missing.length,
    };
  };
  let now = await tried();
  // Policies reach a new pod a moment after its start, and a busy machine takes its time to answer.
  const late = () => now.enforced && now.missing.length + now.leaks.length > 0;
  for (const deadline = Date.now() + 60_000; late() && Date.now() < deadline;) now = await tried();
  await kubectl('delete', 'pod', 'stranger', '--grace-period=1');
  return now;
}

const stranger = (image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'stranger' },
  spec: {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'main',
        image,
        args: ['sleep', 'infinity'],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
});
