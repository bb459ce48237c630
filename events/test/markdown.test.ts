import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wrongMarkdown } from '../src/markdown.ts';

test.each([
  'Plain words, 5 < 6 & 7 > 2',
  '# Title\n\n## Under it\n\nTitle\n=====',
  'Some *emphasis*, **more** and __that__.  \nA new line',
  '- one\n- two\n  1. three\n  2. four',
  '[site](https://example.com/a?b=c), <https://example.com>, [mail](mailto:a@example.com), [old](http://example.com "so")',
  '[by name][site]\n\n[site]: https://example.com',
  String.raw`1\. not a list, \<b> not a tag`,
  '',
])('%j is a description', (text) => {
  expect(wrongMarkdown(text)).toBeUndefined();
});

test.each([
  ['a <b>bold</b> word', 'HTML', 1],
  ['well\n\n<script>alert(1)</script>', 'HTML', 3],
  ['well\nthen <img src=x onerror=alert(1)>', 'HTML', 2],
  ['<!-- hidden -->', 'HTML', 1],
  ['<iframe\nsrc="https://example.com">', 'HTML', 1],
  ['![picture](https://example.com/a.png)', 'picture', 1],
  ['a\n\n[x](javascript:alert(1))', 'links', 3],
  ['[x](JaVaScRiPt:alert(1))', 'links', 1],
  ['[x](javascript&#58;alert(1))', 'links', 1],
  ['[x](&#106;avascript:alert(1))', 'links', 1],
  ['[x](data:text/html;base64,PHNjcmlwdD4=)', 'links', 1],
  ['[x](vbscript:x)', 'links', 1],
  ['[x](//example.com)', 'links', 1],
  ['[x](/path)', 'links', 1],
  ['<javascript:alert(1)>', 'links', 1],
  ['[x][y]\n\n[y]: javascript:alert(1)', 'links', 1],
  ['- one\n- two [x](file:///etc/passwd)', 'links', 2],
  ['> said', 'quotation', 1],
  ['a\n\n***', 'rule', 3],
  ['```\ncode\n```', 'code', 1],
  ['    code', 'code', 1],
  ['some `code`', 'code', 1],
])('%j is refused for its %s in line %i', (text, what, line) => {
  const wrong = wrongMarkdown(text);
  expect(wrong).toContain(what);
  expect(wrong).toContain(`(line ${line})`);
});

describe('whatever stands around it', () => {
  const line = fc.stringMatching(/^[a-z *_#.-]{0,20}$/);
  const around = fc.tuple(fc.array(line), fc.array(line));

  test.each(['<script>alert(1)</script>', '![x](https://a.b/c)', '[x](javascript:alert(1))', '<a href="x">'])(
    'a paragraph of %s is refused',
    (bad) => {
      fc.assert(
        fc.property(around, ([before, after]) => {
          const text = [...before, '', 'x', '', bad, '', ...after].join('\n');
          expect(wrongMarkdown(text)).toBeDefined();
        }),
      );
    },
  );

  test('words of letters and digits are a description', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[A-Za-z0-9äöüß,. ]{1,40}$/).map((text) => `x${text}`)),
        (lines) => {
          expect(wrongMarkdown(lines.join('\n'))).toBeUndefined();
        },
      ),
    );
  });

  test('nothing that is typed ends in an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        wrongMarkdown(text);
      }),
    );
  });
});
