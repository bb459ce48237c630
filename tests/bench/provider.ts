import { createServer } from 'node:http';
import { ready } from './processes.ts';

/**
 * Stripe's place while a purchase is measured: what a payment asks for, kept in memory and answered at once. A process of
 * its own, whose processor is counted for nobody; it sends no webhooks. Asked again under the same key it answers the same.
 */
const intents = new Map<string, { id: string; amount: number; metadata: Record<string, string> }>();
const answers = new Map<string, string>();
/** A run remembers enough, and grows no further. */
const KEPT = 20_000;
let made = 0;

const json = (id: string, status: string) => {
  const intent = intents.get(id);
  return JSON.stringify({
    object: 'payment_intent',
    ...intent,
    client_secret: `${id}_secret`,
    last_payment_error: null,
    status,
  });
};

const create = (form: URLSearchParams) => {
  const id = `pi_${process.pid}x${++made}`;
  const metadata = ['paymentId', 'orderId'].map((name) => [name, form.get(`metadata[${name}]`) ?? '']);
  intents.set(id, { id, amount: Number(form.get('amount')), metadata: Object.fromEntries(metadata) });
  return json(id, 'requires_payment_method');
};

const answer = (url: string, form: URLSearchParams) => {
  const [, , kind, id, step] = url.split(/[/?]/);
  if (kind !== 'payment_intents' || id === undefined)
    return kind === 'payment_intents' && form.size > 0
      ? create(form)
      : JSON.stringify({ object: 'list', url, data: [], has_more: false });
  return json(id, step === 'cancel' ? 'canceled' : 'succeeded');
};

const server = createServer((req, res) => {
  let body = '';
  req.setEncoding('latin1').on('data', (text: string) => {
    body += text;
  });
  req.on('end', () => {
    const key = req.headers['idempotency-key'] as string | undefined;
    const told = (key && answers.get(key)) ?? answer(req.url ?? '', new URLSearchParams(body));
    if (key) answers.set(key, told);
    for (const old of [intents, answers]) if (old.size > KEPT) old.delete(old.keys().next().value ?? '');
    res
      .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(told) })
      .end(told);
  });
});
server.keepAliveTimeout = 65_000;
const port = Number(process.env['PORT']);
server.listen(port, '127.0.0.1', () => ready(port, 0));
