import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, integer, parseConfig } from '../src/config.ts';

const Schema = z.object({
  PORT: integer(0, 65_535).default(3000),
  SECRET: z.string().min(10, 'must have at least 10 characters').describe('signs things'),
  MODE: z.enum(['on', 'off'], 'must be on or off').default('on'),
});
const problems = (env: Record<string, string>): string => {
  try {
    parseConfig(Schema, env);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
};

test('reads what is there and takes the defaults for the rest', () => {
  expect(parseConfig(Schema, { SECRET: 'long enough', MODE: '', OTHER: 'x' })).toEqual({
    PORT: 3000,
    SECRET: 'long enough',
    MODE: 'on',
  });
});

test('every variable that is missing or wrong is named, in a sentence each', () => {
  expect(problems({ PORT: 'eighty', MODE: 'maybe' }).split('\n')).toEqual([
    'PORT must be a whole number.',
    'SECRET is missing: signs things.',
    'MODE must be on or off.',
  ]);
});

test('an empty variable is a missing one', () => {
  expect(problems({ SECRET: '' })).toBe('SECRET is missing: signs things.');
});

test.each([
  ['SECRET', { SECRET: 'hunter2' }, 'SECRET must have at least 10 characters.'],
  ['PORT', { SECRET: 'long enough', PORT: '99999' }, 'PORT must be at most 65535.'],
  ['MODE', { SECRET: 'long enough', MODE: 'hunter2' }, 'MODE must be on or off.'],
])('a wrong %s is told without its value', (_name, env, sentence) => {
  const text = problems(env as unknown as Record<string, string>);
  expect(text).toBe(sentence);
  expect(text).not.toContain('hunter2');
  expect(text).not.toContain('99999');
});

test.each(['1e3', '0x10', '1.5', ' 7', '', 'NaN', '99999999999999999999'])(
  '%j is no whole number',
  (text) => {
    expect(integer(0).safeParse(text).success).toBe(false);
  },
);
