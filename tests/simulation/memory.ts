import { Aggregator, Query, update as applyUpdate } from 'mingo';
import type { Schema } from 'mongoose';
import type { Doc, Filter, FindOptions, Update } from '@ticketing/common/store';

export interface Index {
  keys: readonly string[];
  partial: Filter | undefined;
}

/** The primitive operations of a database under simulation, each atomic. */
export interface Backend {
  /** Takes a model's unique indexes into force. */
  declare(collection: string, schema: Schema): Promise<void>;
  find(collection: string, filter: Filter, options: FindOptions): Promise<Doc[]>;
  insert(collection: string, document: Doc): Promise<void>;
  /** Updates the first match in `sort` order, else in that of `_id`; resolves with it before and after. */
  update(
    collection: string,
    filter: Filter,
    update: Update,
    sort?: FindOptions['sort'],
  ): Promise<Updated | null>;
  remove(collection: string, filter: Filter): Promise<number>;
  /** Everything, for the checks; costs no step. */
  all(collection: string): Promise<Doc[]>;
  clear(): Promise<void>;
}

export interface Updated {
  before: Doc;
  after: Doc;
}

type Documents = Map<string, Doc>;

/**
 * A MongoDB in memory, as faithful as the services need: single-document atomicity, unique partial indexes over arrays,
 * and queries, updates and pipelines by mingo. `database.test.ts` holds it against the real one.
 */
export function memoryBackend(): Backend {
  const collections = new Map<string, Documents>();
  const indexes = new Map<string, Index[]>();
  const of = (collection: string): Documents => {
    let documents = collections.get(collection);
    if (!documents) collections.set(collection, (documents = new Map()));
    return documents;
  };

  const matching = (collection: string, filter: Filter, sort: FindOptions['sort'] = { _id: 1 }): Doc[] => {
    const documents = of(collection);
    const byId = typeof filter['_id'] === 'string' ? documents.get(filter['_id']) : undefined;
    const candidates = typeof filter['_id'] === 'string' ? (byId ? [byId] : []) : [...documents.values()];
    const query = new Query(filter as never);
    const found = candidates.filter((document) => query.test(document as never));
    return found.sort(inOrder(sort));
  };

  const guardUnique = (collection: string, document: Doc) => {
    for (const { keys, partial } of indexes.get(collection) ?? []) {
      const covered = partial ? new Query(partial as never) : undefined;
      if (covered && !covered.test(document as never)) continue;
      const entries = entriesOf(document, keys);
      for (const other of of(collection).values()) {
        if (other._id === document._id || (covered && !covered.test(other as never))) continue;
        if (entriesOf(other, keys).some((entry) => entries.includes(entry))) throw duplicate(keys);
      }
    }
  };

  return {
    declare(collection, schema) {
      indexes.set(collection, uniqueIndexes(schema));
      return Promise.resolve();
    },
    find(collection, filter, { sort, limit, projection }) {
      const found = matching(collection, filter, sort).slice(0, limit);
      return Promise.resolve(found.map((document) => project(clone(document), projection)));
    },
    insert(collection, document) {
      if (of(collection).has(document._id)) throw duplicate(['_id']);
      guardUnique(collection, document);
      of(collection).set(document._id, clone(document));
      return Promise.resolve();
    },
    update(collection, filter, update, sort) {
      const [before] = matching(collection, filter, sort);
      if (!before) return Promise.resolve(null);
      const after = changed(before, update);
      guardUnique(collection, after);
      of(collection).set(before._id, after);
      return Promise.resolve({ before: clone(before), after: clone(after) });
    },
    remove(collection, filter) {
      const found = matching(collection, filter);
      for (const { _id } of found) of(collection).delete(_id);
      return Promise.resolve(found.length);
    },
    all: (collection) => Promise.resolve([...of(collection).values()]),
    clear() {
      collections.clear();
      return Promise.resolve();
    },
  };
}

export const uniqueIndexes = (schema: Schema): Index[] =>
  schema.indexes().flatMap(([keys, options]) => {
    const { unique, partialFilterExpression } = options as {
      unique?: boolean;
      partialFilterExpression?: Filter;
    };
    return unique ? [{ keys: Object.keys(keys), partial: partialFilterExpression }] : [];
  });

export const duplicate = (keys: readonly string[]) =>
  Object.assign(new Error(`duplicate key: ${keys.join(', ')}`), {
    code: 11000,
    keyPattern: Object.fromEntries(keys.map((key) => [key, 1])),
  });

/** A document as an update leaves it. */
export const changed = (before: Doc, update: Update): Doc => {
  if (Array.isArray(update)) {
    const [after] = new Aggregator(update as never).run([clone(before) as never]) as unknown as Doc[];
    return after as Doc;
  }
  const after = clone(before);
  const { $setOnInsert: _, ...operators } = update as Record<string, unknown>;
  if (Object.keys(operators).length > 0) applyUpdate(after as never, operators as never);
  return after;
};

/** An index entry for each combination of the keys' values, as arrays are indexed by their elements. */
const entriesOf = (document: Doc, keys: readonly string[]): string[] =>
  keys.reduce<string[]>(
    (entries, key) =>
      entries.flatMap((entry) =>
        keysAt(document, key.split('.')).map((value) => `${entry}|${String(value)}`),
      ),
    [''],
  );

/** As mongod does: what is missing is null, and so is what an empty list would hold; an empty list itself is a key of its own. */
const keysAt = (value: unknown, path: readonly string[]): unknown[] => {
  const [key, ...rest] = path;
  if (Array.isArray(value)) {
    if (value.length === 0) return [key === undefined ? '[]' : null];
    return [...new Set(value.flatMap((one) => keysAt(one, path)))];
  }
  if (key === undefined) return [value ?? null];
  return keysAt((value as Record<string, unknown> | null | undefined)?.[key], rest);
};

/** An array stands where its least element does, or its greatest where the order descends; what is missing, first. */
const inOrder =
  (sort: NonNullable<FindOptions['sort']>) =>
  (one: Doc, other: Doc): number => {
    for (const [key, direction] of Object.entries(sort)) {
      const [a, b] = [one, other].map((document) => {
        const values = (valuesAt(document, key.split('.')) as (string | null | undefined)[]).filter(
          (value): value is string => value != null,
        );
        return values.reduce<string | undefined>(
          (end, value) => (end === undefined || (direction === 1 ? value < end : value > end) ? value : end),
          undefined,
        );
      });
      if (a === undefined || b === undefined) {
        if (a !== b) return a === undefined ? -direction : direction;
      } else if (a < b) return -direction;
      else if (b < a) return direction;
    }
    return 0;
  };

const valuesAt = (value: unknown, path: readonly string[]): unknown[] => {
  if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, path));
  const [key, ...rest] = path;
  return key === undefined ? [value] : valuesAt((value as Record<string, unknown> | undefined)?.[key], rest);
};

/** `'team.role': 1` keeps of `team` its `role` alone. */
const project = (document: Doc, projection: FindOptions['projection']): Doc => {
  if (!projection) return document;
  const including = Object.values(projection).includes(1);
  return Object.fromEntries(
    Object.entries(document).flatMap(([key, value]) => {
      const below = Object.entries(projection).flatMap(([path, kept]) =>
        path.startsWith(`${key}.`) ? [[path.slice(key.length + 1), kept] as const] : [],
      );
      if (below.length > 0) return [[key, within(value, Object.fromEntries(below))]];
      const isKept = including ? projection[key] === 1 : projection[key] !== 0;
      return key === '_id' || isKept ? [[key, value]] : [];
    }),
  ) as unknown as Doc;
};

const within = (value: unknown, projection: NonNullable<FindOptions['projection']>): unknown => {
  if (Array.isArray(value)) return value.map((one) => within(one, projection));
  return value !== null && typeof value === 'object' ? project(value as Doc, projection) : value;
};

/** A deep copy of what documents are made of. */
export const clone = <T>(value: T): T => {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date) return new Date(value) as T;
  if (Array.isArray(value)) return value.map(clone) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key];
    if (inner !== undefined) copy[key] = clone(inner);
  }
  return copy as T;
};
