import { Router } from 'express';
import { z } from 'zod';
import { Id } from '@ticketing/common/contracts/message';
import { type MoneyBack, PaymentState, RefundState } from '@ticketing/common/contracts/payment';
import { IdempotencyKey } from '@ticketing/common/idempotency';
import { networkOf } from '@ticketing/common/http/admission';
import { Page, page } from '@ticketing/common/http/page';
import { anyone, type Reply, signedIn } from '@ticketing/common/http/route';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Store } from '@ticketing/common/store';
import type { Attempt, Commands } from './commands.ts';
import type { Payment } from './domain.ts';
import type { Gateway } from './gateway.ts';

const PayOrder = z.strictObject({
  orderId: Id,
  paymentMethod: z
    .string()
    .regex(/^[\w-]{3,255}$/, 'must be the id of a payment method, such as pm_card_visa')
    .meta({ description: "Stripe's id of a payment method" }),
});
const ListPayments = Page.extend({ orderId: Id.optional() });

/** Demanded before the body is read, which may be large and anybody's. */
const Signature = z.object({
  'stripe-signature': z
    .string('is missing')
    .max(2000)
    .meta({ description: "Stripe's, over the bytes of the body; another is refused" }),
});

const PaymentView = PaymentState.omit({ userId: true });
const Challenge = PaymentView.extend({
  clientSecret: z.string().optional().meta({ description: 'For Stripe.js, to authenticate the buyer' }),
});

const view = (payment: Payment): z.output<typeof PaymentView> => ({
  id: payment._id,
  version: payment.version,
  orderId: payment.orderId,
  amount: payment.amount,
  currency: payment.currency,
  status: payment.status,
  ...(payment.reason !== undefined && { reason: payment.reason }),
  ...(payment.challenged !== undefined && { challenged: payment.challenged }),
  ...(payment.lastTry !== undefined && { lastTry: payment.lastTry }),
  ...backOf(payment),
  createdAt: payment.createdAt,
  updatedAt: payment.updatedAt,
});

const backOf = ({ refundedAmount, refundedElsewhere, refund, dispute }: Payment): MoneyBack => ({
  ...(refundedAmount !== undefined && { refundedAmount }),
  ...(refundedElsewhere !== undefined && { refundedElsewhere }),
  ...(refund?.status && { refund: RefundState.parse(refund) }),
  ...(dispute && { dispute }),
});

export const routes = ({ pay, hear }: Commands, Payments: Store<Payment>, gateway: Pick<Gateway, 'verify'>) =>
  Router()
    .post(
      '/api/payments',
      signedIn(
        {
          summary: 'Pay an order',
          headers: IdempotencyKey,
          body: PayOrder,
          finishing: true,
          replies: { 201: PaymentView, 202: Challenge },
        },
        async ({ user, body, headers, req }) =>
          replied(
            await pay(user.id, {
              ...body,
              idempotencyKey: headers['idempotency-key'],
              address: networkOf(req.ip ?? 'unknown'),
            }),
          ),
      ),
    )
    .get(
      '/api/payments',
      signedIn(
        { summary: 'Your payments', query: ListPayments, replies: { 200: z.array(PaymentView) } },
        ({ user, query, req }) =>
          page(
            Payments,
            { userId: user.id, ...(query.orderId !== undefined && { orderId: query.orderId }) },
            query,
            { field: '_id', direction: -1 },
            view,
            { url: req.originalUrl },
          ),
      ),
    )
    .post(
      '/api/payments/webhook',
      anyone(
        {
          summary: "Stripe's webhooks",
          headers: Signature,
          raw: true,
          first: true,
          replies: { 204: 'nothing' },
        },
        async ({ body, headers }) => {
          const delivery = gateway.verify(body, headers['stripe-signature']);
          if (delivery === 'unsigned') {
            return reject('invalid', 'The signature does not fit', {
              errors: [{ field: 'stripe-signature', message: 'is not a signature of this body' }],
            });
          }
          return (await hear(delivery)) ?? { status: 204 };
        },
      ),
    );

/** 201 when paid, 202 while the outcome is open, 402 when declined. */
const replied = (outcome: Attempt | Rejection): Reply | Rejection => {
  if (isRejection(outcome)) return outcome;
  const { payment, clientSecret } = outcome;
  const body = { ...view(payment), ...(clientSecret !== undefined && { clientSecret }) };
  return { status: payment.status === 'started' ? 202 : 201, body };
};
