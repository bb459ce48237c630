import type { Connection, Schema } from 'mongoose';
import type { Draft } from './contracts/message.ts';

export interface Doc {
  _id: string;
}

/** A collection's name, shape and indexes; the indexes are the rules that the database itself guarantees. */
export interface Model<T extends Doc> {
  readonly name: string;
  readonly schema: Schema;
  /** Names of indexes that an earlier release made; they go when those of the schema stand. */
  readonly former?: readonly string[];
  /** Only in the type: what a document of this model is. */
  readonly document?: T;
}

/** A model whose every write is announced as an event, in that same write. */
export interface RecordModel<T extends Doc> extends Model<T> {
  /** The event that tells the world this document's present state; undefined while nobody is to know of it. */
  announce(document: T): Draft | undefined;
}

export const defineModel = <T extends Doc>(name: string, schema: Schema): Model<T> => ({ name, schema });

/** MongoDB's query and update languages; what goes into them was parsed at the edge. */
export type Filter = Readonly<Record<string, unknown>>;
export type Update = Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[];

export interface FindOptions {
  sort?: Record<string, 1 | -1>;
  limit?: number;
  projection?: Record<string, 0 | 1>;
  /** Only what most members have, so that no failover takes it back; else what the primary has. */
  readConcern?: 'majority';
}

export interface UpdateResult {
  matched: number;
  upserted: boolean;
}

/**
 * The operations that the services use on a collection, each one step: atomic on a single document,
 * and the seam at which a simulation takes over. Documents are plain objects, as the driver gives them; those that
 * were read may be shared with others who asked at the same time, so never change one.
 */
export interface Store<T extends Doc> {
  readonly name: string;
  findOne(filter: Filter, options?: Omit<FindOptions, 'limit'>): Promise<T | null>;
  find(filter: Filter, options?: FindOptions): Promise<T[]>;
  count(filter: Filter, limit?: number): Promise<number>;
  /** Throws a duplicate-key error (`isDuplicate`) when a unique index forbids it. */
  insert(document: T): Promise<void>;
  /** Changes the first match and returns it as it is afterwards. */
  findOneAndUpdate(
    filter: Filter,
    update: Update,
    options?: { sort?: FindOptions['sort'] },
  ): Promise<T | null>;
  updateOne(filter: Filter, update: Update, options?: { upsert?: boolean }): Promise<UpdateResult>;
  updateMany(filter: Filter, update: Update): Promise<number>;
  deleteMany(filter: Filter): Promise<number>;
  /** Sums up many documents where they are, for reports: what it finds decides nothing. */
  aggregate(pipeline: readonly Filter[]): Promise<unknown[]>;
  /** Tails inserts and updates; `resumeAfter` is a token that an earlier change carried. */
  watch(options: WatchOptions): ChangeFeed<T>;
}

export interface WatchOptions {
  /** Only updates that set one of these fields; inserts always. */
  fields: readonly string[];
  /** Fields of the documents that nobody needs. */
  without?: readonly string[];
  resumeAfter?: string;
  /** Start this far in the past. */
  since?: Date;
  /** Called whenever the database answered, twice a second at least: nothing that is older is unknown. */
  heard?(): void;
}

export interface Change<T> {
  /** Sorts as text in the order of the changes, the same in every process; begins with the second. */
  token: string;
  document: T;
}

/** Sorts after the tokens of what changed before that second, and before those of what changed in it or later. */
export const placeAt = (second: Date): string =>
  `82${Math.floor(second.getTime() / 1000)
    .toString(16)
    .toUpperCase()
    .padStart(8, '0')}`;

/**
 * Gives what changed within a quarter of a second together, and a change that comes after a rest at once. However many there
 * are, they are taken in turns with the rest of the process.
 */
export interface ChangeFeed<T> extends AsyncIterable<Change<T>> {
  close(): Promise<void>;
}

/** One service's database. */
export interface Database {
  /** The connection itself, where there is one, for libraries that keep their own collections. */
  readonly connection?: Connection;
  store<T extends Doc>(model: Model<T>): Store<T>;
  /** Resolves when the indexes of every model stand; rejects while the database cannot be reached. */
  prepare(): Promise<void>;
  /** Resolves with the database's clock. */
  ping(): Promise<Date>;
  close(): Promise<void>;
}

/** Whether a unique index refused a write. */
export const isDuplicate = (error: unknown): boolean => (error as { code?: unknown }).code === 11000;

/** Whether `error` says that the database cannot be reached or did not answer in time: nobody's mistake, worth a retry. */
export const isOutage = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const { errorLabels, code } = error as { errorLabels?: string[]; code?: unknown };
  if (code === 'EPIPE') return true; // the driver wrote to a socket that the database had just ended
  if (!error.name.startsWith('Mongo')) return false;
  return (
    OUTAGES.test(error.name) ||
    OUTAGE_CODES.has(code) ||
    (errorLabels ?? []).some((label) => label.startsWith('Retryable'))
  );
};

const OUTAGES =
  /Network|ServerSelection|NotConnected|TopologyClosed|PoolCleared|WaitQueueTimeout|OperationTimeout|PoolClosed|ClientClosed/;
/** Too late, shutting down, or no longer the primary: told of one write among many, these come without a label. */
const OUTAGE_CODES = new Set<unknown>([50, 91, 189, 10107, 11600, 11602, 13435, 13436]);
