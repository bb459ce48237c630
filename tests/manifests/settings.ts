import { ConfigError } from '@ticketing/common/config';
import { readConfig } from '@ticketing/common/host';
import { cluster } from '@ticketing/common/platform';
import { suite } from '@ticketing/suite/suite';
import { parseAllDocuments } from 'yaml';

interface Container {
  env?: { name: string; value?: string }[];
  envFrom?: { configMapRef?: { name: string } }[];
}

interface Manifest {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  spec?: { template?: { spec: { containers: [Container] } } };
}

/** Stands in for every secret: long enough for each, and no overlay's business. */
const SECRET = 'x'.repeat(32);
const SECRETS = { JWT_KEY: SECRET, STRIPE_KEY: SECRET, STRIPE_WEBHOOK_SECRET: SECRET };

/** What each service would say of an overlay's settings, in the image that delivery deploys: the Dockerfile's last target. */
export function refusals(overlay: string): string[] {
  const manifests = parseAllDocuments(overlay).map((one) => one.toJS() as Manifest);
  const find = (kind: string, name: string) =>
    manifests.find((one) => one.kind === kind && one.metadata.name === name);
  return suite.flatMap((service) => {
    const container = find('Deployment', `${service.name}-service`)?.spec?.template?.spec.containers[0];
    if (!container) return [`${service.name}: there is no Deployment`];
    const settings = (container.envFrom ?? []).map(
      ({ configMapRef }) => configMapRef && find('ConfigMap', configMapRef.name)?.data,
    );
    const own = (container.env ?? []).map(({ name, value }) => [name, value ?? SECRET] as const);
    const env = Object.assign({}, SECRETS, ...settings, Object.fromEntries(own), { NODE_ENV: 'production' });
    try {
      readConfig([service], cluster, env as Record<string, string>);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return [`${service.name}: ${error.message}`];
      throw error;
    }
  });
}
