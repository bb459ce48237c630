/** Between two tries, in milliseconds: at first, and at most, as a part of an older release may never come. */
const PAUSE = 2000;
const LONGEST_PAUSE = 60_000;

/** A part that is loaded after its page: the server may be away just then, so it is asked for until it comes. */
export const loaded = <T>(load: () => Promise<T>, onFailure = () => {}, pause = PAUSE): Promise<T> =>
  load().catch(async () => {
    onFailure();
    await new Promise((resolve) => setTimeout(resolve, pause));
    return loaded(load, onFailure, Math.min(2 * pause, LONGEST_PAUSE));
  });
