import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

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
      const schema = { $ref: `definitions.json#/definitions/${name}` };
      await writeFile(join(folder, fileOf(kind, group, version)), JSON.stringify(schema));
    }
  }
  return join(folder, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
}

interface CustomResource {
  kind: string;
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: object } }[];
  };
}

/** The same of the custom resources whose definitions are in `crds`. */
export async function customSchemasOf(crds: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const file of (await readdir(crds)).filter((name) => name.endsWith('.yaml')))
    for (const document of parseAllDocuments(await readFile(join(crds, file), 'utf8'))) {
      const { kind, spec } = document.toJS() as CustomResource;
      if (kind !== 'CustomResourceDefinition') continue;
      for (const { name, schema } of spec.versions)
        await writeFile(
          join(folder, fileOf(spec.names.kind, spec.group, name)),
          JSON.stringify(closed(schema.openAPIV3Schema)),
        );
    }
  return join(folder, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
}

/** A misspelt field is a mistake. */
const closed = (schema: object): object => {
  const parts = Object.entries(schema as Record<string, unknown>).map(([key, value]) => [
    key,
    typeof value === 'object' && value && !Array.isArray(value) ? closed(value) : value,
  ]);
  const open = !('properties' in schema) || 'x-kubernetes-preserve-unknown-fields' in schema;
  return { ...(!open && { additionalProperties: false }), ...Object.fromEntries(parts) } as object;
};

const fileOf = (kind: string, group: string, version: string) =>
  `${[kind.toLowerCase(), group.split('.')[0], version].filter(Boolean).join('-')}.json`;
