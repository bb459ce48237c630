const told = new Map<string, number>();
const AGAIN = 600_000;

/** Tells the operator, now and then, that this server's clock and a service's differ so far that tokens are refused. */
export function clocksDiffer(service: string, detail: string): void {
  if (Date.now() - (told.get(service) ?? -Infinity) < AGAIN) return;
  told.set(service, Date.now());
  const line = { level: 40, time: Date.now(), name: 'client', service, msg: `clocks differ: ${detail}` };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
