const told = new Map<string, number>();
const AGAIN = 600_000;

/** Tells the operator, now and then, that this server and a service have different keys, or clocks that differ too far. */
export function differ(what: 'clocks' | 'keys', service: string, detail: string): void {
  const topic = `${what} ${service}`;
  if (Date.now() - (told.get(topic) ?? -Infinity) < AGAIN) return;
  told.set(topic, Date.now());
  const line = { level: 40, time: Date.now(), name: 'client', service, msg: `${what} differ: ${detail}` };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

export const clocksDiffer = (service: string, detail: string): void => differ('clocks', service, detail);
