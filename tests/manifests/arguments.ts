import { parseAllDocuments } from 'yaml';

interface Container {
  name: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: object } }[];
}

interface Workload {
  metadata: { name: string };
  spec?: { template?: { spec: { initContainers?: Container[]; containers: Container[] } } };
}

/** Containers in whose arguments Kubernetes would write a secret, for everybody on the node to read. */
export const toldInArguments = (overlay: string): string[] =>
  parseAllDocuments(overlay)
    .map((one) => one.toJS() as Workload)
    .flatMap(({ metadata, spec }) => {
      const pod = spec?.template?.spec;
      return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])]
        .filter(tells)
        .map(({ name }) => `${metadata.name}/${name}`);
    });

function tells({ env = [], ...container }: Container): boolean {
  const secret = new Set<string>();
  // In order, as a variable may speak of those before it.
  for (const { name, value = '', valueFrom } of env)
    if (valueFrom?.secretKeyRef || [...secret].some((other) => value.includes(`$(${other})`)))
      secret.add(name);
  // Probes and hooks are processes as well; a shell's own `$NAME` is no argument until it makes it one.
  const said = JSON.stringify(container);
  return [...secret].some((name) => said.includes(`$(${name})`));
}
