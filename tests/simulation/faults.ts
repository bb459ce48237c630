import type { Dice } from './random.ts';

/** Everything that can go wrong by itself, with how likely it is each time it could. */
export const LIKELIHOOD = {
  'write-refused': 0.03,
  'write-answer-lost': 0.02,
  'publish-refused': 0.08,
  'publish-answer-lost': 0.04,
  'ack-lost': 0.05,
  repeated: 0.05,
  'reply-lost': 0.03,
  'stripe-before': 0.08,
  'stripe-after': 0.08,
  'stripe-refuses': 0.03,
  'create-refused': 0.2,
  'key-used': 0.9,
  'webhook-twice': 0.2,
  'webhook-never': 0.3,
  'refund-fails': 0.25,
  dashboard: 0.25,
  disputed: 0.25,
  skew: 0.3,
} as const;
export type Fault = keyof typeof LIKELIHOOD;

/** What must be survived without the second looks: others are slow, deaf or repeat themselves, but nobody dies. */
export const MILD: Partial<Record<Fault, number>> = {
  'publish-refused': 0.08,
  'ack-lost': 0.05,
  repeated: 0.05,
  'reply-lost': 0.03,
  'stripe-before': 0.25,
  'stripe-refuses': 0.03,
  'create-refused': 0.2,
  'key-used': 0.9,
  'webhook-twice': 0.2,
  'webhook-never': 0.3,
  'refund-fails': 0.25,
  dashboard: 0.25,
  disputed: 0.25,
};

export interface Faults {
  happens(fault: Fault): boolean;
  heal(): void;
  count(): number;
}

/** Lets at most `budget` things go wrong, until all is healed. */
export function faultBudget(
  random: Dice,
  budget: number,
  likelihood: Partial<Record<Fault, number>> = LIKELIHOOD,
): Faults {
  let left = budget;
  let count = 0;
  return {
    happens(fault) {
      if (left <= 0 || !random.chance(likelihood[fault] ?? 0)) return false;
      left -= 1;
      count += 1;
      return true;
    },
    heal() {
      left = 0;
    },
    count: () => count,
  };
}
