import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { AdmissionKeys } from '@ticketing/admissions/keys';
import { PrivateKeys, PublicKeys, Secrets } from '@ticketing/common/http/keys';
import { changed, type Keys } from '../src/keys.ts';

const known = ({ TOKEN_PUBLIC_KEYS }: Keys) => [...PublicKeys.parse(TOKEN_PUBLIC_KEYS).keys()];
const signing = ({ TOKEN_PRIVATE_KEYS }: Keys) => PrivateKeys.parse(TOKEN_PRIVATE_KEYS).map(({ kid }) => kid);
const secrets = ({ REFRESH_KEYS }: Keys) => Secrets.parse(REFRESH_KEYS);
const codes = ({ ADMISSION_KEYS }: Keys) => AdmissionKeys.parse(ADMISSION_KEYS).map(({ kid }) => kid);
const step = (keys: Partial<Keys>, words: string) => changed(keys, words.split(' ')) as Keys;
const newKeys = () => step({}, 'new');

test('new keys are what the services take, and no two sets are alike', () => {
  const keys = newKeys();
  expect(signing(keys)).toEqual(known(keys));
  expect(secrets(keys)).toHaveLength(1);
  expect(keys.TOKEN_PUBLIC_KEYS).not.toContain('"d"');
  expect(known(newKeys())).not.toEqual(known(keys));
});

test('a pair is known before it signs, and signs before the old one is dropped', () => {
  const first = newKeys();
  const [old] = known(first);
  const added = step(first, 'add tokens');
  const [, next] = known(added);
  expect([known(added), signing(added)]).toEqual([
    [old, next],
    [old, next],
  ]);
  const used = step(added, 'use tokens');
  expect([known(used), signing(used)]).toEqual([[old, next], [next]]);
  const dropped = step(used, 'drop tokens');
  expect([known(dropped), signing(dropped)]).toEqual([[next], [next]]);
  expect(dropped.REFRESH_KEYS).toBe(first.REFRESH_KEYS);
});

test('a secret of refresh tokens goes the same way', () => {
  const first = newKeys();
  const [old] = secrets(first);
  const added = step(first, 'add refresh');
  const [, next] = secrets(added);
  expect(secrets(added)).toEqual([old, next]);
  const used = step(added, 'use refresh');
  expect(secrets(used)).toEqual([next, old]);
  expect(secrets(step(used, 'drop refresh'))).toEqual([next]);
  expect(used.TOKEN_PRIVATE_KEYS).toBe(first.TOKEN_PRIVATE_KEYS);
});

test('what signs the codes of tickets goes that way too, and a suite that has none is given one', () => {
  const first = newKeys();
  const [old] = codes(first);
  const added = step(first, 'add admissions');
  const [, next] = codes(added);
  expect(codes(added)).toEqual([old, next]);
  const used = step(added, 'use admissions');
  expect(codes(used)).toEqual([next, old]);
  const dropped = step(used, 'drop admissions');
  expect(codes(dropped)).toEqual([next]);
  expect(dropped.TOKEN_PRIVATE_KEYS).toBe(first.TOKEN_PRIVATE_KEYS);
  const { ADMISSION_KEYS: _, ...before } = first;
  expect(step(before, 'add refresh')).not.toHaveProperty('ADMISSION_KEYS');
  expect(codes(step(before, 'replace admissions'))).toHaveLength(1);
});

test('after a leak nothing of the old one is left', () => {
  const first = newKeys();
  const replaced = step(step(first, 'replace tokens'), 'replace refresh');
  expect(known(replaced)).toEqual(signing(replaced));
  expect(known(replaced)).not.toEqual(known(first));
  expect(secrets(replaced)).not.toContain(first.REFRESH_KEYS);
});

describe('a step out of turn', () => {
  const first = newKeys();
  const added = step(first, 'add tokens');
  test.each([
    [added, 'add tokens', 'A key is added already'],
    [first, 'use tokens', 'There is no other key to use'],
    [first, 'drop tokens', 'There is no key to drop'],
    [added, 'drop tokens', 'The key that was added is not used yet'],
    [first, 'use refresh', 'There is no other key to use'],
    [first, 'drop refresh', 'There is no key to drop'],
    [first, 'use admissions', 'There is no other key to use'],
    [first, 'drop admissions', 'There is no key to drop'],
    [step(first, 'add admissions'), 'add admissions', 'There are two keys'],
    [{ ...first, ADMISSION_KEYS: '' }, 'add admissions', 'it needs ADMISSION_KEYS'],
    [{ ...first, REFRESH_KEYS: '' }, 'add tokens', 'it needs REFRESH_KEYS'],
    [first, 'add', 'Usage: npm run keys'],
    [first, 'change tokens', 'Usage: npm run keys'],
  ])('is refused with a sentence, and changes nothing (%#)', (keys, words, sentence) => {
    expect(() => step(keys, words)).toThrow(sentence);
  });
});

test('lines go in and come out where nothing is installed but Node, also what a set is made of', () => {
  const file = join(import.meta.dirname, '../src/keys.ts');
  const run = (args: string[], input: string) => execFileSync('node', [file, ...args], { input }).toString();
  const made = run(['new'], '');
  expect(made.match(/^\w+/gm)).toEqual([
    'TOKEN_PUBLIC_KEYS',
    'TOKEN_PRIVATE_KEYS',
    'REFRESH_KEYS',
    'ADMISSION_KEYS',
  ]);
  const added = run(['add', 'tokens'], `JWT_KEY_BEFORE=2026-01-01T00:00:00Z\n${made}`);
  expect(added.match(/"kid"/g)).toHaveLength(5);
  expect(added).not.toContain('JWT_KEY_BEFORE');
});
