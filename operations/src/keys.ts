import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

// It needs nothing but Node, as infra/k8s-prod/secrets and infra/k8s-dev/secrets run it where nothing is installed.

/** The keys of a suite, as its settings name them. */
export interface Keys {
  TOKEN_PUBLIC_KEYS: string;
  TOKEN_PRIVATE_KEYS: string;
  REFRESH_KEYS: string;
  ADMISSION_KEYS: string;
}
type TokenKeys = Omit<Keys, 'ADMISSION_KEYS'>;

interface Jwk {
  kid: string;
  kty: string;
  crv: string;
  x: string;
  y: string;
}
/** Of tickets' codes, with its private part. */
type CodeJwk = Omit<Jwk, 'y'> & { d: string };

const USAGE = `Usage: npm run keys -- new                                      prints the keys of a suite that has none
       npm run keys -- add|use|drop tokens|refresh|admissions    changes those in .local/, in three steps
       npm run keys -- replace tokens|refresh|admissions         at once, after a leak
       … -                                                       the same for NAME=VALUE lines: from input to output`;

/** Named by its thumbprint (RFC 7638). */
const pair = () => {
  const {
    kty = '',
    crv = '',
    x = '',
    y = '',
    d,
  } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
  }).privateKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { kid, kty, crv, x, y, d };
};
const secret = () => randomBytes(32).toString('hex');

const jwks = (keys: readonly object[]) => JSON.stringify({ keys });
const shown = ({ kid, kty, crv, x, y }: Jwk): Jwk => ({ kid, kty, crv, x, y });
const keysOf = <K = Jwk>(text: string) => (JSON.parse(text) as { keys: K[] }).keys;

const tokens = (known: readonly Jwk[], signing: readonly Jwk[]) => ({
  TOKEN_PUBLIC_KEYS: jwks(known.map(shown)),
  TOKEN_PRIVATE_KEYS: jwks(signing),
});

export const newKeys = (): TokenKeys => {
  const signing = [pair()];
  return { ...tokens(signing, signing), REFRESH_KEYS: secret() };
};

/** What signs the codes of tickets: a code names it by four digits, which no other one may have. */
const codePair = (others: readonly CodeJwk[] = []): CodeJwk => {
  const {
    kty = '',
    crv = '',
    x = '',
    d = '',
  } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const kid = randomBytes(2).toString('hex');
  return others.some((other) => other.kid === kid) ? codePair(others) : { kid, kty, crv, x, d };
};
export const newAdmissionKeys = (): string => jwks([codePair()]);

type Step = 'add' | 'use' | 'drop' | 'replace';
type Which = 'tokens' | 'refresh' | 'admissions';

/** Of a list whose first key makes, and of which all are good. */
const ofList = <Name extends 'REFRESH_KEYS' | 'ADMISSION_KEYS', Key>(
  name: Name,
  list: { read: (text: string) => Key[]; write: (keys: Key[]) => string; make: (others: Key[]) => Key },
): Record<Step, (keys: Keys) => Partial<Keys>> => {
  const two = (keys: Keys, refusal: string) => {
    const [first, second] = list.read(keys[name]);
    if (first === undefined || second === undefined) throw new Error(refusal);
    return [first, second] as const;
  };
  const told = (...keys: Key[]) => ({ [name]: list.write(keys) });
  return {
    add(keys) {
      const known = list.read(keys[name]);
      if (known.length > 1) throw new Error('There are two keys: use the second, or drop it');
      return told(...known, list.make(known));
    },
    use(keys) {
      const [first, second] = two(keys, 'There is no other key to use: add one first');
      return told(second, first);
    },
    drop: (keys) => told(two(keys, 'There is no key to drop')[0]),
    replace: () => told(list.make([])),
  };
};

/**
 * A key is added, so that everybody knows it before anything is made with it; used; and the one before is dropped once all
 * that it made is over. Each step is to be with every process before the next.
 */
export const CHANGES: Record<Which, Record<Step, (keys: Keys) => Partial<Keys>>> = {
  tokens: {
    add({ TOKEN_PUBLIC_KEYS, TOKEN_PRIVATE_KEYS }) {
      const [signing, waiting] = keysOf(TOKEN_PRIVATE_KEYS);
      if (!signing || waiting) throw new Error('A key is added already: use it first');
      const next = pair();
      return tokens([...keysOf(TOKEN_PUBLIC_KEYS), next], [signing, next]);
    },
    use({ TOKEN_PRIVATE_KEYS }) {
      const [, waiting] = keysOf(TOKEN_PRIVATE_KEYS);
      if (!waiting) throw new Error('There is no other key to use: add one first');
      return { TOKEN_PRIVATE_KEYS: jwks([waiting]) };
    },
    drop({ TOKEN_PUBLIC_KEYS, TOKEN_PRIVATE_KEYS }) {
      const signing = keysOf(TOKEN_PRIVATE_KEYS);
      if (signing.length > 1) throw new Error('The key that was added is not used yet: use it first');
      if (keysOf(TOKEN_PUBLIC_KEYS).length < 2) throw new Error('There is no key to drop');
      return tokens(signing, signing);
    },
    replace() {
      const signing = [pair()];
      return tokens(signing, signing);
    },
  },
  refresh: ofList('REFRESH_KEYS', {
    read: (text) => text.split(','),
    write: (secrets) => secrets.join(),
    make: secret,
  }),
  // With a key that is dropped, every code that it signed is dead.
  admissions: ofList('ADMISSION_KEYS', { read: keysOf<CodeJwk>, write: jwks, make: codePair }),
};

const NAMES = ['TOKEN_PUBLIC_KEYS', 'TOKEN_PRIVATE_KEYS', 'REFRESH_KEYS', 'ADMISSION_KEYS'] as const;

/** What the arguments ask for, of these keys: with those that stay. Throws a sentence when that cannot be. */
export function changed(keys: Partial<Keys>, [step = '', which = '']: readonly string[]): Partial<Keys> {
  if (step === 'new') return { ...newKeys(), ADMISSION_KEYS: newAdmissionKeys() };
  const change = (CHANGES as Record<string, Record<string, (keys: Keys) => Partial<Keys>>>)[which]?.[step];
  if (!change) throw new Error(USAGE);
  const needed = NAMES.filter((name) => (name === 'ADMISSION_KEYS') === (which === 'admissions'));
  // A suite of before has none for its tickets: the first one is made as after a leak.
  const isFirst = which === 'admissions' && step === 'replace';
  const missing = isFirst ? [] : needed.filter((name) => !keys[name]);
  if (missing.length > 0) throw new Error(`To change them it needs ${missing.join(', ')}`);
  const there = NAMES.filter((name) => keys[name]).map((name) => [name, keys[name]] as const);
  return { ...(Object.fromEntries(there) as Partial<Keys>), ...change(keys as Keys) };
}

const parse = (text: string): Partial<Keys> =>
  Object.fromEntries(text.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
const lines = (keys: Partial<Keys>) =>
  Object.entries(keys)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

/** Changes the keys of this machine's suite, or with `-` those that come as lines; new ones are printed. */
export async function keys(args: readonly string[], say: (line: string) => void): Promise<void> {
  const [step = '', which] = args;
  if (step === 'new' || args.includes('-')) {
    const given = step === 'new' ? '' : readFileSync(0, 'utf8');
    say(lines(changed(parse(given), args)).trimEnd());
    return;
  }
  const [{ homeOf, portOf }, { readSecrets, writeSecrets }] = await Promise.all([
    import('./running.ts'),
    import('./secrets.ts'),
  ]);
  const home = homeOf(portOf(process.env));
  const kept = await readSecrets(home);
  await writeSecrets(home, { ...kept, ...changed(kept, args) });
  say(`${step} ${which}: done in ${home}/secrets.json; it counts from the next start on.`);
}

if (import.meta.main) {
  await keys([...process.argv.slice(2), '-'], (line) => process.stdout.write(`${line}\n`)).catch(
    (error: unknown) => {
      process.stderr.write(`${(error as Error).message}\n`);
      process.exitCode = 1;
    },
  );
}
