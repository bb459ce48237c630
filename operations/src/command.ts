import { ConfigError } from '@ticketing/common/config';

/** What a command prints for people; what it gives on standard output is its result. */
export const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};

/** Runs the command that the first argument names; what is told in a sentence is printed without its stack. */
export async function runCommand(
  commands: Record<string, (args: readonly string[]) => Promise<unknown>>,
  [name = '', ...args]: readonly string[],
): Promise<void> {
  const command = commands[name];
  if (!command) {
    say(`Unknown command ${name || '(none)'}. There are: ${Object.keys(commands).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  // Whoever reads, `head` for one, has seen enough: the status that a shell gives for SIGPIPE.
  process.stdout.on('error', () => process.exit(141));
  await command(args).catch((error: unknown) => {
    const known = error instanceof ConfigError || (error instanceof Error && error.constructor === Error);
    process.stderr.write(`\n${known ? error.message : String((error as Error).stack ?? error)}\n`);
    process.exit(1);
  });
}
