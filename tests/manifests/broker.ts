import { CATALOGUE, MESSAGES } from '@ticketing/common/contracts/catalogue';
import { parseAllDocuments } from 'yaml';

interface StatefulSet {
  kind: string;
  metadata: { name: string };
  spec: { volumeClaimTemplates: { spec: { resources: { requests: { storage: string } } } }[] };
}

/** What the broker's channels may fill together and what it claims, in megabytes, and how many channels are to spare. */
export function brokerDisk(overlay: string): { spare: number; most: number; claim: number } {
  const limit = (name: string) => Number(new RegExp(`\\b${name}[=:] ?(\\d+)`).exec(overlay)?.[1]);
  const broker = parseAllDocuments(overlay)
    .map((one) => one.toJS() as StatefulSet)
    .find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'nats');
  const storage = broker?.spec.volumeClaimTemplates[0]?.spec.resources.requests.storage;
  return {
    spare: limit('max_channels') - MESSAGES.length,
    // A channel is kept in files of a fourth of its limit, which go whole.
    most: limit('max_channels') * limit('max_bytes') * 1.25,
    claim: (parseInt(storage ?? '') * 1024 ** 3) / 1e6,
  };
}

interface ConfigMap {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
}

/** How the broker's users differ from the catalogue: who may publish what is not theirs, or not what is. */
export function strayPublishers(overlay: string): string[] {
  const users = parseAllDocuments(overlay)
    .map((one) => one.toJS() as ConfigMap)
    .find(({ kind, data }) => kind === 'ConfigMap' && data?.['users.conf'] !== undefined)?.data?.[
    'users.conf'
  ];
  const granted = new Set(
    (users ?? '')
      .split(/\buser: /)
      .slice(1)
      .flatMap((part) =>
        [...part.matchAll(/"_STAN\.pub\.\*\.([^"]+)"/g)].map(
          ([, subject]) => `${/^\w+/.exec(part)?.[0]} ${subject}`,
        ),
      ),
  );
  const meant = new Set(
    Object.entries(CATALOGUE).flatMap(([service, events]) =>
      events.map(({ subject }) => `${service} ${subject}`),
    ),
  );
  return [...granted, ...meant].filter((one) => granted.has(one) !== meant.has(one));
}
