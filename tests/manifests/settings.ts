import { ConfigError } from '@ticketing/common/config';
import { readConfig } from '@ticketing/common/host';
import { cluster } from '@ticketing/common/platform';
import { TEST_KEYS } from '@ticketing/common/testing';
import { suite } from '@ticketing/suite/suite';
import { parseAllDocuments } from 'yaml';

interface Container {
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string } } }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
}

interface Manifest {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  spec?: {
    template?: { metadata: { labels: Record<string, string> }; spec: { containers: [Container] } };
    podSelector?: {
      matchLabels?: Record<string, string>;
      matchExpressions?: { key: string; operator: string; values: string[] }[];
    };
    egress?: { to?: { ipBlock?: object }[]; ports?: { port: number }[] }[];
  };
}

/** Stands in for every secret: long enough for each, and no overlay's business. */
const SECRET = 'x'.repeat(32);
const { TOKEN_PUBLIC_KEYS, CODE_KEY, ADMISSION_KEYS, ...AUTH_KEYS } = TEST_KEYS;
const SECRETS: Record<string, Record<string, string>> = {
  'token-keys': { TOKEN_PUBLIC_KEYS },
  'auth-keys': AUTH_KEYS,
  'admission-keys': { ADMISSION_KEYS },
  codes: { CODE_KEY },
  stripe: { STRIPE_KEY: SECRET, STRIPE_WEBHOOK_SECRET: SECRET },
};

const read = (overlay: string) => parseAllDocuments(overlay).map((one) => one.toJS() as Manifest);

/** Who asks the payment provider: those that have its key, and those that may reach it. */
export function askingStripe(overlay: string): { knowing: string[]; reaching: string[] } {
  const manifests = read(overlay);
  const pods = manifests.flatMap(({ kind, metadata: { name }, spec }) =>
    kind === 'Deployment' && spec?.template ? [{ name, ...spec.template }] : [],
  );
  const outwards = manifests.filter(({ spec }) =>
    spec?.egress?.some(
      ({ to, ports }) => to?.some(({ ipBlock }) => ipBlock) && ports?.some(({ port }) => port === 443),
    ),
  );
  const knows = ({ env = [], envFrom = [] }: Container) =>
    env.some(({ name, valueFrom }) => name === 'STRIPE_KEY' && valueFrom?.secretKeyRef) ||
    envFrom.some(({ secretRef }) => secretRef?.name.startsWith('stripe'));
  const selected = (labels: Record<string, string>) =>
    outwards.some(({ spec }) => {
      const { matchLabels = {}, matchExpressions = [] } = spec?.podSelector ?? {};
      return (
        Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
        matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
      );
    });
  return {
    knowing: pods.filter(({ spec }) => knows(spec.containers[0])).map(({ name }) => name),
    reaching: pods.filter(({ metadata }) => selected(metadata.labels)).map(({ name }) => name),
  };
}

/** What each service would say of an overlay's settings, in the image that delivery deploys: the Dockerfile's last target. */
export function refusals(overlay: string): string[] {
  const manifests = read(overlay);
  for (const [owner, secret] of [
    ['auth', 'auth-keys'],
    ['admissions', 'admission-keys'],
  ] as const) {
    const holders = manifests
      .filter((one) => JSON.stringify(one.spec ?? {}).includes(`"${secret}`))
      .map(({ metadata }) => metadata.name);
    if (holders.join() !== `${owner}-service`)
      return [`${owner} alone may have ${secret}, not ${holders.join()}`];
  }
  const find = (kind: string, name: string) =>
    manifests.find((one) => one.kind === kind && one.metadata.name === name);
  return suite.flatMap((service) => {
    const container = find('Deployment', `${service.name}-service`)?.spec?.template?.spec.containers[0];
    if (!container) return [`${service.name}: there is no Deployment`];
    const settings = (container.envFrom ?? []).map(({ configMapRef, secretRef }) =>
      configMapRef
        ? find('ConfigMap', configMapRef.name)?.data
        : // A generated one has a digest behind its name.
          Object.entries(SECRETS).find(([name]) => secretRef?.name.startsWith(name))?.[1],
    );
    const own = (container.env ?? []).map(({ name, value }) => [name, value ?? SECRET] as const);
    const env = Object.assign({}, ...settings, Object.fromEntries(own), { NODE_ENV: 'production' });
    try {
      readConfig([service], cluster, env as Record<string, string>);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return [`${service.name}: ${error.message}`];
      throw error;
    }
  });
}
