import { isDuplicate, type Doc, type Store } from './store.ts';

/** Another service's thing as this service last heard of it. */
export interface Replica extends Doc {
  version: number;
}

type State = { id: string; version: number } & Record<string, unknown>;

/**
 * Takes an event's state when it is newer than what is here, in any order and however often it comes
 * (event-carried state transfer). A first duplicate key can mean that another process inserted at the same
 * moment: the update is tried again; only a second one means *older*. The whole state takes the place of the one
 * before, so that what the owner took away goes here too. Resolves with whether it was news.
 */
export async function replicate<T extends Replica>(
  store: Store<T>,
  { id, ...state }: State,
): Promise<boolean> {
  const newer = () =>
    store.updateOne(
      { _id: id, version: { $lt: state.version } },
      [{ $replaceWith: { $literal: { _id: id, ...state } } }],
      { upsert: true },
    );
  for (const last of [false, true]) {
    try {
      const { matched, upserted } = await newer();
      return matched > 0 || upserted;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      if (last) return false;
    }
  }
  return false;
}
