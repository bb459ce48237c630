import express, { Router } from 'express';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { authenticate } from './domain.ts';
import { isApiError, missing } from './errors.ts';
import { answer } from './idempotency.ts';
import { createMethod } from './methods.ts';
import { CreateMethod } from './params.ts';
import { intentJson } from './shapes.ts';
import { randomId, type Store } from './store.ts';

const Challenge = z.object({ client_secret: z.string(), outcome: z.enum(['complete', 'fail']) });

/**
 * What Stripe.js does in the page: turn a card into a payment method, show an intent, answer the bank's challenge.
 * The client secret is the permission, so the origin's proxy may expose these paths, and only these.
 */
export const browserRoutes = (store: Store, now: () => number): Router =>
  Router()
    .use(express.json({ limit: '10kb', inflate: false }))
    .post('/payment_methods', async (req, res) => {
      const form = CreateMethod.safeParse(req.body);
      if (!form.success)
        return void res.status(400).json({ error: { message: z.prettifyError(form.error) } });
      const { status, body } = answer(await createMethod(store, form.data.card, randomUUID(), now()));
      res.status(status).json(body);
    })
    .get('/payment_intent', async (req, res) => {
      const secret = z.string().safeParse(req.query['client_secret']).data ?? '';
      const intent = await store.intents.findOne({ _id: secret.split('_secret_')[0] ?? '', secret });
      const { status, body } = answer(intent ? intentJson(intent) : missing('payment_intent', ''));
      res.status(status).json(body);
    })
    .post('/authenticate', async (req, res) => {
      const challenge = Challenge.safeParse(req.body);
      if (!challenge.success)
        return void res.status(400).json({ error: { message: z.prettifyError(challenge.error) } });
      const { client_secret: secret, outcome } = challenge.data;
      const _id = secret.split('_secret_')[0] ?? '';
      const result = await store.change({ _id, secret }, authenticate(outcome, randomId('ch'), now()));
      const { status, body } = answer(
        isApiError(result) ? result : (result.error ?? intentJson(result.intent)),
      );
      res.status(status).json(body);
    });
