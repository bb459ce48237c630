import { ConfigError } from '@ticketing/common/config';
import { readConfig } from '@ticketing/common/host';
import { cluster } from '@ticketing/common/platform';
import { TEST_KEYS } from '@ticketing/common/testing';
import { suite } from '@ticketing/suite/suite';
import { parseAllDocuments } from 'yaml';

interface Container {
  env?: { name: string; value?: string }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
}

interface Manifest {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  spec?: { template?: { spec: { containers: [Container] } } };
}

/** Stands in for every secret: long enough for each, and no overlay's business. */
const SECRET = 'x'.repeat(32);
const { TOKEN_PUBLIC_KEYS, ...AUTH_KEYS } = TEST_KEYS;
const SECRETS: Record<string, Record<string, string>> = {
  'token-keys': { TOKEN_PUBLIC_KEYS },
  'auth-keys': AUTH_KEYS,
  stripe: { STRIPE_KEY: SECRET, STRIPE_WEBHOOK_SECRET: SECRET },
};

/** What each service would say of an overlay's settings, in the image that delivery deploys: the Dockerfile's last target. */
export function refusals(overlay: string): string[] {
  const manifests = parseAllDocuments(overlay).map((one) => one.toJS() as Manifest);
  const holders = manifests.filter((one) => JSON.stringify(one.spec ?? {}).includes('"auth-keys'));
  if (holders.map(({ metadata }) => metadata.name).join() !== 'auth-service')
    return [`auth alone may have auth-keys, not ${holders.map(({ metadata }) => metadata.name).join()}`];
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
