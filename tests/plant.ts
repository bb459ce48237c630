import { registerHooks } from 'node:module';

/** A change of the source: `old` stands in the file exactly once. */
export interface Change {
  file: string;
  old: string;
  new: string;
}

/** Plants changes into the source as it is read. To be called by a preload, before anything else is loaded. */
export function plant(changes: readonly Change[]): void {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const here = changes.filter(({ file }) => url.endsWith(`/${file}`));
      if (here.length === 0) return loaded;
      const source = here.reduce(
        (text, change) => {
          const parts = text.split(change.old);
          if (parts.length !== 2)
            throw new Error(`${change.file}: ${parts.length - 1} places read ${change.old}`);
          return parts.join(change.new);
        },
        Buffer.from(loaded.source as Uint8Array).toString(),
      );
      return { ...loaded, source };
    },
  });
}
