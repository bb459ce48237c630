import { setTimeout as delay } from 'node:timers/promises';
import type { Kubectl } from './kubectl.ts';

const DATABASES = ['auth', 'tickets', 'orders', 'payments'];
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
  'tickets-service': (target) => /^(tickets-mongo|nats)/.test(target),
  'orders-service': (target) => /^(orders-mongo|nats)/.test(target),
  'payments-service': (target) => /^(payments-mongo|nats|sandbox)/.test(target),
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

/** Tries every flow between the suite's pods and a stranger's. */
export async function flows({ kubectl, apply }: Kubectl, image: string): Promise<Flows> {
  await apply(stranger(image));
  await kubectl('wait', '--for=condition=Ready', 'pod/stranger', '--timeout=60s');
  await delay(2000); // policies reach a new pod a moment after its start
  const missing: string[] = [];
  const leaks: string[] = [];
  let refused = 0;
  for (const [from, allowed] of Object.entries(ALLOWED)) {
    const pod = from === 'stranger' ? 'pod/stranger' : `deployment/${from}`;
    const open = new Set(
      (await kubectl('exec', pod, '--', 'node', '-e', KNOCK, ...TARGETS)).trim().split('\n'),
    );
    for (const target of TARGETS) {
      if (target.startsWith(`${from}:`)) continue; // whoever calls himself passes no policy
      if (!open.has(target)) refused += 1;
      if (open.has(target) && !allowed(target)) leaks.push(`${from} reaches ${target}`);
      if (!open.has(target) && allowed(target)) missing.push(`${from} cannot reach ${target}`);
    }
  }
  await kubectl('delete', 'pod', 'stranger', '--grace-period=1');
  return {
    tried: Object.keys(ALLOWED).length * TARGETS.length,
    missing,
    leaks,
    enforced: refused > missing.length,
  };
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
