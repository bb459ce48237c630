import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { FOLDERS } from '../cluster/images.ts';
import { must, step } from '../stage.ts';

interface Workflow {
  jobs: Record<string, { steps: { id?: string; run?: string }[] }>;
}

/** What the steps call and is not here: each notes how it was called. `kubectl kustomize` is the real one. */
const STANDINS: Record<string, string> = {
  docker: `[[ $2 != imagetools ]] || { [[ $4 != ghcr.io/* ]] || exit 1; printf 'sha256:%s\n' "$(sha256sum <<<"$4" | cut -c 1-64)"; }`,
  gh: '[[ -z ${FORGED:-} || $3 != *"$FORGED"* ]]',
  kubectl: `[[ $1 != kustomize ]] || exec "$KUBECTL" "$@"; [[ $1 != get ]] || echo deployment/orders-service`,
};
/** The shell of the delivery, step by step as the runner would run it, on a copy and against stand-ins. */
export async function rehearse(root: string, folder: string): Promise<void> {
  const { jobs } = parse(await readFile(join(root, '.github/workflows/deliver.yaml'), 'utf8')) as Workflow;
  const exec = promisify(execFile);
  const [bin, work, output, calls] = ['bin', 'work', 'output', 'calls'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  await mkdir(bin, { recursive: true });
  for (const place of ['.github', 'infra', 'Dockerfile', 'client/Dockerfile'])
    await cp(join(root, place), join(work, place), { recursive: true });
  for (const [name, does] of Object.entries(STANDINS)) {
    await writeFile(join(bin, name), `#!/usr/bin/env bash\necho "${name} $*" >>"$CALLS"\n${does}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const { stdout: kubectl } = await exec('bash', ['-c', 'command -v kubectl']);
  const { stdout: git } = await exec('git', ['rev-parse', '--absolute-git-dir'], { cwd: root });

  /** Runs one step; resolves with the outputs that it sets and the calls that it makes. */
  const play = async (job: string, id: string, env: Record<string, string>) => {
    const text = jobs[job]?.steps.find((one) => one.id === id)?.run;
    if (text === undefined) throw new Error(`deliver.yaml has no step ${job}.${id}`);
    for (const file of [output, calls]) await writeFile(file, '');
    await exec('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', text], {
      cwd: work,
      env: {
        PATH: `${bin}:${process.env['PATH']}`,
        HOME: folder,
        GIT_DIR: git.trim(),
        GIT_WORK_TREE: root,
        KUBECTL: kubectl.trim(),
        CALLS: calls,
        GITHUB_OUTPUT: output,
        GITHUB_ENV: output,
        RUNNER_TEMP: folder,
        ...env,
      },
    });
    const lines = (await readFile(output, 'utf8')).trim().split('\n');
    const outputs = Object.fromEntries(
      lines.map((line) => [line.split('=')[0], line.split('=').slice(1).join('=')]),
    );
    return { outputs, calls: await readFile(calls, 'utf8') };
  };

  for (const place of ['infra/k8s-dev', 'infra/k8s-prod'])
    await step(
      `deliver.yaml, rehearsed: ${place} is applied by digest alone, and what is ours verified`,
      async () => {
        const resolved = (await play('outside', 'resolve', { OVERLAY: place })).outputs;
        const outside = JSON.parse(resolved['images'] ?? '') as string[];
        must(outside.length === 4 && (resolved['node'] ?? '').startsWith('node@sha256:'), () =>
          JSON.stringify(resolved),
        );
        await exec('bash', ['-c', 'rm -rf images && mkdir images && mv outside images/'], { cwd: work });
        for (const service of FOLDERS) {
          const env = { REPOSITORY: 'Somebody/Ticketing', SERVICE: service, NODE: resolved['node'] ?? '' };
          const { name = '', tag = '', digest } = (await play('build', 'image', env)).outputs;
          must(
            /^ghcr.io\/somebody\/ticketing\/\w+$/.test(name) &&
              /^[0-9a-f]{40}-[0-9a-f]{12}$/.test(tag) &&
              digest === '',
            () => `${name}:${tag} ${digest}`,
          );
          await play('build', 'tell', { SERVICE: service, NAME: name, DIGEST: `sha256:${'0'.repeat(64)}` });
        }
        await exec('bash', ['-c', 'mv *.image images/'], { cwd: work });
        const ours = { REPOSITORY: 'Somebody/Ticketing' };
        const verified = (await play('deploy', 'verify', ours)).calls;
        must(
          verified.split('\n').filter((line) => line.startsWith('gh attestation verify oci://ghcr.io/'))
            .length === FOLDERS.length,
          () => verified,
        );
        const forged = await play('deploy', 'verify', { ...ours, FORGED: 'auth@' }).then(
          () => 'goes on',
          () => 'stops',
        );
        must(forged === 'stops', () => 'an image that somebody else made is taken');
        const { calls: applied } = await play('deploy', 'apply', { OVERLAY: place });
        must(
          /kubectl apply --kustomize infra\/delivered\n[^]*rollout status deployment\/orders-service/.test(
            applied,
          ),
          () => applied,
        );
        // One that was left out is an error, and nothing is applied.
        await exec('bash', ['-c', 'rm images/orders.image'], { cwd: work });
        const left = await play('deploy', 'apply', { OVERLAY: place }).then(
          () => 'applied all the same',
          (error: unknown) => String((error as { stderr?: string }).stderr),
        );
        must(left.includes('no digest: ticketing/orders'), () => left);
        return `${outside.length + FOLDERS.length} images`;
      },
    );
}
