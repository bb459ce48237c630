import { parseAllDocuments } from 'yaml';

interface Backed {
  kind: string;
  spec: {
    rules: {
      http?: { paths: { path: string; backend: { service: { name: string } } }[] };
      matches?: { path: { value: string } }[];
      backendRefs?: { name: string }[];
    }[];
  };
}

/** Which path leads to which service, whether an Ingress says so or an HTTPRoute. */
export const pathsOf = (overlay: string): string[] =>
  parseAllDocuments(overlay)
    .map((one) => one.toJS() as Backed)
    .filter(({ kind }) => kind === 'Ingress' || kind === 'HTTPRoute')
    .flatMap(({ spec }) => spec.rules)
    .flatMap(({ http, matches = [], backendRefs = [] }) => [
      ...(http?.paths ?? []).map(({ path, backend }) => `${path} ${backend.service.name}`),
      ...matches.flatMap(({ path }) => backendRefs.map(({ name }) => `${path.value} ${name}`)),
    ])
    .sort();
