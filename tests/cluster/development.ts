import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { eventually } from '@ticketing/common/testing';
import { makeKey, opened } from '@ticketing/operations/sealed';
import { visitor } from '@ticketing/suite/api';
import { demo } from '@ticketing/suite/demo';
import { broken, load } from '../load.ts';
import { isReady, kubectlIn } from './kubectl.ts';
import { flows } from './policies.ts';
import { must, step } from '../stage.ts';
import { answers, lose, nothingIsLost, ORIGIN, reconciled, roll, serves, streamed } from './suite.ts';

const NAMESPACE = 'ticketing-test';
const PEOPLE = 6;
/** Steady, and light enough for a laptop. */
const PACE = { pause: 250, pages: ['/'] };

/** Prints what the service of this pod says of its health. */
const HEALTH = "fetch('http://127.0.0.1:3001/health').then((r) => r.text()).then(console.log)";

/** `infra/k8s-dev` from an empty namespace to its deletion. */
export async function development(overlay: string): Promise<void> {
  const cluster = kubectlIn(NAMESPACE);
  const { kubectl, pods, settled } = cluster;
  const applied = () => kubectl('apply', '--kustomize', overlay);

  await step('the suite comes up on an empty namespace', async () => {
    await cluster.create();
    await applied();
    await settled();
    await answers();
    return `${(await pods()).length} pods, Pod Security restricted`;
  });

  await step('applying again changes nothing', async () => {
    const each = '{range .items[*]}{.kind} {.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}';
    const versions = () => kubectl('get', '--kustomize', overlay, '--output', `jsonpath=${each}`);
    const before = await versions();
    await applied();
    const after = await versions();
    must(after === before, () => `before:\n${before}after:\n${after}`);
    return `${before.trim().split('\n').length} objects at the version they had`;
  });

  await step('the purchase journey through the ingress', async () => {
    let lines = 0;
    await demo({ origin: ORIGIN, report: () => (lines += 1) });
    return `${lines} lines, every step came out as it should`;
  });

  await step(
    'the live stream is not held back',
    async () => `a new ticket arrived after ${await streamed()} ms`,
  );

  await step('a page of the client', async () => {
    const { status, body } = await visitor(ORIGIN).get<string>('/');
    must(status === 200 && body.includes('<html'), () => `GET / answers ${status}`);
    return `${body.length} characters of HTML`;
  });

  await step('reconcile', () => reconciled(cluster));

  await step('who may not reach a database or the broker cannot', async () => {
    const { tried, missing, leaks, enforced } = await flows(cluster, 'ticketing/auth:dev');
    must(missing.length === 0, () => missing.join('; '));
    if (!enforced) return 'NOT ENFORCED by this cluster: every forbidden flow works';
    must(leaks.length === 0, () => leaks.join('; '));
    return `${tried} flows tried, those of the design and no others`;
  });

  const pressure = await load({ origin: ORIGIN }, PEOPLE, PACE);
  await serves(pressure, 20);

  await step('every Deployment rolls under load', () => roll(cluster, pressure));

  await step('every pod is deleted once under load', async () => {
    const running = (await pods()).filter(({ status }) => status.phase === 'Running');
    for (const { metadata } of running) await lose(metadata.name, cluster, pressure);
    return `${running.length} pods`;
  });

  await step('nothing acknowledged is lost', () => nothingIsLost(cluster, pressure));

  await step('a database whose disk is lost is restored from its backup', async () => {
    const tools = ['deployment/tools', '--', 'env'];
    const keys = await mkdtemp(join(tmpdir(), 'ticketing-keys-'));
    const key = join(keys, 'backup.key');
    const recipient = `BACKUP_RECIPIENT=${await makeKey(key)}`;
    const backup = await cluster.bytes(
      'exec',
      ...tools,
      recipient,
      'node',
      'src/main.ts',
      'backup',
      'tickets',
    );
    must(!backup.includes('"collection"'), () => 'the backup is not encrypted');
    await kubectl('scale', 'deployment/tickets-service', 'statefulset/tickets-mongo', '--replicas=0');
    await kubectl('wait', '--for=delete', 'pod/tickets-mongo-0', '--timeout=600s');
    await kubectl('delete', 'pvc/data-tickets-mongo-0');
    await kubectl('delete', 'job/tickets-initiate', '--ignore-not-found');
    await kubectl('scale', 'statefulset/tickets-mongo', '--replicas=1');
    await applied();
    await kubectl('wait', '--for=condition=Complete', 'job/tickets-initiate', '--timeout=600s');
    const plain = await text(opened(Readable.from([backup]), key));
    await rm(keys, { recursive: true });
    const restore = ['exec', '--stdin', ...tools, 'node', 'src/main.ts', 'restore', 'tickets'];
    const said = await cluster.feed(plain, ...restore);
    await kubectl('scale', 'deployment/tickets-service', '--replicas=1');
    await settled();
    await answers();
    const agreed = await reconciled(cluster);
    const lies = await broken(pressure.acknowledged);
    must(lies.length === 0, () => lies.join('; '));
    return `${said.trim()} ${agreed}`;
  });

  const ready = async (service: string) =>
    (await pods()).some(
      (pod) =>
        isReady(pod) &&
        pod.metadata.name.startsWith(`${service}-service-`) &&
        !pod.metadata.deletionTimestamp,
    );

  await step('without its database a service is unready, and back by itself', async () => {
    await kubectl('scale', 'statefulset/orders-mongo', '--replicas=0');
    await eventually(async () => !(await ready('orders')), { within: 600_000, every: 500 });
    const asked = Date.now();
    const { status } = await visitor(ORIGIN).get('/api/orders');
    const took = Date.now() - asked;
    await kubectl('scale', 'statefulset/orders-mongo', '--replicas=1');
    await eventually(() => ready('orders'), { within: 600_000, every: 500 });
    must(status === 503 && took < 5000, () => `the ingress answered ${status} after ${took} ms`);
    return `503 from the ingress after ${took} ms`;
  });

  await step('without broker and Redis the services are ready, and say what they miss', async () => {
    const health = (service: string) =>
      kubectl('exec', `deployment/${service}-service`, '--', 'node', '-e', HEALTH);
    for (const engine of ['nats', 'redis']) await kubectl('scale', `statefulset/${engine}`, '--replicas=0');
    const missed = await eventually(
      async () => {
        const told = await health('expiration');
        must(told.includes('"degraded":["bus","redis"]'), () => told);
        return told;
      },
      { within: 600_000, every: 1000 },
    );
    for (const engine of ['nats', 'redis']) await kubectl('scale', `statefulset/${engine}`, '--replicas=1');
    await eventually(async () => (await health('expiration')).includes('"degraded":[]'), {
      within: 600_000,
      every: 1000,
    });
    return missed;
  });

  await step('a wrong setting is in the log, a missing secret in the events; what runs goes on', async () => {
    const newest = ['--selector=app.kubernetes.io/name=expiration', '--sort-by=.metadata.creationTimestamp'];
    const log = async () =>
      kubectl(
        'logs',
        (await kubectl('get', 'pods', ...newest, '--output=name')).trim().split('\n').at(-1) ?? '',
      );
    const told = (where: () => Promise<string>, what: string) =>
      eventually(async () => (await where()).includes(what), { within: 600_000, every: 1000 });
    await kubectl('set', 'env', 'deployment/expiration-service', 'REDIS_URL=nonsense');
    await told(log, 'REDIS_URL must be a redis:// URL.');
    const absent = {
      op: 'add',
      path: '/spec/template/spec/containers/0/envFrom/-',
      value: { secretRef: { name: 'absent' } },
    };
    await kubectl(
      'patch',
      'deployment/expiration-service',
      '--type=json',
      `--patch=${JSON.stringify([absent])}`,
    );
    await told(() => kubectl('events'), 'secret "absent" not found');
    must(await ready('expiration'), () => 'the pod that worked is gone');
    await applied();
    await settled();
    return 'both told, and mended by applying the overlay again';
  });

  await step('deleting leaves nothing but volumes', async () => {
    // The jobs go by themselves after ten minutes.
    await kubectl('delete', '--kustomize', overlay, '--ignore-not-found');
    await eventually(async () => (await pods()).length === 0, { within: 600_000, every: 1000 });
    const kinds = 'all,configmap,secret,ingress,networkpolicy,serviceaccount,pdb,hpa,pvc';
    const left = (await kubectl('get', kinds, '--output', 'name')).trim().split('\n');
    const ofEveryNamespace = ['configmap/kube-root-ca.crt', 'serviceaccount/default'];
    const volumes = left.filter((name) => name.startsWith('persistentvolumeclaim/'));
    const others = left.filter((name) => !volumes.includes(name) && !ofEveryNamespace.includes(name));
    must(others.length === 0, () => `left: ${others.join(', ')}`);
    return `${volumes.length} volume claims left`;
  });

  await step('applied again, it has its data', async () => {
    await applied();
    await settled();
    await answers();
    const said = await reconciled(cluster);
    const lies = await broken(pressure.acknowledged);
    must(lies.length === 0, () => lies.join('; '));
    return said;
  });

  await cluster.destroy();
}
