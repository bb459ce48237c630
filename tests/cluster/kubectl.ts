import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program and resolves with what it printed; rejects with both outputs when it fails. */
export const run = async (program: string, args: readonly string[], input?: string): Promise<string> =>
  (await bytesOf(program, args, input)).toString();

async function bytesOf(program: string, args: readonly string[], input?: string): Promise<Buffer> {
  const child = spawn(program, args, { stdio: 'pipe' });
  const said: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (piece: Buffer) => said[stream].push(piece));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return Buffer.concat(said.stdout);
  const told = Buffer.concat([...said.stdout, ...said.stderr]);
  throw new Error(`${program} ${args.join(' ')}: ${told.toString()}`);
}

export interface Pod {
  metadata: { name: string; uid: string; labels: Record<string, string>; deletionTimestamp?: string };
  status: { phase: string; conditions?: { type: string; status: string }[] };
}

/** Whether a pod does what it is there for, or has done it. */
export const isReady = ({ status: { phase, conditions } }: Pod): boolean =>
  phase === 'Succeeded' ||
  (conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

/** `kubectl` in one namespace of whatever cluster it points at. */
export const kubectlIn = (namespace: string) => {
  const kubectl = (...args: string[]) => run('kubectl', ['--namespace', namespace, ...args]);
  const destroy = () => run('kubectl', ['delete', 'namespace', namespace, '--ignore-not-found']);
  const names = async (kind: string) =>
    (await kubectl('get', kind, '--output', 'jsonpath={.items[*].metadata.name}')).split(' ').filter(Boolean);
  return {
    kubectl,
    names,
    /** What is printed and is no text. */
    bytes: (...args: string[]) => bytesOf('kubectl', ['--namespace', namespace, ...args]),
    /** With something to read. */
    feed: (input: string, ...args: string[]) => run('kubectl', ['--namespace', namespace, ...args], input),
    apply: (manifest: object) =>
      run('kubectl', ['--namespace', namespace, 'apply', '--filename', '-'], JSON.stringify(manifest)),
    /** Under the rules that the manifests promise to keep. */
    async create() {
      await destroy(); // what an earlier run left behind
      await run('kubectl', ['create', 'namespace', namespace]);
      await run('kubectl', [
        'label',
        'namespace',
        namespace,
        'pod-security.kubernetes.io/enforce=restricted',
      ]);
    },
    destroy,
    async pods(): Promise<Pod[]> {
      return (JSON.parse(await kubectl('get', 'pods', '--output', 'json')) as { items: Pod[] }).items;
    },
    /** Resolves when every workload runs what it should. */
    async settled() {
      for (const kind of ['statefulset', 'deployment'])
        for (const name of await names(kind))
          await kubectl('rollout', 'status', `${kind}/${name}`, '--timeout=600s');
      for (const job of await names('job'))
        await kubectl('wait', '--for=condition=Complete', `job/${job}`, '--timeout=600s');
    },
  };
};

export type Kubectl = ReturnType<typeof kubectlIn>;
