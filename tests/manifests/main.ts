import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { goEnvironment } from '@ticketing/engines/go';
import { parse } from 'yaml';
import { run } from '../cluster/kubectl.ts';
import { must, step, tally, unchecked } from '../stage.ts';
import { toldInArguments } from './arguments.ts';
import { brokerDisk, strayPublishers } from './broker.ts';
import { wide } from './egress.ts';
import { DEVELOPMENT, EVERYWHERE } from './exceptions.ts';
import { rehearse } from './rehearsal.ts';
import { pathsOf } from './routes.ts';
import { customSchemasOf, schemasOf } from './schemas.ts';
import { askingStripe, refusals } from './settings.ts';
import { wronglyBuilt } from './skaffold.ts';

// What can be known of the manifests, of skaffold.yaml and of the workflows without applying them.
// The tools are built by Go from its module proxy, which checks them against its checksum database.
const ROOT = join(import.meta.dirname, '../..');
const go = (module: string) => (args: string[], input?: string) => run('go', ['run', module, ...args], input);
const kubeconform = go('github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0');
const kubeScore = go('github.com/zegl/kube-score/cmd/kube-score@v1.20.0');
const actionlint = go('github.com/rhysd/actionlint/cmd/actionlint@v1.7.12');
/** Whose types are not Kubernetes' own: each module brings them in a folder. */
const CRDS = [
  ['github.com/cert-manager/cert-manager@v1.19.1', 'deploy/crds'],
  ['sigs.k8s.io/gateway-api@v1.4.0', 'config/crd/standard'],
] as const;

const folder = await mkdtemp(join(tmpdir(), 'ticketing-manifests-'));
Object.assign(
  process.env,
  await goEnvironment({ into: folder, env: process.env, step: (text) => console.error(`… ${text}`) }),
  { GOFLAGS: '-modcacherw' },
);
const overlay = (name: string) => run('kubectl', ['kustomize', join(ROOT, 'infra', name)]);
/** Kubernetes' own OpenAPI where a cluster answers, else kubeconform's copy of it on the internet. */
const schemas = await run('kubectl', ['get', '--raw', '/openapi/v2', '--request-timeout=5s']).then(
  (text) => schemasOf(JSON.parse(text) as Parameters<typeof schemasOf>[0], folder),
  () => 'default',
);

const others = new Set<string>();
for (const [module, below] of CRDS) {
  const { Dir } = JSON.parse(await run('go', ['mod', 'download', '-json', module])) as { Dir: string };
  others.add(await customSchemasOf(join(Dir, below), join(folder, 'crds')));
}
const fits = (manifests: string) =>
  kubeconform(
    ['-strict', '-summary', ...[...others, schemas].flatMap((at) => ['-schema-location', at])],
    manifests,
  );

execFileSync(join(ROOT, 'infra/k8s-dev/secrets'));
for (const [name, exceptions] of [
  ['k8s-dev', { ...EVERYWHERE, ...DEVELOPMENT }],
  ['k8s-prod', EVERYWHERE],
] as const) {
  const manifests = await overlay(name);
  await step(`${name}: every field is one of Kubernetes'`, () => fits(manifests));
  await step(`${name}: the images that are delivered take its settings`, async () => {
    const said = refusals(manifests);
    must(said.length === 0, () => said.join('; '));
    return 'every service would start';
  });
  await step(`${name}: no secret is an argument`, async () => {
    const told = toldInArguments(manifests);
    must(told.length === 0, () => told.join(', '));
    return 'passwords come by the environment, files and standard input';
  });
  await step(`${name}: nobody is let out further than to named pods and ports`, async () => {
    const found = wide(manifests);
    must(found.length === 0, () => found.join(', '));
    return 'names are asked of kube-dns, what is not in the cluster of the internet alone';
  });
  await step(
    `${name}: payments, and tools for reconcile, know the account and reach Stripe; nobody else`,
    () => {
      const { knowing, reaching } = askingStripe(manifests);
      const asking = knowing.filter((one) => one !== 'sandbox').toSorted();
      // Where the sandbox stands for it, nobody reaches Stripe.
      const reached = name === 'k8s-dev' ? '' : 'payments-service,tools';
      const right = asking.join() === 'payments-service,tools' && reaching.toSorted().join() === reached;
      must(right, () => `knowing: ${knowing.join(', ')}; reaching: ${reaching.join(', ')}`);
      return Promise.resolve(`reaching: ${reaching.join(', ') || 'nobody'}`);
    },
  );
  await step(`${name}: each service publishes on its own channels alone`, () => {
    const stray = strayPublishers(manifests);
    must(stray.length === 0, () => stray.join(', '));
    return Promise.resolve('as the catalogue of events says');
  });
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

await step(
  'k8s-prod with the routes of the Gateway API: every field is one of theirs, every path is there',
  async () => {
    const [plain, routed] = [
      await overlay('k8s-prod'),
      await run('kubectl', ['kustomize', join(ROOT, 'tests/manifests/gateway')]),
    ];
    const [asked, taken] = [pathsOf(plain), pathsOf(routed)];
    must(asked.length > 0 && asked.join() === taken.join(), () => `${asked.join()} became ${taken.join()}`);
    return fits(routed);
  },
);

for (const place of ['infra/k8s-dev', 'infra/k8s-prod', 'tests/cluster/production'])
  await step(`${place}: every image of ours has a tag`, async () => {
    const manifests = await run('kubectl', ['kustomize', join(ROOT, place)]);
    const ours = new Set([...manifests.matchAll(/image: (ticketing\/\S+)/g)].map(([, image = '']) => image));
    const bare = [...ours].filter((image) => !image.includes(':'));
    must(ours.size > 0 && bare.length === 0, () => `no tag: ${bare.join(', ')}`);
    return `${ours.size} images`;
  });

await step('skaffold builds for production what runs there', async () => {
  const said = wronglyBuilt(await readFile(join(ROOT, 'skaffold.yaml'), 'utf8'), await overlay('k8s-prod'));
  must(said.length === 0, () => said.join(', '));
  return 'each from its last target';
});

await step('actionlint', async () => (await actionlint(['-color=false'])) || 'the workflows are well formed');

await rehearse(ROOT, join(folder, 'rehearsal'));

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
