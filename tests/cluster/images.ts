import { basename, join } from 'node:path';
import { run } from './kubectl.ts';

/** What images are built from; each bears the name of its folder. */
export const FOLDERS = [
  'auth',
  'events',
  'tickets',
  'orders',
  'payments',
  'expiration',
  'admissions',
  'operations',
  'local/sandbox',
  'client',
];

/** How the images come into a cluster that pulls from no registry, by the name of kubectl's context. */
const LOADERS: [RegExp, (context: string) => string[]][] = [
  [/^kind-/, (context) => ['kind', 'load', 'docker-image', '--name', context.slice('kind-'.length)]],
  [/^minikube$/, () => ['minikube', 'image', 'load']],
  [/^k3d-/, (context) => ['k3d', 'image', 'import', '--cluster', context.slice('k3d-'.length)]],
];

/**
 * Builds the images of one target and brings them into the cluster. `CLUSTER_BUILD` stands in for `docker build`,
 * `CLUSTER_LOAD` for the command that loads images into this kind of cluster.
 */
export async function images(
  root: string,
  target: 'development' | 'production',
  tag: string,
): Promise<string[]> {
  const [build = '', ...flags] = (process.env['CLUSTER_BUILD'] ?? 'docker build').split(' ');
  const built: string[] = [];
  for (const folder of FOLDERS) {
    const image = `ticketing/${basename(folder)}:${tag}`;
    // The pages are built in every case: who works on them does so by `npm run dev`.
    const what =
      folder === 'client'
        ? ['--file', join(root, 'client/Dockerfile')]
        : ['--build-arg', `SERVICE=${folder}`, '--target', target];
    await run(build, [...flags, ...what, '--tag', image, root]);
    built.push(image);
  }
  const context = (await run('kubectl', ['config', 'current-context'])).trim();
  const known = LOADERS.find(([pattern]) => pattern.test(context))?.[1](context);
  const [load, ...args] = process.env['CLUSTER_LOAD']?.split(' ') ?? known ?? [];
  if (load === undefined)
    throw new Error(`Set CLUSTER_LOAD to the command that brings images into the cluster ${context}.`);
  await run(load, [...args, ...built]);
  return run('docker', ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}} {{.Size}}']).then((all) =>
    all.split('\n').filter((line) => built.some((image) => line.startsWith(`${image} `))),
  );
}
