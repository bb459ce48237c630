import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { goEnvironment } from '@ticketing/engines/go';
import { parse } from 'yaml';
import { run } from '../cluster/kubectl.ts';
import { must, step, tally, unchecked } from '../cluster/stage.ts';
import { brokerDisk } from './broker.ts';
import { DEVELOPMENT, EVERYWHERE } from './exceptions.ts';
import { schemasOf } from './schemas.ts';
import { askingStripe, refusals } from './settings.ts';

// What can be known of the manifests, of skaffold.yaml and of the workflows without applying them.
// The tools are built by Go from its module proxy, which checks them against its checksum database.
const ROOT = join(import.meta.dirname, '../..');
const go = (module: string) => (args: string[], input?: string) =>
  run('go', ['run', '-modcacherw', module, ...args], input);
const kubeconform = go('github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0');
const kubeScore = go('github.com/zegl/kube-score/cmd/kube-score@v1.20.0');
const actionlint = go('github.com/rhysd/actionlint/cmd/actionlint@v1.7.12');

const folder = await mkdtemp(join(tmpdir(), 'ticketing-manifests-'));
Object.assign(
  process.env,
  await goEnvironment({ into: folder, env: process.env, step: (text) => console.error(`… ${text}`) }),
);
const overlay = (name: string) => run('kubectl', ['kustomize', join(ROOT, 'infra', name)]);
/** Kubernetes' own OpenAPI where a cluster answers, else kubeconform's copy of it on the internet. */
const schemas = await run('kubectl', ['get', '--raw', '/openapi/v2', '--request-timeout=5s']).then(
  (text) => schemasOf(JSON.parse(text) as Parameters<typeof schemasOf>[0], folder),
  () => 'default',
);

execFileSync(join(ROOT, 'infra/k8s-dev/secrets'));
for (const [name, exceptions] of [
  ['k8s-dev', { ...EVERYWHERE, ...DEVELOPMENT }],
  ['k8s-prod', EVERYWHERE],
] as const) {
  const manifests = await overlay(name);
  await step(`${name}: every field is one of Kubernetes'`, () =>
    // cert-manager is not installed everywhere, and its types come with it.
    kubeconform(['-strict', '-summary', '-skip', 'Issuer', '-schema-location', schemas], manifests),
  );
  await step(`${name}: the images that are delivered take its settings`, async () => {
    const said = refusals(manifests);
    must(said.length === 0, () => said.join('; '));
    return 'every service would start';
  });
  await step(
    `${name}: payments, and tools for reconcile, know the account and reach Stripe; nobody else`,
    () => {
      const { knowing, reaching } = askingStripe(manifests);
      const asking = knowing.filter((one) => one !== 'sandbox');
      const right = [asking, reaching].every((who) => who.toSorted().join() === 'payments-service,tools');
      must(right, () => `knowing: ${knowing.join(', ')}; reaching: ${reaching.join(', ')}`);
      return Promise.resolve('both');
    },
  );
  await step(`${name}: the broker's channels fit its claim`, async () => {
    const { spare, most, claim } = brokerDisk(manifests);
    const told = `${most} of ${Math.round(claim)} MB, ${spare} channels to spare`;
    must(spare >= 0 && most <= claim * 0.8, () => told);
    return told;
  });
  await step(`${name}: kube-score finds nothing critical`, async () => {
    const ignored = Object.keys(exceptions).flatMap((check) => ['--ignore-test', check]);
    const critical = (said: unknown) =>
      String(said)
        .match(/\[CRITICAL\].*/g)
        ?.join('; ') ?? String(said);
    await kubeScore(['score', '--output-format', 'ci', ...ignored, '-'], manifests).catch(
      (error: unknown) => {
        throw new Error(critical(error));
      },
    );
    return `${Object.keys(exceptions).length} exceptions, each with its reason in exceptions.ts`;
  });
}

for (const place of ['infra/k8s-dev', 'infra/k8s-prod', 'tests/cluster/production'])
  await step(`${place}: every image of ours has a tag`, async () => {
    const manifests = await run('kubectl', ['kustomize', join(ROOT, place)]);
    const ours = new Set([...manifests.matchAll(/image: (ticketing\/\S+)/g)].map(([, image = '']) => image));
    const bare = [...ours].filter((image) => !image.includes(':'));
    must(ours.size > 0 && bare.length === 0, () => `no tag: ${bare.join(', ')}`);
    return `${ours.size} images`;
  });

await step('actionlint', async () => (await actionlint(['-color=false'])) || 'the workflows are well formed');

const skaffoldSchema = process.env['SKAFFOLD_SCHEMA'];
if (skaffoldSchema === undefined)
  unchecked('skaffold.yaml', 'SKAFFOLD_SCHEMA names no file with its JSON Schema');
else
  await step('skaffold.yaml is as its schema says', async () => {
    const valid = new Ajv({ strict: false }).compile(
      JSON.parse(await readFile(skaffoldSchema, 'utf8')) as object,
    );
    must(valid(parse(await readFile(join(ROOT, 'skaffold.yaml'), 'utf8'))), () =>
      JSON.stringify(valid.errors),
    );
    return 'valid';
  });

await rm(folder, { recursive: true });
process.exitCode = tally() ? 0 : 1;
