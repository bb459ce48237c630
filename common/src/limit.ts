/**
 * Runs at most `width` of the given tasks at the same time, the others wait in order of arrival. Source: bulkhead
 * (Nygard, Release It!). The promise is the task's own.
 */
export const limit = (width: number) => {
  const waiting: (() => void)[] = [];
  let running = 0;
  const turn = () =>
    new Promise<void>((resolve) => (running < width ? (running++, resolve()) : waiting.push(resolve)));
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else running--;
  };
  return async <T>(task: () => Promise<T>): Promise<T> => {
    await turn();
    try {
      return await task();
    } finally {
      leave();
    }
  };
};
