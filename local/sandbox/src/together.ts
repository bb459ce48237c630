/** What may be written later is, in milliseconds: lost in a crash, it is done again. */
const LATER = 500;

/** One write at a time, of all that has come since the one before began. */
export function together(write: (ids: string[]) => Promise<void>) {
  let waiting = new Set<string>();
  let writing = new Set<string>();
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const start = () =>
    (next ??= running
      .catch(() => undefined)
      .then(() => {
        writing = waiting;
        waiting = new Set();
        next = undefined;
        running = write([...writing]).finally(() => (writing = new Set()));
        return running;
      }));
  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    await (waiting.size > 0 ? start() : running);
  };
  return {
    flush,
    isWaiting: (id: string) => waiting.has(id),
    /** What is known of it is in the database. */
    async written(id: string): Promise<void> {
      await (waiting.has(id) ? start() : writing.has(id) && running);
    },
    save(id: string): Promise<void> {
      waiting.add(id);
      return start();
    },
    saveLater(id: string): void {
      waiting.add(id);
      timer ??= setTimeout(() => {
        flush().catch((error: unknown) => console.error('sandbox:', error));
      }, LATER);
    },
  };
}
