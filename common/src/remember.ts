/** Keeps a value as the newest of so many; the one that was kept longest ago goes. */
export const remember = <V>(kept: Map<string, V>, key: string, value: V, most: number): void => {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > most && oldest !== undefined) kept.delete(oldest);
};
