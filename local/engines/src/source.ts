/** What a source hands over: a program in a folder that is kept as it is, and the version if it cannot say it itself. */
export type Fetched = { file: string; version?: string };

export type FetchContext = {
  /** An empty folder of its own, removed afterwards. */
  into: string;
  env: NodeJS.ProcessEnv;
  /** Says what is being done right now. */
  step: (text: string) => void;
};

/** One way to get an engine. `spec` names what is fetched, pins included: the cache keeps only what a current spec made. */
export type Source = {
  from: string;
  spec: string;
  fetch: (context: FetchContext) => Promise<Fetched>;
};

/** The pins are per machine, as in `linux-x64`. */
export const MACHINE = `${process.platform}-${process.arch}`;
