import fc from 'fast-check';
import type { JsonSchema } from '@ticketing/common/contracts/json-schema';

const fields = ({ properties = {}, required = [] }: JsonSchema) => {
  const all = Object.entries(properties).map(([key, schema]) => [key, valid(schema)] as const);
  return fc.record(Object.fromEntries(all), { requiredKeys: [...required] });
};

const text = ({ format, pattern, minLength = 0, maxLength = 60 }: JsonSchema): fc.Arbitrary<string> => {
  if (format === 'date-time') {
    const range = { min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true };
    return fc.date(range).map((date) => date.toISOString());
  }
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern as string));
  return fc.string({ minLength: minLength as number, maxLength: maxLength as number });
};

/** What a JSON Schema of the contracts lets through, of every shape that it lets through. */
export const valid = (schema: JsonSchema): fc.Arbitrary<unknown> => {
  if ('const' in schema) return fc.constant(schema['const']);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const [min, max] = [schema['minimum'] as number | undefined, schema['maximum'] as number | undefined];
  switch (schema['type']) {
    case 'string':
      return text(schema);
    case 'integer':
      return fc.maxSafeInteger().map((n) => Math.min(Math.max(n, min ?? n), max ?? n));
    case 'boolean':
      return fc.boolean();
    case 'array': {
      const minLength = (schema['minItems'] as number | undefined) ?? 0;
      return fc.array(valid(schema.items ?? {}), { minLength, maxLength: minLength + 3 });
    }
    case 'object':
      return fields(schema);
    default:
      throw new Error(`No values are known for ${JSON.stringify(schema)}`);
  }
};
