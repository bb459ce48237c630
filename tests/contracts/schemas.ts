import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { broken, generated, RELEASED, stale } from './generated.ts';

// `npm run schemas`: writes what is generated from the contracts. `--check` writes nothing and fails on a difference.
// `--release`: from now on compatibility is measured against these contracts. Refuses what breaks those before, but
// for new values of an enum, which readers must know first: deploy all readers before any writer sends one.

const root = join(import.meta.dirname, '../..');
const [option] = process.argv.slice(2);

const fail = (what: string, lines: readonly string[]) => {
  console.error([what, ...lines.map((line) => `  ${line}`)].join('\n'));
  process.exitCode = 1;
};

const write = async () => {
  const outdated = await stale(root);
  const wanted = await generated(root);
  for (const path of outdated) {
    const content = wanted.get(path);
    await mkdir(dirname(join(root, path)), { recursive: true });
    if (content === undefined) await rm(join(root, path));
    else await writeFile(join(root, path), content);
    console.log(`${content === undefined ? 'removed' : 'wrote'} ${path}`);
  }
  console.log(`${wanted.size} files, ${outdated.length} changed`);
};

const release = async () => {
  const changes = await broken(root, { newValues: true });
  if (changes.length > 0) return fail('Not released. Make a new event instead of changing these:', changes);
  await write();
  for (const path of (await generated(root)).keys()) {
    if (path.startsWith('common/schemas/')) {
      await cp(join(root, path), join(root, path.replace('common/schemas', RELEASED)));
    }
  }
  console.log('Released. If an enum grew, deploy all readers before any writer sends the new value.');
};

if (option === '--check') {
  const outdated = await stale(root);
  const changes = await broken(root);
  if (outdated.length > 0) fail('Not as the contracts say; run `npm run schemas`:', outdated);
  if (changes.length > 0) fail('Breaks what is released:', changes);
} else if (option === '--release') await release();
else if (option === undefined) await write();
else fail(`Unknown option ${option}: --check, --release or none`, []);
