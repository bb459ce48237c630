import { registerHooks } from 'node:module';
import { MUTANTS } from './mutants.ts';

/** Loaded before everything else: plants the mutant that `MUTANT` names into the source as it is read. */
const mutant = MUTANTS.find(({ name }) => name === process.env['MUTANT']);
if (!mutant) throw new Error(`There is no mutant ${process.env['MUTANT']}`);

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith(`/${mutant.file}`)) return loaded;
    const source = [mutant, ...(mutant.also ? [mutant.also] : [])].reduce(
      (text, change) => {
        const parts = text.split(change.old);
        if (parts.length !== 2)
          throw new Error(`${mutant.name}: ${parts.length - 1} places fit in ${mutant.file}`);
        return parts.join(change.new);
      },
      Buffer.from(loaded.source as Uint8Array).toString(),
    );
    return { ...loaded, source };
  },
});
