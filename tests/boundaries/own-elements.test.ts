import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { root } from './planted.ts';

const RULE = 'translated/own-elements';
const eslint = new ESLint({ cwd: root });

/** How often the linter of this repository complains of it in a component of the pages. */
const complaints = async (jsx: string) => {
  const code = `import type { ReactNode } from 'react';
interface Props { name: string; count: number; open: boolean; children: ReactNode }
export function Planted({ name, count, open, children }: Props): ReactNode {
  return ${jsx};
}
`;
  const [result] = await eslint.lintText(code, { filePath: join(root, 'client/src/ui/parts.tsx') });
  expect(result!.fatalErrorCount).toBe(0);
  return result!.messages.filter(({ ruleId }) => ruleId === RULE).length;
};

test.each([
  ['<p>Now {name}</p>'],
  ['<p>{count} tickets</p>'],
  ['<p>{name}<b>!</b></p>'],
  ['<p>A text {open && <b>and more</b>}</p>'],
  ["<p>{open ? 'yes' : 'no'}{children}</p>"],
  ['<p>{open && <>or a <b>fragment</b></>}</p>'],
])('%s is refused: a translated page would not show what changes', async (jsx) => {
  expect(await complaints(jsx)).toBeGreaterThan(0);
});

test.each([
  ['<p>{`Now ${name}`}</p>'],
  ['<p><span>{count}</span> tickets</p>'],
  ['<p>{name}</p>'],
  ['<div>{open && <b>more</b>}{children}</div>'],
  ["<p>{open ? 'yes' : 'no'}</p>"],
])('%s is not', async (jsx) => {
  expect(await complaints(jsx)).toBe(0);
});
