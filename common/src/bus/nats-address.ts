import type { StanOptions } from 'node-nats-streaming';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

export interface BrokerAddress {
  /** `nats://[user:password@]host:port`, or `tls://`. */
  url: string;
  clusterId: string;
  user?: string;
  pass?: string;
  token?: string;
  tls?: boolean | TlsOptions;
}

/** The address as the client library takes it, the URL's name and password decoded. Throws a TypeError on another URL. */
export const clientAddress = ({ url, user, pass, token, tls }: BrokerAddress): StanOptions => {
  const parsed = URL.parse(url);
  if (!parsed?.host || !['nats:', 'tls:'].includes(parsed.protocol)) {
    throw new TypeError('The broker needs a URL like nats://host:4222'); // the wrong one may hold a password
  }
  const { protocol, host, username, password } = parsed;
  const known = {
    user: user ?? decodeURIComponent(username),
    pass: pass ?? decodeURIComponent(password),
    token,
    tls,
  };
  return {
    url: `${protocol}//${host}`,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value)),
  };
};
