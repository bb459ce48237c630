import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import { orderFor, visitor, type Visitor } from '@ticketing/suite/api';
import jwt from 'jsonwebtoken';
import { MongoClient } from 'mongodb';
import { type Shape, SHAPES, START_LIMIT, type StartedSuite, startSuite } from '../suite.ts';

const ID = 'a'.repeat(24);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const cookieOf = (token: string) => Buffer.from(JSON.stringify({ jwt: token })).toString('base64');
const headerOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { alg: string; kid: string };

describe.each(Object.keys(SHAPES) as Shape[])('the suite as %s', (shape) => {
  let suite: StartedSuite;
  let people = 0;
  beforeAll(async () => {
    suite = await startSuite(shape);
  }, START_LIMIT);
  afterAll(() => suite.destroy());

  const secrets = async () =>
    JSON.parse(await readFile(join(suite.home, 'secrets.json'), 'utf8')) as Record<string, string>;
  const person = async () => {
    const somebody = visitor(suite.origin);
    const email = `person-${(people += 1)}@example.com`;
    const { status, body } = await somebody.post('/api/users/signup', { email, password: 'tickets-please' });
    expect(status).toBe(201);
    return Object.assign(somebody, { email, id: body.currentUser.id as string });
  };
  const tokenOf = (who: Visitor) => {
    const { value = '' } = who.cookies.get('ticketing-session') ?? {};
    return (JSON.parse(Buffer.from(value, 'base64').toString()) as { jwt: string }).jwt;
  };

  test('nobody makes a token whom the services or the pages take for somebody', async () => {
    const { TOKEN_PUBLIC_KEYS } = await secrets();
    const [jwk] = (JSON.parse(TOKEN_PUBLIC_KEYS!) as { keys: [JsonWebKey & { kid: string }] }).keys;
    const open = createPublicKey({ key: jwk, format: 'jwk' });
    const theirs = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    const who = await person();
    const claims = { sub: who.id, email: 'eve@example.com', roles: ['admin'], sessionId: ID };
    const now = Math.floor(Date.now() / 1000);
    const whole = { ...claims, iss: 'ticketing/auth', aud: 'ticketing', iat: now, exp: now + 300 };
    const by = (header: object, secret: string | Buffer, hash = 'sha256') => {
      const text = `${part(header)}.${part(whole)}`;
      return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
    };
    const { kid } = jwk;
    const [good, mac] = [tokenOf(who), open.export({ type: 'spki', format: 'pem' })];
    const forged = {
      unsigned: `${part({ alg: 'none', kid })}.${part(whole)}.`,
      'HS256 by the public key': by({ alg: 'HS256', kid }, mac),
      'HS256 by the public key as bytes': by(
        { alg: 'HS256', kid },
        open.export({ type: 'spki', format: 'der' }),
      ),
      'HS256 by the public key as configured': by({ alg: 'HS256', kid }, TOKEN_PUBLIC_KEYS!),
      'HS512 by the public key': by({ alg: 'HS512', kid }, mac, 'sha512'),
      'HS256 by nothing': by({ alg: 'HS256' }, ''),
      'of before there were key pairs': by({ alg: 'HS256' }, 'k'.repeat(32)),
      'by another key': jwt.sign(whole, theirs, { algorithm: 'ES256', keyid: kid }),
      'by a key that nobody knows': jwt.sign(whole, theirs, { algorithm: 'ES256', keyid: 'theirs' }),
      'by a key of its own header': jwt.sign(whole, theirs, {
        algorithm: 'ES256',
        header: { alg: 'ES256', jwk: createPublicKey(theirs).export({ format: 'jwk' }) } as jwt.JwtHeader,
      }),
      'on another curve': jwt.sign(whole, P384, { algorithm: 'ES384', keyid: kid }),
      'with another payload': good.replace(/\.[^.]+\./, `.${part(whole)}.`),
    };
    for (const [how, token] of Object.entries(forged)) {
      for (const [method, path] of [
        ['GET', '/api/users/sessions'],
        ['POST', '/api/tickets'],
        ['GET', '/api/orders'],
        ['GET', '/api/payments'],
      ] as const)
        for (const headers of [
          { authorization: `Bearer ${token}` },
          { cookie: `ticketing-session=${cookieOf(token)}` },
        ]) {
          const { status } = await fetch(suite.origin + path, { method, headers });
          expect(`${how}: ${method} ${path} ${status}`).toBe(`${how}: ${method} ${path} 401`);
        }
      const page = await fetch(`${suite.origin}/`, {
        headers: { cookie: `ticketing-session=${cookieOf(token)}; ticketing-exchanged=none` },
      });
      expect(page.status).toBe(200);
      expect(await page.text()).not.toContain('eve@example.com');
    }
    const page = await fetch(`${suite.origin}/`, {
      headers: { cookie: `ticketing-session=${cookieOf(good)}` },
    });
    expect(await page.text()).toContain(who.email);
  });

  if (shape === 'services') {
    test('only auth has what signs, and only admissions what signs codes', async () => {
      const { TOKEN_PRIVATE_KEYS, REFRESH_KEYS, ADMISSION_KEYS } = await secrets();
      const environmentOf = async (name: string) =>
        readFile(`/proc/${await suite.pidOf(name)}/environ`, 'utf8');
      expect(await environmentOf('auth')).toContain(REFRESH_KEYS);
      const halves = (jwks = '') => jwks.match(/(?<="d":")[^"]+/g)!;
      expect(await environmentOf('admissions')).toContain(halves(ADMISSION_KEYS)[0]);
      const tokens = [REFRESH_KEYS!, ...halves(TOKEN_PRIVATE_KEYS)];
      for (const name of [
        'auth',
        'events',
        'tickets',
        'orders',
        'payments',
        'expiration',
        'admissions',
        'client',
      ]) {
        const environment = await environmentOf(name);
        expect(environment).toContain('TOKEN_PUBLIC_KEYS=');
        for (const secret of [
          ...(name === 'auth' ? [] : tokens),
          ...(name === 'admissions' ? [] : halves(ADMISSION_KEYS)),
        ])
          expect(`${name} has it: ${environment.includes(secret)}`).toBe(`${name} has it: false`);
      }
    });

    test('without auth, who is signed in goes on selling and buying, and the pages know them', async () => {
      const [seller, buyer] = [await person(), await person()];
      const auth = await suite.pidOf('auth');
      process.kill(auth, 'SIGSTOP');
      try {
        const { status, body } = await seller.post('/api/tickets', { title: 'Stalls', price: 2500 });
        expect(status).toBe(201);
        const order = await eventually(async () => {
          const reply = await buyer.post('/api/orders', orderFor([body.id]));
          return reply.status === 201 && reply.body;
        });
        const payment = { orderId: order.id, paymentMethod: 'pm_card_visa' };
        await eventually(async () => (await buyer.post('/api/payments', payment)).status < 300);
        expect((await buyer.get(`/orders/${order.id}`)).body).toContain(buyer.email);
      } finally {
        process.kill(auth, 'SIGCONT');
      }
    });
    return;
  }

  test('who was signed in under the release before stays so, and gets tokens of now', async () => {
    const who = await person();
    const [sessionId = ''] = who.cookies.get('ticketing-refresh')!.value.split('.');
    const client = await MongoClient.connect(suite.running.mongoUrl);
    await client
      .db('auth')
      .collection<{ _id: string }>('sessions')
      .updateOne({ _id: sessionId }, { $unset: { ours: '', endsAt: '', by: '' } });
    await client.close();
    await suite.stop();
    const JWT_KEY = 'j'.repeat(64);
    const { STRIPE_KEY, STRIPE_WEBHOOK_SECRET } = await secrets();
    const file = join(suite.home, 'secrets.json');
    await writeFile(file, JSON.stringify({ JWT_KEY, STRIPE_KEY, STRIPE_WEBHOOK_SECRET }));
    const token = jwt.sign({ email: who.email, roles: ['user'], sessionId }, JWT_KEY, {
      subject: who.id,
      issuer: 'ticketing/auth',
      audience: 'ticketing',
      expiresIn: 3600,
    });
    const mac = createHmac('sha256', JWT_KEY).update(`refresh:${sessionId}.0`).digest('base64url');
    who.cookies.set('ticketing-session', { value: cookieOf(token), path: '/' });
    who.cookies.set('ticketing-refresh', {
      value: `${sessionId}.0.${mac}`,
      path: '/api/users/refresh',
    });
    await suite.startAgain();

    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await secrets()).toMatchObject({ JWT_KEY, STRIPE_KEY });
    expect((await who.get('/api/orders')).status).toBe(200);
    expect((await who.get('/')).body).toContain(who.email);
    // Nothing was exchanged for that.
    expect(tokenOf(who)).toBe(token);
    expect((await who.post('/api/users/refresh', {})).status).toBe(200);
    expect(headerOf(tokenOf(who)).alg).toBe('ES256');
    expect((await who.get('/')).body).toContain(who.email);
    expect((await who.post('/api/users/refresh', {})).status).toBe(200);
  });

  test('keys change one by one, and nobody is signed out', async () => {
    const who = await person();
    const first = headerOf(tokenOf(who)).kid;
    const step = async (...what: string[]) => {
      const { code, output } = await suite.command('keys', ...what);
      expect(output).toContain('done in');
      for (const secret of Object.values(await secrets())) expect(output).not.toContain(secret);
      expect(code).toBe(0);
    };
    for (const name of ['add', 'use']) {
      await step(name, 'tokens');
      await step(name, 'refresh');
      await suite.stop();
      await suite.startAgain();
      // By the token of the first key, and without an exchange.
      expect((await who.get('/api/orders')).status).toBe(200);
      expect(headerOf(tokenOf(who)).kid).toBe(first);
    }
    // As when the access token has run out: a fresh one is not exchanged.
    who.cookies.delete('ticketing-session');
    expect((await who.post('/api/users/refresh', {})).status).toBe(200);
    expect(headerOf(tokenOf(who)).kid).not.toBe(first);
    await step('drop', 'tokens');
    await step('drop', 'refresh');
    await suite.stop();
    await suite.startAgain();
    expect((await who.get('/api/orders')).status).toBe(200);
    expect((await who.post('/api/users/refresh', {})).status).toBe(200);
    expect((await suite.command('keys', 'drop', 'tokens')).output).toContain('There is no key to drop');
  });
});
