import { readFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

const WANTED =
  /\/(auth|events|tickets|orders|payments|expiration|admissions)\/src\/(domain(\/[\w-]+)?|handlers)\.ts$/;

/** Branches that no simulated world leads to, and why they are there. */
const ELSEWHERE: readonly (readonly [text: string, why: string])[] = [
  ['?? order.updatedAt', 'orders completed before completedAt was kept'],
  ["case 'complete': return givenBack", 'a refund made by hand at Stripe'],
  ["return reject('invalid', 'An order needs a ticket'", 'the route asks for one ticket at least'],
  ["? ''", 'a cancelled order without a reason'],
];

/** Watches which branches of each service's rules and handlers are reached; `missed` names those that were not. */
export async function watchBranches(): Promise<{ missed(): Promise<string[]> }> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  return {
    async missed() {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      session.disconnect();
      const lines: string[] = [];
      for (const { url, functions } of result) {
        const file = WANTED.exec(url)?.[0]?.slice(1);
        if (file === undefined) continue;
        const source = await readFile(fileURLToPath(url), 'utf8');
        for (const { startOffset, endOffset, count } of functions.flatMap(({ ranges }) => ranges)) {
          const text = source.slice(startOffset, endOffset).trim().replace(/\s+/g, ' ');
          // The end of a block that always returns is a range of its own, and says nothing.
          if (count > 0 || /^[;})\]\s,]*$/.test(text)) continue;
          if (ELSEWHERE.some(([start]) => text.startsWith(start))) continue;
          lines.push(`${file}:${source.slice(0, startOffset).split('\n').length}  ${text.slice(0, 80)}`);
        }
      }
      return lines;
    },
  };
}
