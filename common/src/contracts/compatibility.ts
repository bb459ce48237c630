import type { JsonSchema } from './json-schema.ts';

interface Allowances {
  /**
   * Enums may grow: right for a release whose readers are all rolled out before any writer sends the new value,
   * and for nothing else.
   */
  newValues?: boolean;
}

/**
 * What of a contract's change would break a program that knows only the other version, a sentence each.
 * Messages outlive a release in brokers and outboxes, and services are rolled one by one, so each version must read
 * what the other writes (Avro's *full* compatibility): new optional fields may come, nothing else may change.
 */
export function breaks(
  released: JsonSchema,
  current: JsonSchema,
  allowed: Allowances = {},
  path = '',
): string[] {
  const at = path || 'the event';
  const inside = (key: string) => (path === '' ? key : `${path}.${key}`);
  const fields = Object.entries(released.properties ?? {}).flatMap(([key, before]) => {
    const now = current.properties?.[key];
    return now ? breaks(before, now, allowed, inside(key)) : [`${inside(key)} was removed`];
  });
  const items =
    released.items && current.items ? breaks(released.items, current.items, allowed, `${at}[]`) : [];
  return [
    ...constraints(released, current).map((change) => `${at}: ${change}`),
    ...values(released, current, allowed).map((change) => `${at}: ${change}`),
    ...requirements(released, current).map(([key, change]) => `${inside(key)} ${change}`),
    ...fields,
    ...items,
  ];
}

/** Keywords that say nothing about which values are valid. */
const NOTES = ['$schema', '$id', 'title', 'description', 'examples', 'default'];
/** Keywords that are looked into. */
const PARTS = ['properties', 'required', 'items', 'enum'];

const constraints = (released: JsonSchema, current: JsonSchema) => [
  ...[...new Set([...Object.keys(released), ...Object.keys(current)])]
    .filter((key) => ![...NOTES, ...PARTS].includes(key))
    .filter((key) => JSON.stringify(released[key]) !== JSON.stringify(current[key]))
    .map((key) => `${key} was ${JSON.stringify(released[key])} and is ${JSON.stringify(current[key])}`),
  ...(['items', 'enum'] as const)
    .filter((key) => (released[key] === undefined) !== (current[key] === undefined))
    .map((key) => `${key} ${released[key] ? 'went' : 'came'}`),
];

const values = (released: JsonSchema, current: JsonSchema, { newValues = false }: Allowances) => {
  if (!released.enum || !current.enum) return [];
  const { enum: before } = released;
  const { enum: now } = current;
  return [
    ...before
      .filter((value) => !now.includes(value))
      .map((value) => `the value ${String(value)} was removed`),
    ...now
      .filter((value) => !newValues && !before.includes(value))
      .map((value) => `the value ${String(value)} is unknown to released readers`),
  ];
};

const requirements = (released: JsonSchema, current: JsonSchema) => {
  const before = released.required ?? [];
  const now = current.required ?? [];
  return [
    ...now.filter((key) => !before.includes(key)).map((key) => [key, 'became required'] as const),
    ...before
      .filter((key) => !now.includes(key) && current.properties?.[key])
      .map((key) => [key, 'is no longer required'] as const),
  ];
};
