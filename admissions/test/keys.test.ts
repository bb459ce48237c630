import { expect, test } from '@jest/globals';
import { TEST_KEYS } from '@ticketing/common/testing';
import { AdmissionKeys } from '../src/keys.ts';

const { keys } = JSON.parse(TEST_KEYS.ADMISSION_KEYS) as { keys: [Record<string, string>] };
const [key] = keys;
const read = (...keys: object[]) => AdmissionKeys.safeParse(JSON.stringify({ keys }));

test('keys are read in their order, as the first one signs', () =>
  expect(read({ ...key, kid: '0001' }, key).data?.map(({ kid }) => kid)).toEqual(['0001', '7e57']));

test.each([
  ['none', []],
  ['one of another curve', [{ ...key, crv: 'X25519' }]],
  ['one whose name has five digits', [{ ...key, kid: '7e57a' }]],
  ['one whose name is no number', [{ ...key, kid: 'keys' }]],
  ['one without its private part', [{ ...key, d: undefined }]],
  ['one whose private part is cut off', [{ ...key, d: key['d']?.slice(1) }]],
  ['two of one name', [key, key]],
])('%s of them is refused with a sentence that repeats no value', (_what, wrong) => {
  const { error } = read(...wrong);
  expect(error?.issues[0]?.message).toMatch(/^must /);
  expect(JSON.stringify(error?.issues)).not.toContain(key['d']);
});
