import { z } from 'zod';
import { type ApiError, invalidRequest } from './errors.ts';

const Metadata = z.record(z.string(), z.string()).default({});
export const CreateIntent = z.strictObject({
  amount: z.coerce.number().int().positive(),
  currency: z.string().toLowerCase(),
  automatic_payment_methods: z.strictObject({
    enabled: z.literal('true'),
    allow_redirects: z.literal('never'),
  }),
  description: z.string().optional(),
  metadata: Metadata,
});
export const ConfirmIntent = z.strictObject({
  payment_method: z.string(),
  return_url: z.string().optional(),
});
export const CancelIntent = z.strictObject({ cancellation_reason: z.string().optional() });
export const CreateRefund = z.strictObject({
  payment_intent: z.string(),
  amount: z.coerce.number().int().positive().optional(),
  reason: z.string().optional(),
  metadata: Metadata,
});
/** Stripe's words for tests: `winning_evidence`, `losing_evidence`. */
export const SubmitEvidence = z.strictObject({
  evidence: z.strictObject({ uncategorized_text: z.enum(['winning_evidence', 'losing_evidence']) }),
  submit: z.string().optional(),
});
export const CreateMethod = z.strictObject({
  type: z.literal('card').default('card'),
  card: z.strictObject({
    number: z.string(),
    exp_month: z.coerce.number().int(),
    exp_year: z.coerce.number().int(),
    cvc: z.string().optional(),
  }),
});

/** Bodies are form-encoded; an unknown or wrong parameter is refused by its name, as Stripe does. */
export const parse = <T>(schema: z.ZodType<T>, body: unknown): T | ApiError => {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [first = '', ...rest] = [
    ...(issue?.path ?? []),
    ...(issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []),
  ];
  const param = [String(first), ...rest.map((key) => `[${String(key)}]`)].join('');
  const known = issue?.code !== 'unrecognized_keys';
  return invalidRequest(
    400,
    known ? `Invalid ${param}: ${issue?.message}` : `Received unknown parameter: ${param}`,
    {
      param,
      code: known ? 'parameter_invalid' : 'parameter_unknown',
    },
  );
};
