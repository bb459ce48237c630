import { describe, expect, test } from '@jest/globals';
import { Email, NewEmail, shownEmail } from '../src/email.ts';

describe('an address is one account, however it is written:', () => {
  test.each([
    ['  Ann@Example.COM ', 'ann@example.com'],
    ['a&b@example.com', 'a&b@example.com'],
    ['o/hare@example.com', 'o/hare@example.com'],
    ["!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"],
    ['ann+shop@mail.example.co.uk', 'ann+shop@mail.example.co.uk'],
    ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
    ['ann@BÜCHER.example', 'ann@xn--bcher-kva.example'],
    ['ann@bu\u0308cher.example', 'ann@xn--bcher-kva.example'],
    ['ann@xn--bcher-kva.example', 'ann@xn--bcher-kva.example'],
    ['ann@例え。テスト', 'ann@xn--r8jz45g.xn--zckzah'],
    ['jörg@example.com', 'jörg@example.com'],
    ['JO\u0308RG@example.com', 'jörg@example.com'],
    ['用户@例子.广告', '用户@xn--fsqu00a.xn--4rr70v'],
    ['"ann"@example.com', 'ann@example.com'],
    ['"John Doe"@example.com', '"john doe"@example.com'],
    ['"a@b"@example.com', '"a@b"@example.com'],
    ['"a\\"b\\c"@example.com', '"a\\"bc"@example.com'],
    ['ann@123.example', 'ann@123.example'],
    ['a@b.co', 'a@b.co'],
  ])('%j is %j', (given, address) => {
    expect(NewEmail.parse(given)).toBe(address);
    expect(NewEmail.parse(shownEmail(address))).toBe(address);
  });
});

describe('what no mail server delivers to is refused:', () => {
  test.each([
    '',
    'ann',
    '@example.com',
    'ann@',
    'ann@localhost',
    'a b@example.com',
    'a..b@example.com',
    '.a@example.com',
    'a.@example.com',
    'a@b@example.com',
    'a<b@example.com',
    'ann@[192.0.2.1]',
    'ann@192.0.2.1',
    'ann@0x7f.1',
    'ann@-a.example',
    'ann@a-.example',
    'ann@a_b.example',
    'ann@a..example',
    'ann@example.com.',
    'ann@ex%61mple.com',
    'ann@example.com/path',
    `ann@${'a'.repeat(64)}.example`,
    '""@example.com',
    '"a@example.com',
    '"a"b@example.com',
    '\ud800@example.com',
  ])('%j', (given) => {
    expect(NewEmail.safeParse(given).error?.issues.map(({ message }) => message)).toEqual([
      'must be an e-mail address',
    ]);
  });

  test.each([
    ['\u200b', 'U+200B'],
    ['\u00ad', 'U+00AD'],
    ['\u202e', 'U+202E'],
    ['\u2066', 'U+2066'],
    ['\ufeff', 'U+FEFF'],
    ['\u3164', 'U+3164'],
    ['\u00a0', 'U+00A0'],
    ['\u0000', 'U+0000'],
    ['\n', 'U+000A'],
    ['\u{e0041}', 'U+E0041'],
  ])('the invisible character %j, wherever it is', (hidden, name) => {
    for (const given of [`a${hidden}nn@example.com`, `ann@exam${hidden}ple.com`, `"a${hidden}b"@example.com`])
      expect(NewEmail.safeParse(given).error?.issues[0]?.message).toBe(
        `holds an invisible character (${name})`,
      );
  });

  test('one that is too long, in bytes; who has had a long one signs in', () => {
    const long = `${'ö'.repeat(33)}@example.com`;
    expect(NewEmail.safeParse(long).error?.issues[0]?.message).toBe(
      'must have at most 64 characters before the @',
    );
    expect(Email.parse(long)).toBe(long);
    const tooLong = `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(10)}.com`;
    expect(Email.safeParse(tooLong).error?.issues[0]?.message).toMatch(/^must /);
  });
});

test.each([
  ['ann@xn--bcher-kva.example', 'ann@bücher.example'],
  ['ann@example.com', 'ann@example.com'],
  ['"a@b"@xn--bcher-kva.example', '"a@b"@bücher.example'],
  ['of ben', 'of ben'],
])('%j is shown as %j', (address, shown) => expect(shownEmail(address)).toBe(shown));
