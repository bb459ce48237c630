import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Definition {
  properties?: Record<string, unknown>;
  additionalProperties?: unknown;
  format?: string;
  type?: string | string[];
  'x-kubernetes-group-version-kind'?: { group: string; kind: string; version: string }[];
}

/** Writes a cluster's own OpenAPI as the files that kubeconform reads; resolves with where they are. */
export async function schemasOf(
  openapi: { definitions: Record<string, Definition> },
  folder: string,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, definition] of Object.entries(openapi.definitions)) {
    if (definition.properties) definition.additionalProperties ??= false; // a misspelt field is a mistake
    if (definition.format === 'int-or-string' || name.endsWith('.Quantity'))
      definition.type = ['string', 'number'];
  }
  await writeFile(join(folder, 'definitions.json'), JSON.stringify({ definitions: openapi.definitions }));
  for (const [name, definition] of Object.entries(openapi.definitions)) {
    for (const { group, kind, version } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const file = [kind.toLowerCase(), group.split('.')[0], version].filter(Boolean).join('-');
      const schema = { $ref: `definitions.json#/definitions/${name}` };
      await writeFile(join(folder, `${file}.json`), JSON.stringify(schema));
    }
  }
  return join(folder, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
}
