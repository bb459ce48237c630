import { registerHooks } from 'node:module';
import { writeSync } from 'node:fs';

/** Preloaded by `node --import`: at its end a process names the packages that it loaded, in a last line. */
const packages = new Set<string>();
registerHooks({
  load(url, context, next) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)?.[1];
    if (name !== undefined) packages.add(name);
    return next(url, context);
  },
});
process.on('exit', () => {
  writeSync(1, `\n${JSON.stringify([...packages])}\n`);
});
