import express, { type RequestHandler, Router } from 'express';
import { randomUUID } from 'node:crypto';
import { noSuchMethod } from './cards.ts';
import { uncharged } from './currencies.ts';
import { decide } from './disputes.ts';
import { cancel, confirm } from './domain.ts';
import { type ApiError, invalidRequest, isApiError, missing } from './errors.ts';
import type { FaultBox } from './faults.ts';
import { answer, type Once } from './idempotency.ts';
import { listing, since } from './lists.ts';
import { createMethod, findCard } from './methods.ts';
import {
  CancelIntent,
  ConfirmIntent,
  CreateIntent,
  CreateMethod,
  CreateRefund,
  parse,
  SubmitEvidence,
} from './params.ts';
import { refund } from './refunds.ts';
import { send, serve as serving } from './serve.ts';
import { chargeJson, disputeJson, intentJson, refundJson } from './shapes.ts';
import { idFrom, type Store } from './store.ts';

export const api = (
  store: Store,
  once: Once,
  faults: FaultBox,
  key: string | undefined,
  now: () => number,
): Router => {
  const serve = serving(once, faults);

  const authenticated: RequestHandler = (req, res, next) => {
    const given = /^Bearer (sk_test_\S+)$/.exec(req.get('authorization') ?? '')?.[1];
    if (given && (key === undefined || given === key)) return next();
    send(res, answer(invalidRequest(401, 'Invalid API Key provided')));
  };

  /** A decline changes the intent and is an error that carries it. */
  const changed = (result: Awaited<ReturnType<Store['change']>>): ApiError | object => {
    if (isApiError(result)) return result;
    const { intent, error } = result;
    const charge = intent.charges.at(-1)?.id;
    return error
      ? {
          ...error,
          error: { ...error.error, ...(charge ? { charge } : {}), payment_intent: intentJson(intent) },
        }
      : intentJson(intent);
  };

  const decided = async (id: string, outcome: 'won' | 'lost'): Promise<ApiError | object> => {
    const result = await store.change({ 'disputes.id': id }, decide(id, outcome, now()));
    if (isApiError(result)) return result;
    const dispute = result.intent.disputes?.find((one) => one.id === id);
    return dispute ? disputeJson(result.intent, dispute) : missing('dispute', id);
  };

  return Router()
    .use((_req, res, next) => {
      res.set('request-id', `req_${randomUUID()}`);
      next();
    })
    .use(authenticated, express.urlencoded({ extended: true, inflate: false }))
    .post(
      '/payment_intents',
      serve(async (req, idempotencyKey) => {
        const wanted = parse(CreateIntent, req.body);
        if (isApiError(wanted)) return wanted;
        const refused = uncharged(wanted.amount, wanted.currency);
        if (refused) return refused;
        const id = idFrom('pi', idempotencyKey);
        return intentJson(
          await store.create({
            _id: id,
            version: 0,
            created: now(),
            amount: wanted.amount,
            currency: wanted.currency,
            status: 'requires_payment_method',
            secret: `${id}_secret_${randomUUID().replaceAll('-', '')}`,
            metadata: wanted.metadata,
            description: wanted.description ?? null,
            method: null,
            charges: [],
            refunds: [],
          }),
        );
      }),
    )
    .post(
      '/payment_intents/:id/confirm',
      serve(async (req, idempotencyKey) => {
        const wanted = parse(ConfirmIntent, req.body);
        if (isApiError(wanted)) return wanted;
        const method = wanted.payment_method;
        const found = await findCard(store, method);
        if (!found) return noSuchMethod(method);
        const chargeId = idFrom('ch', idempotencyKey);
        return changed(
          await store.change(
            { _id: req.params.id },
            confirm({ key: idempotencyKey, method, card: found, chargeId, now: now() }),
          ),
        );
      }),
    )
    .post(
      '/payment_intents/:id/cancel',
      serve(async (req) => {
        const wanted = parse(CancelIntent, req.body);
        return isApiError(wanted)
          ? wanted
          : changed(await store.change({ _id: req.params.id }, cancel(now())));
      }),
    )
    .post(
      '/refunds',
      serve(async (req, idempotencyKey) => {
        const wanted = parse(CreateRefund, req.body);
        if (isApiError(wanted)) return wanted;
        const id = idFrom('re', idempotencyKey);
        const { payment_intent, amount, metadata } = wanted;
        const result = await store.change(
          { _id: payment_intent },
          refund({ id, key: idempotencyKey, amount, metadata, now: now() }),
        );
        if (isApiError(result)) return result;
        const made = result.intent.refunds.find((one) => one.id === id);
        return made ? refundJson(result.intent, made) : missing('refund', id);
      }),
    )
    .post(
      '/payment_methods',
      serve(async (req, idempotencyKey) => {
        const wanted = parse(CreateMethod, req.body);
        return isApiError(wanted) ? wanted : createMethod(store, wanted.card, idempotencyKey, now());
      }),
    )
    .get(
      '/payment_intents/:id',
      serve(async ({ params: { id } }) => {
        const intent = await store.find(id);
        return intent ? intentJson(intent) : missing('payment_intent', id);
      }),
    )
    .get(
      '/charges/:id',
      serve(async ({ params: { id } }) => {
        const intent = await store.intents.findOne({ 'charges.id': id });
        const charge = intent?.charges.find((one) => one.id === id);
        return intent && charge ? chargeJson(intent, charge) : missing('charge', id);
      }),
    )
    .get(
      '/refunds/:id',
      serve(async ({ params: { id } }) => {
        const intent = await store.intents.findOne({ 'refunds.id': id });
        const made = intent?.refunds.find((one) => one.id === id);
        return intent && made ? refundJson(intent, made) : missing('refund', id);
      }),
    )
    .get(
      '/payment_intents',
      serve(({ query }) => listing(store, 'payment_intents', query)),
    )
    .get(
      '/charges',
      serve(({ query }) => listing(store, 'charges', query)),
    )
    .get(
      '/refunds',
      serve(({ query }) => listing(store, 'refunds', query)),
    )
    .get(
      '/disputes',
      serve(({ query }) => listing(store, 'disputes', query)),
    )
    .post(
      '/disputes/:id',
      serve(async (req) => {
        const wanted = parse(SubmitEvidence, req.body);
        if (isApiError(wanted)) return wanted;
        return decided(
          req.params.id,
          wanted.evidence.uncategorized_text === 'winning_evidence' ? 'won' : 'lost',
        );
      }),
    )
    .post(
      '/disputes/:id/close',
      serve((req) => decided(req.params.id, 'lost')),
    )
    .get(
      '/events',
      serve(({ query }) => since(store, 'events', query)),
    )
    .get(
      '/balance_transactions',
      serve(({ query }) => since(store, 'balance_transactions', query)),
    )
    .use((req, res) =>
      send(res, answer(invalidRequest(404, `Unrecognized request URL (${req.method}: ${req.originalUrl}).`))),
    );
};
