import http from 'node:http';
import https from 'node:https';
import Stripe from 'stripe';

export interface StripeAccount {
  key: string;
  /** Origin of a stand-in for Stripe: the local sandbox or stripe-mock. */
  url?: string;
  /** Of each call, in milliseconds. */
  timeoutMs?: number;
}

/** Connections are kept: the SDK over node's own http costs half of what it does over fetch. */
const KEPT = { keepAlive: true };

/** The SDK at the version that it pins. It tries each call once, as tries are counted elsewhere. */
export const stripeClient = ({ key, url, timeoutMs = 8000 }: StripeAccount): Stripe => {
  const origin = url === undefined ? undefined : new URL(url);
  const plain = origin?.protocol === 'http:';
  return new Stripe(key, {
    maxNetworkRetries: 0,
    httpClient: over(plain ? new http.Agent(KEPT) : new https.Agent(KEPT)),
    timeout: timeoutMs,
    telemetry: false,
    ...(origin && {
      host: origin.hostname,
      port: origin.port || (plain ? 80 : 443),
      protocol: plain ? ('http' as const) : ('https' as const),
    }),
  });
};

/** The SDK repeats a request whose connection broke, whatever it is told; so it is not told why. */
const over = (agent: http.Agent) => {
  const client = Stripe.createNodeHttpClient(agent);
  const send = client.makeRequest.bind(client);
  client.makeRequest = (...request) =>
    send(...request).catch((cause: unknown) => {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== 'ECONNRESET' && code !== 'EPIPE') throw cause;
      throw new Error('The connection to Stripe broke', { cause });
    });
  return client;
};
