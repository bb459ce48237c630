import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { styleText } from 'node:util';
import { Listr, type ListrTaskWrapper, type DefaultRenderer, type SimpleRenderer } from 'listr2';

const checks = ['typecheck', 'lint', 'format:check', 'boundaries', 'schemas:check', 'knip', 'audit'];

/** Some mirrors of the registry know no advisories: nothing is learned then, neither good nor bad. */
const noAdvisories = /audit endpoint returned an error|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN/;

const root = join(import.meta.dirname, '..');
const run = (name: string) =>
  new Promise<{ ok: boolean; output: string }>((resolve) => {
    const options = {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, NO_COLOR: '1', npm_config_loglevel: 'warn' },
    };
    execFile('npm', ['run', name], options, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: (stdout + stderr).trim() });
    });
  });

const failures: { name: string; output: string }[] = [];
let unchecked = 0;

const check = async (
  name: string,
  task: ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>,
) => {
  const start = performance.now();
  const { ok, output } = await run(name);
  const time = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  if (ok) {
    task.title = `${name}: ok, ${time}`;
  } else if (name === 'audit' && noAdvisories.test(output)) {
    unchecked += 1;
    task.skip('audit: NOT CHECKED, the npm registry in use answers no questions about advisories');
  } else {
    failures.push({ name, output });
    throw new Error(`${name}: failed, ${time}`);
  }
};

await new Listr(
  checks.map((name) => ({
    title: name,
    task: (_: unknown, task: Parameters<typeof check>[1]) => check(name, task),
  })),
  { concurrent: 2, exitOnError: false, fallbackRenderer: 'simple' },
).run();

for (const { name, output } of failures) console.error(`\n${styleText('bold', name)}\n${output}`);
console.log(
  `\n${checks.length - failures.length - unchecked} passed, ${failures.length} failed, ${unchecked} not checked`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
