import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

/** Has this process reach `host` at the address of the cluster's ingress, and trust who signed its certificate. */
export function reach(host: string, address: string, authority: string) {
  const { lookup } = dns;
  const redirected = (name: string, ...rest: unknown[]) =>
    (lookup as (...args: unknown[]) => void)(name === host ? address : name, ...rest);
  dns.lookup = redirected as typeof lookup;
  tls.setDefaultCACertificates([...tls.getCACertificates(), readFileSync(authority, 'utf8')]);
}
