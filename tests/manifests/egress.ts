import { parseAllDocuments } from 'yaml';

interface Peer {
  namespaceSelector?: object;
  podSelector?: object;
  ipBlock?: { cidr: string; except?: string[] };
}
interface Policy {
  kind: string;
  metadata: { name: string };
  spec: { egress?: { to?: Peer[]; ports?: object[] }[] };
}

/** What is inside a cluster or beside it. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10'];

/** Policies that let pods out further than to named pods, at named ports, or to the internet alone. */
export const wide = (overlay: string): string[] =>
  parseAllDocuments(overlay)
    .map((one) => one.toJS() as Policy)
    .filter(({ kind, spec }) => kind === 'NetworkPolicy' && !(spec.egress ?? []).every(isNarrow))
    .map(({ metadata }) => metadata.name);

const isNarrow = ({ to = [], ports = [] }: { to?: Peer[]; ports?: object[] }) =>
  to.length > 0 &&
  ports.length > 0 &&
  to.every(({ podSelector, ipBlock }) =>
    ipBlock
      ? PRIVATE.every((range) => ipBlock.except?.includes(range))
      : podSelector && Object.keys(podSelector).length > 0,
  );
